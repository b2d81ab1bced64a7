/**
 * What was done for which ban, kept so that it can be undone after a restart and without a guard.
 *
 * Its texts are run as root, so it is root's alone (0600), and a file that others could have
 * written is not read but set aside. A deed is written and flushed before it is done: a crash
 * leaves a deed too many, whose undo finds nothing, and never one too few. Lines are only appended;
 * those of deeds that are no more go when the ledger is opened, and while it runs once they are the
 * most. A damaged line, such as a crash may leave at the end, is set aside in a file of its own and
 * told, and costs no other. Bounded: {@link MAX_DEEDS}. When the disk fails, deeds are remembered
 * as long as the process lives, and the outcome says so.
 */
import {
  appendFileSync,
  closeSync,
  constants,
  fdatasync,
  fstatSync,
  openSync,
  readFileSync,
  renameSync,
} from "node:fs";
import { promisify } from "node:util";
import type { Outcome } from "../../model/order.ts";
import type { Prefix } from "../../net/prefix.ts";
import { isOwnersOnly } from "../trust/text-file.ts";
import type { Deed } from "./deed.ts";
import { encodeEntry, type LedgerEntry, parseEntry } from "./ledger-entry.ts";
import { OneAtATime } from "./one-at-a-time.ts";
import { type FlushFile, writeBeside } from "./write-beside.ts";

/** Deeds that the ledger may hold; more are done and not recorded. */
export const MAX_DEEDS = 100_000;

/** Lines of deeds that are no more that the file may have besides as many as there are deeds. */
const MAX_DEAD_LINES = 10_000;

interface Batch {
  readonly lines: string[];
  readonly written: Promise<Outcome>;
}

export class DeedLedger {
  readonly #path: string;
  readonly #flush: FlushFile;
  /** By kind and text. */
  readonly #deedsOf = new Map<Prefix, Map<string, Deed>>();
  /** Those that were done since the start. */
  readonly #ownDeeds = new WeakSet<Deed>();
  readonly #faults: string[] = [];
  readonly #writes = new OneAtATime();
  /** Lines that wait for the write before theirs, to be flushed together. */
  #batch: Batch | undefined;
  #fd: number | undefined;
  #deeds = 0;
  /** No source is due earlier by wall time; the first that is may be due later. */
  #noneDueBeforeEpochMs = Number.POSITIVE_INFINITY;
  #linesInFile = 0;
  /** A write has failed, maybe in the middle of a line. */
  #isTorn = false;

  private constructor(path: string, flush: FlushFile) {
    this.#path = path;
    this.#flush = flush;
  }

  /** Reads the ledger; absent is empty. Never rejects: what is wrong is in `faults`. */
  static async open(path: string, flush: FlushFile = promisify(fdatasync)): Promise<DeedLedger> {
    const ledger = new DeedLedger(path, flush);
    try {
      await ledger.#load();
    } catch (error) {
      ledger.#faults.push(`${path} cannot be read or compacted: ${reasonOf(error)}`);
    }
    return ledger;
  }

  /** What was wrong when it was opened; one sentence each. */
  get faults(): readonly string[] {
    return this.#faults;
  }

