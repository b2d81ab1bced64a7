/**
 * Gives memory back to the system that this process holds and does not use.
 *
 * What a burst of work has needed stays with a process: the engine keeps room for young objects at
 * the size that the burst took, and the C library keeps what was freed below what was not. After a
 * million bans were brought back that is most of what a process holds.
 */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { type ForeignFunction, loadLibrary } from "./foreign-library.ts";

type Collect = (options: { readonly type: "major"; readonly flavor: "last-resort" }) => void;

/** malloc_trim(3); undefined where the C library has none. */
let trim: ForeignFunction<(keptBytes: number) => number> | undefined;
let isTrimLoaded = false;

/** Takes some 100 ms, in which this process does nothing else: for a quiet moment. */
export function giveBackMemory(): void {
  // Node hands the collector out by this flag alone, and a context made without it has none. It is
  // not kept, because its whole context would stay with it.
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as Collect;
  setFlagsFromString("--no-expose-gc");
  collect({ type: "major", flavor: "last-resort" });
  if (!isTrimLoaded) trim = loadTrim();
  isTrimLoaded = true;
  trim?.(0);
}

function loadTrim(): typeof trim {
  const libc = loadLibrary(null, "the C library offers nothing");
  try {
    return libc.func("int malloc_trim(size_t)");
  } catch {
    // Only glibc has it: musl gives back by itself.
    return undefined;
  }
}
