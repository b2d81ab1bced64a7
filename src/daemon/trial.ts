/**
 * `vedette apply`: another configuration is in force until somebody says in time that it may stay;
 * else the former one comes back by itself.
 *
 * The file of the configuration is not touched before that: whatever ends in the middle, be it the
 * guard, the broker or the machine, the next start reads the former one. What was tried is kept in
 * memory, so that what is confirmed is what was in force, whoever writes a candidate meanwhile. One
 * trial at a time. A guard that has been taken over can begin one of a file that root has left, and
 * confirm it: it chooses no word of it. A file that somebody has edited since is not overwritten.
 */
import { realpathSync, rmSync, statSync } from "node:fs";
import { replaceFile } from "../broker/replace-file.ts";
import { type FileReading, isOwnersOnly, readFile } from "../broker/trust/text-file.ts";
import {
  candidateNamePathOf,
  candidatePathOf,
  dropCandidate,
  unconfirmedPathOf,
} from "../config/candidate.ts";
import type { Configuration } from "../config/load.ts";
import { isSystemError } from "../errors.ts";
import type { Outcome } from "../model/order.ts";
import type { ReloadOutcome } from "../model/reload.ts";
import { Confirmation } from "./confirmation.ts";
import type { Events } from "./events.ts";
import type { Reloader } from "./reloader.ts";

/** How long (ms) until it is tried again to put back what the machine did not go along with. */
const AGAIN_MS = 5000;

/** PATH_MAX of linux/limits.h: a longer name opens no file. */
const MOST_NAME_BYTES = 4096;

/** Owner of what this process writes for root alone. */
const OURS = { uid: process.geteuid?.() ?? 0, gid: process.getegid?.() ?? 0 };

export interface TrialParts {
  readonly stateDirectory: string;
  readonly reloader: Pick<
    Reloader,
    "configuration" | "reload" | "tryOut" | "putBack" | "refusal" | "isClosed"
  >;
  readonly events: Pick<Events, "note">;
  /** Told of every configuration that is being put in force, whoever asked for it. */
  readonly onReload: (outcome: Promise<ReloadOutcome>) => void;
  /** When a trial begins or ends: until when it has to be confirmed. */
  readonly onChange: (byEpochMs: number | undefined) => void;
}

interface Waiting {
  readonly confirmation: Confirmation;
  /** The file that was tried, as it was. */
  readonly bytes: Uint8Array;
  /** The file of the configuration as it was when the trial began. */
  readonly ownFile: FileReading;
}

export class Trial {
  readonly #parts: TrialParts;
  #waiting: Waiting | undefined;
  /** What is being put back, and again until the machine goes along. */
  #overdue: Configuration | undefined;
  #isBeginning = false;
  #again: NodeJS.Timeout | undefined;

  constructor(parts: TrialParts) {
    this.#parts = parts;
  }

  /** Until when it has to be confirmed; undefined while nothing is tried. */
  get byEpochMs(): number | undefined {
    return this.#waiting?.confirmation.byEpochMs;
  }

  /**
   * Puts the candidate in force for `withinMs`, if it has no fault. Refused while another trial
   * waits. Never rejects for what an operator can write or a machine refuse.
   */
  async apply(withinMs: number): Promise<ReloadOutcome> {
    const { reloader, stateDirectory } = this.#parts;
    if (this.#isBeginning || this.#waiting !== undefined || this.#overdue !== undefined) {
      const text = "another configuration is on trial: confirm it, or wait until it has gone";
      return reloader.refusal(text);
    }
    const path = candidatePathOf(stateDirectory);
    const file = readFile(path);
    if (file.status !== "read") {
      return reloader.refusal(
        file.status === "absent" ? `${path}: there is no such file` : file.reason,
      );
    }
    if (!isOwnersOnly(file.stats)) {
      return reloader.refusal(`${path}: it can be written by others than root`);
    }
    const former = reloader.configuration;
    const ownFile = readFile(former.path);
    this.#isBeginning = true;
    try {
      // What was read, because the file may be another one a moment later.
      const name = nameOf(stateDirectory) ?? path;
      const outcome = await this.#telling(reloader.tryOut(name, file.bytes.toString("utf8")));
      if (outcome.status === "reloaded") {
        this.#begin(withinMs, former, { bytes: file.bytes, ownFile });
        this.#tellBegun(name);
      }
      return outcome;
    } finally {
      this.#isBeginning = false;
      dropCandidate(stateDirectory);
    }
  }

