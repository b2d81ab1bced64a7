/** Tries the laid out package on the machine that builds it, where the processor is the same. */
import { join } from "node:path";
import { nativeFiles } from "../carried-files.ts";
import type { FileTree } from "../file-tree.ts";
import type { Cpu } from "../lock-file.ts";
import { runTool } from "../run-tool.ts";
import { CONFFILE, PROGRAM_DIRECTORY } from "./package-tree.ts";

/**
 * Starts the packed program with its own Node, and has it load its native code: what was left out
 * of the package shows here, and not on somebody's server.
 */
export function proveThatItStarts(tree: FileTree, cpu: Cpu): void {
  const program = join(tree.root, PROGRAM_DIRECTORY);
  runTool(join(program, "bin/vedette"), ["config", "check", "-c", join(tree.root, CONFFILE)], {
    cwd: "/",
  });
  runTool(
    join(program, "node_modules", nativeFiles(cpu)[0]),
    ["--eval", "require('koffi').load(null)"],
    { cwd: program },
  );
}
