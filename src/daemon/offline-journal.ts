/**
 * The journal for commands that work without a guard, used with the rights of the user and group
 * whose directory it lies in.
 *
 * A command that only looks leaves a damaged file, or none, as it is. One that changes something
 * sets it aside first, as the guard would: an unban that is in no journal would not last.
 */
import { lstatSync } from "node:fs";
import type { Clock } from "../clock.ts";
import { counted } from "../counted.ts";
import { OperationalError } from "../errors.ts";
import type { Journal } from "../journal/journal.ts";
import { MemoryJournal } from "../journal/memory-journal.ts";
import { type OpenedJournal, openJournal } from "../journal/open-journal.ts";
import type { Ban } from "../model/ban.ts";
import type { HealthProblem } from "../model/health.ts";
import { asUser, type FileOwner } from "./as-user.ts";
import { journalDirectoryOf, journalPathOf } from "./guard-journal.ts";

/** What the problem means for whoever asks. */
const ACTION =
  "Bans in the kernel go on, and are listed; the guard begins a new journal where it can.";

export class OfflineJournal {
  readonly #path: string;
  readonly #clock: Clock;
  readonly #tell: (text: string) => void;
  /** undefined: no guard has ever been here. */
  readonly #owner: FileOwner | undefined;
  #opened: OpenedJournal;
  #isDiscarded = false;
  /** Of the journal's failures those that are from before the change. */
  #failuresBefore = 0;

  /**
   * @param tell takes what is wrong with it, for people, in one line; called once, at the end.
   * @throws {OperationalError} ERR_JOURNAL when a newer program made the journal.
   */
  constructor(stateDirectory: string, clock: Clock, tell: (text: string) => void) {
    this.#path = journalPathOf(stateDirectory);
    this.#clock = clock;
    this.#tell = tell;
    this.#owner = lstatSync(journalDirectoryOf(stateDirectory), { throwIfNoEntry: false });
    // Without a directory nothing is known, and nothing is begun.
    this.#opened =
      this.#owner === undefined
        ? { journal: new MemoryJournal(), trouble: "left-absent" }
        : this.#open("leave");
  }

  /** Calls with the journal. `act` must not wait, nor ask the kernel, which refuses these rights. */
  use<Result>(act: (journal: Journal) => Result): Result {
    return this.#asOwner(() => act(this.#opened.journal));
  }

  /** To be called before something is changed: a file that was left as it is makes room. */
  prepareToChange(): void {
    const { trouble } = this.#opened;
    const isLeft = trouble === "left-damaged" || trouble === "left-absent";
    if (this.#owner !== undefined && isLeft) this.#opened = this.#open("begin-anew");
    this.#failuresBefore = this.#opened.journal.failures;
  }

  /**
   * To be called after the change: the kernel may have taken what the file has not.
   * @param standing how things stand all the same.
   * @param consequence what the next guard makes of it.
   * @throws {OperationalError} ERR_JOURNAL when something since `prepareToChange` was not written.
   */
  requireWritten(standing: string, consequence: string): void {
    if (this.#opened.journal.failures === this.#failuresBefore) return;
    const failure = `the journal ${this.#path} could not be written`;
    throw new OperationalError("ERR_JOURNAL", `${standing}, but ${failure}: ${consequence}`);
  }

  /**
   * Records bans that only the kernel has, before they go there.
   * @throws {OperationalError} ERR_REFUSED when no file can take them.
   */
  keep(bans: readonly Ban[]): void {
    this.prepareToChange();
    const isLasting = this.#opened.trouble === undefined || this.#opened.trouble === "set-aside";
    if (bans.length > 0 && !isLasting) {
      const message =
        `no journal can keep ${counted(bans.length, "ban")} that the kernel has: start a guard, ` +
        "which begins one, or remove all without --keep-state";
      throw new OperationalError("ERR_REFUSED", message);
    }
    this.use((journal) => journal.recordBans(bans));
  }

  /** What is wrong with it. */
  problems(): HealthProblem[] {
    const { note: text } = this.#opened;
    const sinceEpochMs = this.#clock.epochMs();
    if (text === undefined) return [];
    return [{ code: "journal-failed", severity: "warning", text, action: ACTION, sinceEpochMs }];
  }

  /** Lets the file go, which is to be deleted: nothing is said of it. `close` follows. */
  discard(): void {
    this.#isDiscarded = true;
    this.use((journal) => journal.close());
  }

  /** Tells what was wrong, and lets the file go. */
  close(): void {
    const { journal, note } = this.#opened;
    if (note !== undefined && !this.#isDiscarded) this.#tell(note);
    this.#asOwner(() => journal.close());
  }

  #open(otherwise: "begin-anew" | "leave"): OpenedJournal {
    return this.#asOwner(() => openJournal({ path: this.#path, clock: this.#clock, otherwise }));
  }

  #asOwner<Result>(act: () => Result): Result {
    return asUser(this.#owner ?? { uid: 0, gid: 0 }, act);
  }
}