  /** Everybody for whom something was done. */
  get prefixes(): readonly Prefix[] {
    return [...this.#deedsOf.keys()];
  }

  /** @returns what was done for exactly `prefix`, in its order. */
  deedsOf(prefix: Prefix): readonly Deed[] {
    return [...(this.#deedsOf.get(prefix)?.values() ?? [])];
  }

  /** @returns when the last deed of `prefix` is to be taken back; undefined: not by itself. */
  untilOf(prefix: Prefix): number | undefined {
    const end = endOf(this.#deedsOf.get(prefix) ?? new Map());
    return Number.isFinite(end) ? end : undefined;
  }

  /**
   * @returns everybody of whose deeds none is to last longer than until `epochMs`. Looks at no deed
   * before somebody is due, so it may be asked each second.
   */
  dueAt(epochMs: number): readonly Prefix[] {
    if (epochMs < this.#noneDueBeforeEpochMs) return [];
    const due: Prefix[] = [];
    let earliest = Number.POSITIVE_INFINITY;
    for (const [prefix, deeds] of this.#deedsOf) {
      const end = endOf(deeds);
      if (end <= epochMs) due.push(prefix);
      earliest = Math.min(earliest, end);
    }
    this.#noneDueBeforeEpochMs = earliest;
    return due;
  }

  /**
   * Records a deed; a deed of the same kind and text gets the new undo and the new end. "applied"
   * is on the disk; "failed" is in memory alone; "refused" is nowhere, because the ledger is full.
   */
  async add(prefix: Prefix, deed: Deed): Promise<Outcome> {
    const standing = this.#deedsOf.get(prefix)?.get(keyOf(deed));
    const isSame = standing?.undo === deed.undo && standing?.untilEpochMs === deed.untilEpochMs;
    if (standing !== undefined && isSame) return { status: "already-applied" };
    if (standing === undefined && this.#deeds >= MAX_DEEDS) {
      return { status: "refused", reason: `${this.#path} holds ${MAX_DEEDS} deeds already` };
    }
    const entry = { act: "add", prefix, deed } as const;
    this.#ownDeeds.add(deed);
    this.#apply(entry);
    return await this.#write(entry);
  }

  /**
   * The clock is being set by `byMs`: deeds since the start last as long as they were to. Earlier
   * ends stay: they were written by a clock that may have been right, while a machine without a
   * battery boots months behind and is set later.
   * @returns the first failure to write them; in memory they have moved.
   */
  async moveEnds(byMs: number): Promise<Outcome> {
    const writes: Promise<Outcome>[] = [];
    for (const [prefix, deeds] of this.#deedsOf) {
      for (const deed of deeds.values()) {
        const { untilEpochMs } = deed;
        if (untilEpochMs === undefined || !this.#ownDeeds.has(deed)) continue;
        writes.push(this.add(prefix, { ...deed, untilEpochMs: untilEpochMs + byMs }));
      }
    }
    const outcomes = await Promise.all(writes);
    return outcomes.find(({ status }) => status === "failed") ?? { status: "applied" };
  }

  /** Forgets a deed; "already-applied" when it is not known. */
  async remove(prefix: Prefix, deed: Deed): Promise<Outcome> {
    const entry = { act: "remove", prefix, deed } as const;
    return this.#apply(entry) ? await this.#write(entry) : { status: "already-applied" };
  }

  /** Waits for what is being written. May be called twice; a later deed opens the file again. */
  async close(): Promise<void> {
    await this.#writes.run(async () => this.#closeFile());
  }

  /** @returns whether anything is different now. */
  #apply({ act, prefix, deed }: LedgerEntry): boolean {
    const deeds = this.#deedsOf.get(prefix) ?? new Map<string, Deed>();
    const before = deeds.size;
    if (act === "add") deeds.set(keyOf(deed), deed);
    else if (!deeds.delete(keyOf(deed))) return false;
    if (deeds.size > 0) this.#deedsOf.set(prefix, deeds);
    else this.#deedsOf.delete(prefix);
    if (deeds.size > 0) this.#watch(act === "add" ? deed.untilEpochMs : 0);
    this.#deeds += deeds.size - before;
    return true;
  }

  /**
   * A source ends no earlier than the deed that was added. Without the one that was removed it may
   * end at any time. Either may be too early: one look in vain mends it.
   */
  #watch(epochMs: number | undefined): void {
    if (epochMs === undefined) return;
    this.#noneDueBeforeEpochMs = Math.min(this.#noneDueBeforeEpochMs, epochMs);
  }

  #write(entry: LedgerEntry): Promise<Outcome> {
    if (this.#batch === undefined) {
      const lines: string[] = [];
      const written = this.#writes.run(() => {
        this.#batch = undefined;
        return this.#append(lines);
      });
      this.#batch = { lines, written };
    }
    this.#batch.lines.push(encodeEntry(entry));
    return this.#batch.written;
  }

  async #append(lines: readonly string[]): Promise<Outcome> {
    try {
      const { O_APPEND, O_CREAT, O_NOFOLLOW, O_WRONLY } = constants;
      this.#fd ??= openSync(this.#path, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW, 0o600);
      // After half a line a new one begins, so that only the half is damaged.
      const start = this.#isTorn ? "\n" : "";
      this.#isTorn = true;
      appendFileSync(this.#fd, `${start}${lines.join("\n")}\n`);
      this.#isTorn = false;
      await this.#flush(this.#fd);
      this.#linesInFile += lines.length;
      if (this.#linesInFile > 2 * this.#deeds + MAX_DEAD_LINES) await this.#compact();
      return { status: "applied" };
    } catch (error) {
      return { status: "failed", reason: `${this.#path} cannot be written: ${reasonOf(error)}` };
    }
  }

  async #load(): Promise<void> {
    const text = this.#readText();
    const lines = text.split("\n").filter((line) => line !== "");
    const damaged = lines.filter((line) => {
      const entry = parseEntry(line);
      if (entry !== undefined) this.#apply(entry);
      return entry === undefined;
    });
    this.#linesInFile = lines.length;
    if (damaged.length > 0) {
      const asidePath = `${this.#path}.damaged`;
      appendFileSync(asidePath, `${damaged.join("\n")}\n`, { mode: 0o600, flush: true });
      const what = damaged.length === 1 ? "a damaged line" : `${damaged.length} damaged lines`;
      this.#faults.push(`${this.#path}: ${what} set aside in ${asidePath}`);
    }
    if (this.#linesInFile > this.#deeds) await this.#compact();
  }

  /** @returns "" when there is none that can be trusted. */
  #readText(): string {
    let fd: number;
    try {
      fd = openSync(this.#path, constants.O_RDONLY | constants.O_NOFOLLOW);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return "";
      throw error;
    }
    try {
      if (isOwnersOnly(fstatSync(fd))) return readFileSync(fd, "utf8");
    } finally {
      closeSync(fd);
    }
    const asidePath = `${this.#path}.untrusted`;
    renameSync(this.#path, asidePath);
    this.#faults.push(`${this.#path} could be written by others and was set aside: ${asidePath}`);
    return "";
  }

  /** Writes the deeds that stand to a new file, which takes the old one's place. */
  async #compact(): Promise<void> {
    const lines = [...this.#deedsOf].flatMap(([prefix, deeds]) =>
      [...deeds.values()].map((deed) => `${encodeEntry({ act: "add", prefix, deed })}\n`),
    );
    const bytes = Buffer.from(lines.join(""));
    renameSync(await writeBeside(this.#path, bytes, { mode: 0o600 }, this.#flush), this.#path);
    this.#linesInFile = lines.length;
    this.#closeFile();
  }

  #closeFile(): void {
    if (this.#fd !== undefined) closeSync(this.#fd);
    this.#fd = undefined;
  }
}

/** @returns when the last of `deeds` is to end; infinite when one is not to, or there is none. */
function endOf(deeds: ReadonlyMap<string, Deed>): number {
  let end = Number.NEGATIVE_INFINITY;
  for (const { untilEpochMs } of deeds.values()) {
    end = Math.max(end, untilEpochMs ?? Number.POSITIVE_INFINITY);
  }
  return end;
}

function keyOf({ kind, text }: Deed): string {
  return `${kind} ${text}`;
}

function reasonOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? String(error);
}