  /**
   * Keeps what is on trial: the file of the configuration becomes it, whole or not at all, with the
   * owner and the mode that it has. Refused where somebody has edited it since the trial began: what
   * is on trial then lies in the state directory. @returns undefined when nothing is on trial.
   */
  confirm(): Outcome | undefined {
    if (this.#waiting === undefined) return undefined;
    const { confirmation, bytes, ownFile } = this.#waiting;
    const { reloader, stateDirectory } = this.#parts;
    const { path } = reloader.configuration;
    const keptPath = unconfirmedPathOf(stateDirectory);
    let written = path;
    try {
      if (isEdited(ownFile, readFile(path))) {
        written = keptPath;
        replaceFile(keptPath, bytes, true, { ...OURS, mode: 0o600 });
        return { status: "refused", reason: editedWords(path, keptPath) };
      }
      const stats = statSync(path, { throwIfNoEntry: false });
      // A link goes on pointing to where it did.
      replaceFile(stats === undefined ? path : realpathSync(path), bytes, true, stats);
      rmSync(keptPath, { force: true });
    } catch (error) {
      if (!isSystemError(error)) throw error;
      const reason = `${written} cannot be written (${error.code ?? error.message})`;
      return { status: "failed", reason: `${reason}, so the former configuration comes back` };
    }
    confirmation.stop();
    this.#end();
    this.#parts.events.note("notice", "confirmed", `confirmed: ${path} has what was on trial`);
    return { status: "applied" };
  }

  /** Reads the file of the configuration again, which ends a trial if it can be put in force. */
  async reload(): Promise<ReloadOutcome> {
    const outcome = await this.#telling(this.#parts.reloader.reload());
    if (outcome.faults.length === 0) {
      this.stop();
      if (this.#waiting !== undefined) this.#end();
    }
    return outcome;
  }

  /** Puts nothing back any more. May be called twice. */
  stop(): void {
    this.#waiting?.confirmation.stop();
    clearTimeout(this.#again);
    this.#overdue = undefined;
  }

  #telling(outcome: Promise<ReloadOutcome>): Promise<ReloadOutcome> {
    this.#parts.onReload(outcome);
    return outcome;
  }

  #begin(withinMs: number, former: Configuration, tried: Omit<Waiting, "confirmation">): void {
    const confirmation = new Confirmation(withinMs, () => {
      const text = "not confirmed in time: the former configuration comes back";
      this.#parts.events.note("warning", "unconfirmed", text);
      this.#end();
      this.#overdue = former;
      void this.#putBack(former);
    });
    this.#waiting = { confirmation, ...tried };
    confirmation.start();
    this.#parts.onChange(confirmation.byEpochMs);
  }

  #tellBegun(name: string): void {
    const until = new Date(this.byEpochMs ?? 0).toISOString();
    const text = `${name} is on trial until ${until}: the former configuration comes back unless confirmed`;
    this.#parts.events.note("notice", "on-trial", text);
  }

  #end(): void {
    this.#waiting = undefined;
    this.#parts.onChange(undefined);
  }

  /** Its ports, for one, may have gone to others meanwhile. */
  async #putBack(former: Configuration): Promise<void> {
    const { reloader } = this.#parts;
    const { faults } = await this.#telling(reloader.putBack(former));
    // A reload has put the file in force meanwhile.
    if (this.#overdue !== former || reloader.isClosed) return;
    if (faults.length === 0) this.#overdue = undefined;
    else this.#again = setTimeout(() => void this.#putBack(former), AGAIN_MS);
  }
}

/** @returns how whoever has left the candidate calls it; undefined when that is not believed. */
function nameOf(stateDirectory: string): string | undefined {
  const file = readFile(candidateNamePathOf(stateDirectory));
  if (file.status !== "read" || !isOwnersOnly(file.stats)) return undefined;
  const name = file.bytes.toString("utf8", 0, MOST_NAME_BYTES);
  return name === "" ? undefined : name;
}

/** A file that was removed meanwhile has nothing to lose. */
function isEdited(before: FileReading, now: FileReading): boolean {
  if (now.status !== "read") return false;
  return before.status !== "read" || !before.bytes.equals(now.bytes);
}

function editedWords(path: string, keptPath: string): string {
  return (
    `${path} was edited after apply, and stays as it is; what is on trial is in ${keptPath}. ` +
    `Put what you want into ${path} and run: vedette reload. ` +
    "Else the former configuration comes back"
  );
}
