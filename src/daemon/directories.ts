/**
 * The places that a guard lives in: made at the start, each with the owner that it must have.
 *
 * A run directory that cannot be made ends the start, because nobody could speak to the guard. A
 * state directory that cannot be made costs the memory of bans, and no more.
 */
import { chmodSync, chownSync, mkdirSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Configuration } from "../config/load.ts";
import { isSystemError, OperationalError } from "../errors.ts";
import type { HealthTracker } from "../health/tracker.ts";
import { writeGuardPlaces } from "./guard-places.ts";
import type { UnprivilegedUser } from "./privileges.ts";

/**
 * Makes both. The run directory is the broker's, the state directory holds the broker's trust file,
 * and the journal in it belongs to the guard: it may write nothing else.
 * @param user whom the journal belongs to; undefined: others make its folder.
 */
export function makeDirectories(
  run: string,
  state: string,
  user: UnprivilegedUser | undefined,
  health: HealthTracker,
): void {
  const journal = join(state, "journal");
  try {
    makeDirectory(run);
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? String(error);
    throw new OperationalError(
      "ERR_UNAVAILABLE",
      `the directory ${run} cannot be made (${reason}): choose another with --run`,
      { cause: error },
    );
  }
  try {
    if (user === undefined) {
      makeDirectory(state);
      return;
    }
    makeDirectory(journal);
    chmodSync(journal, 0o750);
    if (process.getuid?.() === 0) chownSync(journal, user.uid, user.gid);
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? String(error);
    health.raise(
      "state-unwritable",
      "warning",
      `The state directory ${state} cannot be made or written (${reason}): nothing outlives this run.`,
      "Bans go on; choose another with --state, or make room.",
    );
  }
}

/** Tells the commands that work without a guard which files this one goes by. */
export function leaveWord(
  { path, values, texts, sources }: Configuration,
  stateDirectory: string,
  health: HealthTracker,
): void {
  const isNamed = sources.IGNORE_FILE !== "default";
  const ignore = values.IGNORE_FILE === undefined ? {} : { path: values.IGNORE_FILE };
  const fault = writeGuardPlaces(stateDirectory, {
    configPath: path,
    ignoreFile: { ...ignore, isNamed },
    modes: { tcp: texts.TCP_MODE, udp: texts.UDP_MODE },
  });
  if (fault === undefined) return;
  const action = "Bans go on; make room there, or choose another directory with --state.";
  health.raise("state-unwritable", "warning", `${fault}.`, action);
}

/**
 * Makes the state directory for a command, as a guard would; does nothing where it stands.
 * @throws {OperationalError} ERR_JOURNAL when it cannot be made.
 */
export function requireStateDirectory(path: string): void {
  try {
    makeDirectory(path);
  } catch (error) {
    if (!isSystemError(error)) throw error;
    const message = `the state directory ${path} cannot be made: ${error.code ?? error.message}`;
    throw new OperationalError("ERR_JOURNAL", message, { cause: error });
  }
}

/** Step by step: Node's own way with parents never comes back where one cannot be made (/proc). */
function makeDirectory(path: string): void {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) return;
  if (dirname(path) !== path) makeDirectory(dirname(path));
  mkdirSync(path);
  // Whatever mask it was started with, the guard's user must get through.
  chmodSync(path, 0o755);
}
