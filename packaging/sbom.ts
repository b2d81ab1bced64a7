/**
 * The bill of materials of a package, in CycloneDX 1.6 (ECMA-424): what is in it, in which version,
 * by whose licence, and the hash of the archive that it was taken from.
 *
 * Made of the lock file, and not by `npm sbom`, because that writes the time, a random number and
 * npm's own version, knows nothing of Node, lists what other processors would get, and (11.19, with
 * `--omit dev`) leaves out what a development package asks for as well, as knip does for zod. There
 * is no serial number: two builds of one commit are one document.
 */
import type { LockedPackage } from "./lock-file.ts";

export interface SbomSubject {
  readonly version: string;
  readonly license: string;
  /** Seconds since 1970; the time of the commit. */
  readonly sourceDateEpochSeconds: number;
  /** Names that package.json asks for. */
  readonly needs: readonly string[];
}

const NODE_PACKAGE = /^node-linux-/;

/** Text of the document, which ends with a newline. */
export function describeSbom(subject: SbomSubject, packages: readonly LockedPackage[]): string {
  const ownRef = `pkg:npm/vedette@${subject.version}`;
  const refs = new Map(packages.map((each) => [each.name, purlOf(each.name, each.version)]));
  const refsOf = (names: readonly string[]): string[] =>
    names.flatMap((name) => refs.get(name) ?? []).sort();
  const document = {
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    version: 1,
    metadata: {
      timestamp: new Date(subject.sourceDateEpochSeconds * 1000).toISOString(),
      component: {
        type: "application",
        "bom-ref": ownRef,
        name: "vedette",
        version: subject.version,
        licenses: [{ license: { id: subject.license } }],
        purl: ownRef,
      },
    },
    components: packages.map(describeComponent),
    dependencies: [
      { ref: ownRef, dependsOn: refsOf(subject.needs) },
      ...packages.map(({ name, version, needs }) => ({
        ref: purlOf(name, version),
        dependsOn: refsOf(needs),
      })),
    ],
  };
  return `${JSON.stringify(document, undefined, 2)}\n`;
}

/** purl-spec, type npm: the at sign of a scope is percent-encoded. */
function purlOf(name: string, version: string): string {
  return `pkg:npm/${name.replace(/^@/, "%40")}@${version}`;
}

function describeComponent({ name, version, license, integrity }: LockedPackage) {
  const purl = purlOf(name, version);
  const component = {
    type: "library",
    "bom-ref": purl,
    name,
    version,
    hashes: [{ alg: "SHA-512", content: hexOf(integrity) }],
    licenses: [{ license: { id: license } }],
    purl,
  };
  // Advisories name Node, and not the npm package that it came in.
  return NODE_PACKAGE.test(name)
    ? { ...component, components: [describeNode(version)] }
    : component;
}

function describeNode(version: string) {
  return {
    type: "application",
    "bom-ref": `pkg:generic/node@${version}`,
    name: "node",
    version,
    cpe: `cpe:2.3:a:nodejs:node.js:${version}:*:*:*:*:*:*:*`,
    purl: `pkg:generic/node@${version}`,
  };
}

/** Subresource Integrity, as the lock file has it, to hexadecimal digits. */
function hexOf(integrity: string): string {
  const [algorithm, base64] = integrity.split("-", 2);
  if (algorithm !== "sha512" || base64 === undefined) {
    throw new Error(`package-lock.json: ${integrity} is no SHA-512`);
  }
  return Buffer.from(base64, "base64").toString("hex");
}
