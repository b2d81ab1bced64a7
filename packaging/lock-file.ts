/**
 * What package-lock.json says about the packages that the program runs on.
 *
 * Everything that is packaged, listed or described is taken from here, so that no list can say
 * something else than what `npm ci` installs.
 */
import { readFileSync } from "node:fs";

/** Processor, in npm's words. */
export type Cpu = "x64" | "arm64";

/** One package of the lock file. */
export interface LockedPackage {
  /** Its directory in a checkout: "node_modules/koffi". */
  readonly path: string;
  readonly name: string;
  readonly version: string;
  /** SPDX expression, as its author gives it. */
  readonly license: string;
  /** "sha512-" and the hash of its archive, in base64. */
  readonly integrity: string;
  /** Whether npm would run a script of it at its installation, if it were let. */
  readonly hasInstallScript: boolean;
  /** Names of what it needs, whether or not the lock file has that for this processor. */
  readonly needs: readonly string[];
}

/** One entry of `packages`, as npm writes it (docs.npmjs.com, package-lock.json, "packages"). */
export interface LockEntry {
  readonly version?: string;
  readonly license?: string;
  readonly integrity?: string;
  readonly resolved?: string;
  readonly dev?: boolean;
  readonly hasInstallScript?: boolean;
  readonly os?: string | readonly string[];
  readonly cpu?: string | readonly string[];
  readonly libc?: string | readonly string[];
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

export type LockEntries = Readonly<Record<string, LockEntry>>;

const PREFIX = "node_modules/";

/** The entries of the lock file of the checkout at `root`, its own under "". */
export function readLockEntries(root: string): LockEntries {
  return JSON.parse(readFileSync(`${root}/package-lock.json`, "utf8")).packages;
}

/**
 * What a Linux machine with glibc and this processor gets without development packages, by path.
 * @param cpu undefined: any processor.
 */
export function productionPackages(entries: LockEntries, cpu: Cpu | undefined): LockedPackage[] {
  return Object.entries(entries)
    .filter(([path, entry]) => path !== "" && entry.dev !== true)
    .filter(([, { os, cpu: cpus, libc }]) => {
      const isForCpu =
        cpu === undefined ? allows(cpus, "x64") || allows(cpus, "arm64") : allows(cpus, cpu);
      return allows(os, "linux") && allows(libc, "glibc") && isForCpu;
    })
    .map(([path, entry]) => describeEntry(path, entry))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** Packages whose code or font is part of the built dashboard, and which nothing loads by itself. */
const BUNDLED = ["@fontsource-variable/inter", "preact", "uplot"] as const;

/** What the dashboard is built of, by path; packages for development, because the build has them. */
export function bundledPackages(entries: LockEntries): LockedPackage[] {
  return BUNDLED.map((name) => {
    const path = `${PREFIX}${name}`;
    const entry = entries[path];
    if (entry === undefined) throw new Error(`package-lock.json has no ${name}`);
    // Nothing else comes along: they have no dependencies that they need.
    return { ...describeEntry(path, entry), needs: [] };
  });
}

/** An exclusion ("!win32") is none that we have met, and is not guessed at. */
function allows(allowed: string | readonly string[] | undefined, wanted: string): boolean {
  const words = typeof allowed === "string" ? [allowed] : (allowed ?? [wanted]);
  if (words.some((word) => word.startsWith("!"))) {
    throw new Error(`package-lock.json: exclusions are not understood: ${words.join(", ")}`);
  }
  return words.includes(wanted);
}

function describeEntry(path: string, entry: LockEntry): LockedPackage {
  const { version, license, integrity, hasInstallScript } = entry;
  if (version === undefined || license === undefined || integrity === undefined) {
    throw new Error(`package-lock.json: ${path} lacks its version, license or integrity`);
  }
  return {
    path,
    name: path.slice(path.lastIndexOf(PREFIX) + PREFIX.length),
    version,
    license,
    integrity,
    hasInstallScript: hasInstallScript === true,
    needs: Object.keys({
      ...entry.dependencies,
      ...entry.optionalDependencies,
      ...entry.peerDependencies,
    }).sort(),
  };
}
