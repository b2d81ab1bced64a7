/**
 * Takes everything away that a guard has made: its table, its socket, its state.
 *
 * What is removed is named file by file, so that a directory that was given by mistake keeps what
 * is not ours. The journal's directory is the guard's, and a process that a guard has left behind
 * may change it at this very moment: nothing in it is walked, and its files are removed with that
 * user's rights, so that a link laid there leads to nothing that is not his already.
 */
import { lstatSync, readdirSync, rmdirSync, unlinkSync } from "node:fs";
import { join } from "node:path";
import { CANDIDATE_FILE, CANDIDATE_NAME_FILE } from "../config/candidate.ts";
import { isSystemError, OperationalError } from "../errors.ts";
import type { Nftables } from "../kernel/nftables.ts";
import { TABLE } from "../kernel/table-sets.ts";
import { isAnsweredOn } from "../kernel/unix-listener.ts";
import { API_READ_TOKEN_FILE, API_TOKEN_FILE } from "./api-token.ts";
import { asUser } from "./as-user.ts";
import { GUARD_FILE } from "./guard-places.ts";
import { LEDGER_FILE } from "./legacy-parts.ts";
import { LOCK_FILE } from "./state-lock.ts";
import { findListenedGroup } from "./table-keeper.ts";

/** Where the guard keeps its things. */
export interface OfflinePlaces {
  readonly runDirectory: string;
  readonly stateDirectory: string;
}

/** What lies in the journal's directory: SQLite's files, those that were set aside, and memory. */
const JOURNAL_FILE =
  /^(?:(?:journal|history)\.sqlite(?:-wal|-shm|\.corrupt-[^/]*)?|sources\.saved(?:\.new)?)$/;

/** What lies in the run directory, pid files of a `portsentry` that has crashed included. */
const RUN_FILES = [
  "api.sock",
  "join.sock",
  "portsentry.pid",
  ...["tcp", "stcp", "atcp", "udp", "sudp", "audp"].map((mode) => `portsentry-${mode}.pid`),
] as const;

/** What the privileged process keeps in the state directory; a purge of the Debian package knows it, too. */
export const STATE_FILES: readonly string[] = [
  ...[API_TOKEN_FILE, `${API_TOKEN_FILE}.new`],
  ...[API_READ_TOKEN_FILE, `${API_READ_TOKEN_FILE}.new`],
  ...["trusted", "trusted.new", GUARD_FILE, `${GUARD_FILE}.new`, CANDIDATE_FILE],
  ...[CANDIDATE_NAME_FILE, LOCK_FILE],
  // Only when everything in it was undone.
  ...[LEDGER_FILE, `${LEDGER_FILE}.damaged`, `${LEDGER_FILE}.untrusted`],
];

/** @throws {OperationalError} ERR_REFUSED while a guard runs: by its log group or by its socket. */
export function requireNoGuard({ runDirectory }: OfflinePlaces): void {
  if (findListenedGroup() === undefined && !isAnsweredOn(join(runDirectory, "api.sock"))) return;
  throw new OperationalError(
    "ERR_REFUSED",
    "a guard is running and would put it all back: stop it first (Ctrl-C where it runs, or SIGTERM)",
  );
}

/**
 * Takes the table out of the kernel.
 * @throws {OperationalError} ERR_KERNEL when the kernel keeps it.
 */
export function removeTable(nftables: Pick<Nftables, "run">): string {
  const outcome = nftables.run(`delete table ${TABLE}`);
  if (outcome.status === "ok") return `the table ${TABLE}, and every ban and hold in it`;
  throw new OperationalError("ERR_KERNEL", `${TABLE} cannot be removed: ${outcome.reason}`);
}

/**
 * Removes sockets and pid files, and their directory when nothing else is in it.
 * @returns what is gone.
 */
export function removeRunFiles({ runDirectory }: Pick<OfflinePlaces, "runDirectory">): string[] {
  const removed = RUN_FILES.map((name) => join(runDirectory, name)).filter(removeFile);
  removeIfEmpty(runDirectory);
  return removed;
}

/**
 * Removes the journal and what the privileged process keeps, and their directory when nothing else
 * is in it.
 * @returns what is gone.
 */
export function removeState({ stateDirectory }: Pick<OfflinePlaces, "stateDirectory">): string[] {
  const journal = join(stateDirectory, "journal");
  const removed = [
    ...(removeJournal(journal) ? [journal] : []),
    ...STATE_FILES.map((name) => join(stateDirectory, name)).filter(removeFile),
  ];
  removeIfEmpty(stateDirectory);
  return removed;
}

/**
 * Removes a directory when nothing is in it; does nothing where there is none, or no directory.
 * @returns whether it was removed.
 */
export function removeIfEmpty(path: string): boolean {
  return isDone(() => rmdirSync(path), ["ENOENT", "ENOTEMPTY", "EBUSY", "ENOTDIR"]);
}

/** @returns whether the directory was there and is gone. */
function removeJournal(path: string): boolean {
  const owner = lstatSync(path, { throwIfNoEntry: false });
  if (owner === undefined || !owner.isDirectory()) return false;
  asUser(owner, () => {
    for (const name of readdirSync(path)) if (JOURNAL_FILE.test(name)) removeFile(join(path, name));
  });
  return removeIfEmpty(path);
}

/** @returns whether it was there; a directory of that name is none of ours, and stays. */
function removeFile(path: string): boolean {
  return isDone(() => unlinkSync(path), ["ENOENT", "ENOTDIR", "EISDIR", "EPERM"]);
}

/** @returns false when the system refuses with one of `expected`; other refusals are thrown. */
function isDone(act: () => void, expected: readonly string[]): boolean {
  try {
    act();
    return true;
  } catch (error) {
    if (!isSystemError(error) || !expected.includes(error.code ?? "")) throw error;
    return false;
  }
}
