/**
 * Which files of node_modules the Debian package carries.
 *
 * What runs, and nothing else: of koffi neither the sources nor the script that would compile them,
 * of Node neither headers nor manuals. A name that is not listed is left out, so that a new version
 * of a dependency cannot bring a program into the package unseen; the test of the built package
 * runs it, and so notices what is missing.
 */
import type { Cpu } from "./lock-file.ts";

/** What Node loads. */
const MODULE = /\.(?:js|cjs|mjs)$/;

/** Native code, by processor: Node itself and the binary of koffi for glibc. */
export function nativeFiles(cpu: Cpu): readonly [node: string, koffi: string] {
  return [`node-linux-${cpu}/bin/node`, `@koromix/koffi-linux-${cpu}/linux_${cpu}/koffi.node`];
}

/**
 * koffi's own installation script, which looks for a compiler when its binary is missing, and what
 * its authors generate their sources with.
 */
const BUILD_TOOL = /^koffi\/(?:cnoke|src\/koffi\/src\/trampolines)\.cjs$/;

/** @param path below node_modules: "zod/index.js". */
export function isCarried(path: string, cpu: Cpu): boolean {
  if (path.startsWith(".") || BUILD_TOOL.test(path)) return false;
  if (nativeFiles(cpu).includes(path)) return true;
  return MODULE.test(path) || /(?:^|\/)package\.json$/.test(path);
}
