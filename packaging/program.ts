/**
 * The program as a package carries it: compiled, with its launchers and a package.json that says
 * no more than running it needs.
 *
 * Compiled, because Node takes types away from no file below a node_modules directory, and because
 * a command starts in half the time (docs/decisions/0012-packages.md).
 */
import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type FileTree, listFiles } from "./file-tree.ts";
import { bundledPackages, readLockEntries } from "./lock-file.ts";
import { runTool } from "./run-tool.ts";

/** What package.json says, as far as packages ask. */
export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly license: string;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly optionalDependencies: Readonly<Record<string, string>>;
  readonly [field: string]: unknown;
}

/** Fields of package.json that a package keeps; what is for development goes. */
const KEPT_FIELDS = [
  "name",
  "version",
  "description",
  "license",
  // It keeps `npm publish` from publishing what was only meant to be installed.
  "private",
  "type",
  "engines",
  "bin",
  "dependencies",
  "optionalDependencies",
] as const;

export function readManifest(root: string): Manifest {
  return JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
}

/** Text of the package.json that is packaged. */
export function packagedManifest(manifest: Manifest): string {
  const kept = KEPT_FIELDS.filter((field) => field in manifest);
  const fields = Object.fromEntries(kept.map((field) => [field, manifest[field]]));
  return `${JSON.stringify(fields, undefined, 2)}\n`;
}

/** Names of all packages that package.json asks for. */
export function directNeeds(manifest: Manifest): string[] {
  return Object.keys({ ...manifest.dependencies, ...manifest.optionalDependencies });
}

/** Compiles the sources of the checkout at `root` into `outDir`, and the dashboard below it. */
export function compileProgram(root: string, outDir: string): void {
  const compiler = join(root, "node_modules/.bin/tsc");
  runTool(compiler, ["-p", "tsconfig.build.json", "--outDir", outDir], { cwd: root });
  buildDashboard(root, join(outDir, "dashboard"));
}

/** Builds the page, with the licences of what it is built of beside it. */
function buildDashboard(root: string, outDir: string): void {
  const config = ["--config", "packaging/dashboard/vite.config.ts", "--outDir", outDir];
  const vite = [join(root, "node_modules/vite/bin/vite.js"), "build", ...config];
  runTool(process.execPath, vite, { cwd: root });
  const licences = bundledPackages(readLockEntries(root)).map(
    ({ name, version, path }) =>
      `${name} ${version}\n\n${readFileSync(join(root, path, "LICENSE"), "utf8").trim()}\n`,
  );
  writeFileSync(join(outDir, "LICENCES"), licences.join("\n\n"));
}

/** Puts the compiled program, its launchers and its package.json below `directory` of the tree. */
export function putProgram(
  tree: FileTree,
  directory: string,
  root: string,
  compiled: string,
): void {
  for (const path of listFiles(compiled)) {
    if (path.endsWith(".js") || path.startsWith("dashboard/"))
      tree.copy(join(compiled, path), join(directory, "dist", path));
  }
  for (const launcher of readdirSync(join(root, "bin")).sort()) {
    tree.copy(join(root, "bin", launcher), join(directory, "bin", launcher), true);
  }
  tree.write(join(directory, "package.json"), packagedManifest(readManifest(root)));
}

/**
 * Installs what the lock file has for this processor into `directory`, without running anything of
 * it. npm checks each archive against its hash in the lock file.
 */
export function installDependencies(root: string, directory: string, cpu: string): void {
  mkdirSync(directory, { recursive: true });
  for (const file of ["package.json", "package-lock.json"]) {
    copyFileSync(join(root, file), join(directory, file));
  }
  const platform = ["--os=linux", `--cpu=${cpu}`, "--libc=glibc"];
  const quiet = ["--no-audit", "--no-fund", "--loglevel=error"];
  runTool("npm", ["ci", "--omit=dev", "--ignore-scripts", ...platform, ...quiet], {
    cwd: directory,
  });
}
