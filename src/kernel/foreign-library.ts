/**
 * Loads shared libraries through koffi, on first use and not before.
 *
 * Importing this room must work everywhere (replay and `config check` never touch the kernel), so
 * that koffi's native part is loaded only when the first function of a library is wanted.
 */
import { createRequire } from "node:module";
import { OperationalError } from "../errors.ts";

type Koffi = typeof import("koffi");

export type { KoffiFunc as ForeignFunction, LibraryHandle as ForeignLibrary } from "koffi";

let loadedKoffi: Koffi | undefined;

/**
 * The FFI module itself.
 * @throws {OperationalError} ERR_UNAVAILABLE when its binary does not load on this machine.
 */
export function loadKoffi(): Koffi {
  if (loadedKoffi !== undefined) return loadedKoffi;
  try {
    loadedKoffi = createRequire(import.meta.url)("koffi") as Koffi;
    return loadedKoffi;
  } catch (cause) {
    throw new OperationalError(
      "ERR_UNAVAILABLE",
      "koffi does not load on this machine: run `npm ci` again, with optional dependencies; " +
        "without it only replay and the configuration commands work",
      { cause },
    );
  }
}

/**
 * Opens a shared library by its file name, or for null the running program, which has the C
 * library.
 * @throws {OperationalError} ERR_UNAVAILABLE with `remedy` when it is not installed.
 */
export function loadLibrary(fileName: string | null, remedy: string) {
  const koffi = loadKoffi();
  try {
    return koffi.load(fileName);
  } catch (cause) {
    throw new OperationalError("ERR_UNAVAILABLE", remedy, { cause });
  }
}
