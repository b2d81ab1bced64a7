/**
 * The file beside the journal with what is remembered of sources, as bytes that the detector makes.
 *
 * It is replaced whole, so that a crash or a full disk leaves the old one. It is a memory and no
 * record: without it the guard goes on, and slow scanners have a new start.
 */
import { readFileSync, renameSync, statSync, unlinkSync, writeFileSync } from "node:fs";
import { isSystemError } from "../errors.ts";

/** Its name in the journal's directory; with ".new" behind it while it is written. */
export const SOURCES_FILE = "sources.saved";

export type SourcesReading =
  | { readonly status: "read"; readonly bytes: Uint8Array }
  | { readonly status: "absent" }
  | { readonly status: "unreadable"; readonly reason: string };

/** @param maxBytes a longer file is not read. */
export function readSourcesFile(path: string, maxBytes: number): SourcesReading {
  try {
    const { size } = statSync(path);
    if (size > maxBytes) return { status: "unreadable", reason: `it has ${size} bytes` };
    return { status: "read", bytes: readFileSync(path) };
  } catch (error) {
    if (!isSystemError(error)) throw error;
    if (error.code === "ENOENT") return { status: "absent" };
    return { status: "unreadable", reason: error.message };
  }
}

/** @returns why it could not be written; undefined when it was. */
export function writeSourcesFile(path: string, bytes: Uint8Array): string | undefined {
  const newPath = `${path}.new`;
  try {
    writeFileSync(newPath, bytes, { mode: 0o600 });
    renameSync(newPath, path);
    return undefined;
  } catch (error) {
    if (!isSystemError(error)) throw error;
    removeFile(newPath);
    return error.message;
  }
}

function removeFile(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    // It takes room and nothing else, and the next writing begins with it.
    if (!isSystemError(error)) throw error;
  }
}
