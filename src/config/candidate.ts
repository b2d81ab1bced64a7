/**
 * Where a configuration lies that is to be tried out: in the state directory, which is root's to
 * write, so that nothing of it has to cross from the guard to the broker.
 *
 * `vedette apply` leaves it there for as long as it asks; the broker takes it from there once.
 */
import { closeSync, openSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { OperationalError } from "../errors.ts";

/** Its name in the state directory. */
export const CANDIDATE_FILE = "candidate.conf";

/** Its name's, beside it. */
export const CANDIDATE_NAME_FILE = "candidate.name";

/** Where both sides look for it. */
export function candidatePathOf(stateDirectory: string): string {
  return join(stateDirectory, CANDIDATE_FILE);
}

/** Where what is on trial is kept when it could not be confirmed over an edited file. */
export function unconfirmedPathOf(stateDirectory: string): string {
  return join(stateDirectory, "unconfirmed.conf");
}

/** Where it is said how whoever tries it out calls it: the lines that a log has name his file. */
export function candidateNamePathOf(stateDirectory: string): string {
  return join(stateDirectory, CANDIDATE_NAME_FILE);
}

/**
 * Leaves it for the broker, for its owner's eyes alone.
 * @param name of the file, as it was given.
 * @throws {OperationalError} ERR_PERMISSION when the caller may not, ERR_UNAVAILABLE for every other
 * reason; then nothing is left.
 */
export function leaveCandidate(stateDirectory: string, bytes: Uint8Array, name: string): void {
  const path = candidatePathOf(stateDirectory);
  try {
    leaveFile(candidateNamePathOf(stateDirectory), name);
    leaveFile(path, bytes);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const mayNot = code === "EACCES" || code === "EPERM";
    if (!mayNot) dropCandidate(stateDirectory);
    throw new OperationalError(
      mayNot ? "ERR_PERMISSION" : "ERR_UNAVAILABLE",
      mayNot
        ? `${path} may not be written: ask as root, and with the guard's own --state`
        : `${path}: ${message}; is this the guard's own --state?`,
      { cause: error },
    );
  }
}

/** Nothing is left of it. May be called again. */
export function dropCandidate(stateDirectory: string): void {
  rmSync(candidatePathOf(stateDirectory), { force: true });
  rmSync(candidateNamePathOf(stateDirectory), { force: true });
}

function leaveFile(path: string, content: Uint8Array | string): void {
  rmSync(path, { force: true });
  // "wx" follows no link that somebody laid.
  const descriptor = openSync(path, "wx", 0o600);
  try {
    writeFileSync(descriptor, content);
  } finally {
    closeSync(descriptor);
  }
}
