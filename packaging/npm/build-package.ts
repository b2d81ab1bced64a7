/**
 * The archive for `npm install --global --ignore-scripts FILE`: the compiled program, and a
 * shrinkwrap, so that npm takes exactly what the lock file has, each archive checked against its
 * hash, and Node with it.
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { FileTree } from "../file-tree.ts";
import { readLockEntries } from "../lock-file.ts";
import { putProgram, readManifest } from "../program.ts";
import { runTool } from "../run-tool.ts";
import { describeShrinkwrap } from "./shrinkwrap.ts";

export interface NpmBuild {
  readonly epochSeconds: number;
  readonly outDirectory: string;
  readonly compiled: string;
  readonly work: string;
  /** Text of the bill of materials. */
  readonly sbom: string;
}

/** @returns the path of the archive. */
export function buildNpmPackage(root: string, build: NpmBuild): string {
  const tree = new FileTree(join(build.work, "npm-tree"));
  putProgram(tree, ".", root, build.compiled);
  for (const name of [
    "README.md",
    "CHANGELOG.md",
    "SECURITY.md",
    "LICENSE",
    "examples/vedette.conf",
  ]) {
    tree.copy(join(root, name), name);
  }
  tree.write("npm-shrinkwrap.json", describeShrinkwrap(readManifest(root), readLockEntries(root)));
  tree.write("vedette.cdx.json", build.sbom);
  tree.settle(build.epochSeconds);
  mkdirSync(build.outDirectory, { recursive: true });
  const options = ["--ignore-scripts", "--silent", "--pack-destination", build.outDirectory];
  const name = runTool("npm", ["pack", ...options], { cwd: tree.root }).trim();
  return join(build.outDirectory, name);
}
