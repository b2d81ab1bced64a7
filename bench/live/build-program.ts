/**
 * Vedette as its packages install it: compiled, with the checkout's npm packages beside it.
 *
 * The sources would be measured with Node taking their types away at each start, which costs time and
 * memory that no operator pays.
 */
import { symlinkSync } from "node:fs";
import { join, resolve } from "node:path";
import { FileTree } from "../../packaging/file-tree.ts";
import { compileProgram, putProgram } from "../../packaging/program.ts";

const ROOT = resolve(import.meta.dirname, "../..");

/** Builds it below `place`. @returns the path of its command. @throws {Error} with what a tool said. */
export function buildProgram(place: string): string {
  const compiled = join(place, "compiled");
  compileProgram(ROOT, compiled);
  const tree = new FileTree(join(place, "vedette"));
  putProgram(tree, "", ROOT, compiled);
  symlinkSync(join(ROOT, "node_modules"), join(tree.root, "node_modules"));
  return join(tree.root, "bin/vedette");
}
