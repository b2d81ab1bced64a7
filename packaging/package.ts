/**
 * `npm run package`: makes the packages of this checkout, in dist/.
 *
 *   npm run package                     Debian packages for amd64 and arm64, and one for npm
 *   npm run package -- --only arm64     one of amd64, arm64, npm
 *   npm run package -- --revision 2     0.1.0-2 instead of 0.1.0-1
 *
 * Needs npm, git, and dpkg-deb for the Debian packages. Two runs at one commit make the same bytes
 * where npm's, dpkg's and xz's versions are the same: the time in them is that of the commit, or
 * SOURCE_DATE_EPOCH.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { buildPackage } from "./debian/build-package.ts";
import { layOutPackage } from "./debian/package-tree.ts";
import { proveThatItStarts } from "./debian/prove-start.ts";
import {
  bundledPackages,
  type Cpu,
  type LockedPackage,
  productionPackages,
  readLockEntries,
} from "./lock-file.ts";
import { buildNpmPackage } from "./npm/build-package.ts";
import { compileProgram, directNeeds, installDependencies, readManifest } from "./program.ts";
import { runTool } from "./run-tool.ts";
import { describeSbom } from "./sbom.ts";

const ARCHITECTURES = { amd64: "x64", arm64: "arm64" } as const satisfies Record<string, Cpu>;
type Architecture = keyof typeof ARCHITECTURES;

const ROOT = resolve(import.meta.dirname, "..");

interface Build {
  readonly epochSeconds: number;
  readonly version: string;
  readonly revision: string;
  readonly outDirectory: string;
  readonly compression: "xz" | "none";
  /** Where the compiled program lies. */
  readonly compiled: string;
  /** For this build alone. */
  readonly work: string;
}

/** Seconds since 1970 of SOURCE_DATE_EPOCH, or of the commit that is checked out. */
function sourceDateEpochSeconds(): number {
  const text =
    process.env["SOURCE_DATE_EPOCH"] ||
    runTool("git", ["log", "-1", "--format=%ct"], { cwd: ROOT }).trim();
  if (!/^\d{1,10}$/.test(text))
    throw new Error(`SOURCE_DATE_EPOCH: ${text} is no number of seconds`);
  return Number(text);
}

function buildDebianPackage(architecture: Architecture, build: Build): string[] {
  const { work, version, revision, epochSeconds, outDirectory, compression } = build;
  const cpu = ARCHITECTURES[architecture];
  const installed = join(work, `${cpu}-modules`);
  installDependencies(ROOT, installed, cpu);
  const packages = productionPackages(readLockEntries(ROOT), cpu);
  const sbom = describeBill(build, packages);
  const debVersion = `${version}-${revision}`;
  const tree = layOutPackage(join(work, `${cpu}-tree`), {
    root: ROOT,
    cpu,
    version: debVersion,
    epochSeconds,
    compiled: build.compiled,
    modules: join(installed, "node_modules"),
    packages,
    sbom,
  });
  if (process.arch === cpu) proveThatItStarts(tree, cpu);
  const deb = buildPackage(tree, {
    root: ROOT,
    version: debVersion,
    architecture,
    epochSeconds,
    outDirectory,
    compression,
  });
  return [deb, writeBill(deb, sbom)];
}

/** For whichever processor and machine: npm chooses when it installs. */
function buildForNpm(build: Build): string[] {
  const sbom = describeBill(build, productionPackages(readLockEntries(ROOT), undefined));
  const archive = buildNpmPackage(ROOT, { ...build, sbom });
  return [archive, writeBill(archive, sbom)];
}

function describeBill(build: Build, packages: readonly LockedPackage[]): string {
  const manifest = readManifest(ROOT);
  const { version, license } = manifest;
  const sourceDateEpochSeconds = build.epochSeconds;
  const bundled = bundledPackages(readLockEntries(ROOT));
  const needs = [...directNeeds(manifest), ...bundled.map(({ name }) => name)];
  const all = [...packages, ...bundled].sort((a, b) => (a.path < b.path ? -1 : 1));
  return describeSbom({ version, license, sourceDateEpochSeconds, needs }, all);
}

/** Puts a bill of materials beside its package, too. @returns its path. */
function writeBill(packagePath: string, sbom: string): string {
  const path = packagePath.replace(/\.(?:deb|tgz)$/, ".cdx.json");
  writeFileSync(path, sbom);
  return path;
}

function main(): void {
  const { values } = parseArgs({
    options: {
      only: { type: "string", multiple: true, default: [...Object.keys(ARCHITECTURES), "npm"] },
      revision: { type: "string", default: "1" },
      out: { type: "string", default: join(ROOT, "dist") },
      compression: { type: "string", default: "xz" },
    },
  });
  const { compression, revision } = values;
  if (compression !== "xz" && compression !== "none") throw new Error("--compression: xz or none");
  if (!/^[0-9a-z.+~]+$/.test(revision))
    throw new Error(`--revision: ${revision} is none of dpkg's`);
  const work = mkdtempSync(join(tmpdir(), "vedette-package-"));
  try {
    const compiled = join(work, "compiled");
    compileProgram(ROOT, compiled);
    const build: Build = {
      epochSeconds: sourceDateEpochSeconds(),
      version: readManifest(ROOT).version,
      revision,
      outDirectory: resolve(values.out),
      compression,
      compiled,
      work,
    };
    for (const what of values.only) {
      for (const path of buildOne(what, build)) process.stdout.write(`${path}\n`);
    }
  } finally {
    rmSync(work, { recursive: true });
  }
}

function buildOne(what: string, build: Build): string[] {
  if (what === "npm") return buildForNpm(build);
  if (what === "amd64" || what === "arm64") return buildDebianPackage(what, build);
  throw new Error(`--only: ${what} is none of amd64, arm64, npm`);
}

main();
