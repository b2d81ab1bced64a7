/** npm-shrinkwrap.json of the npm package: the lock file without what is for development. */
import type { LockEntries } from "../lock-file.ts";
import type { Manifest } from "../program.ts";

/** Text of the file. It has the packages of every platform, as npm chooses among them. */
export function describeShrinkwrap(manifest: Manifest, entries: LockEntries): string {
  const { name, version, license, bin, engines, dependencies, optionalDependencies } = manifest;
  const own = { name, version, license, dependencies, bin, engines, optionalDependencies };
  const kept = Object.entries(entries).filter(([path, { dev }]) => path !== "" && dev !== true);
  const document = {
    name,
    version,
    lockfileVersion: 3,
    requires: true,
    packages: { "": own, ...Object.fromEntries(kept) },
  };
  return `${JSON.stringify(document, undefined, 2)}\n`;
}
