/**
 * The file that `vedette trust` keeps: `ADDRESS [until RFC3339]  # comment`, one a line.
 *
 * Root's and nobody else's to write (mode 0644, and in a folder that is root's): the guard can ask
 * for more trust, which is added here, and can never take any away. A change is a new file that
 * takes the old one's place once it is whole on the disk, so that neither a crash nor a full disk
 * leaves half of one. Entries that are over are
 * passed over and go with the next change. Bounded: {@link MAX_TRUSTED} entries.
 */
import { closeSync, fsyncSync, openSync } from "node:fs";
import { dirname } from "node:path";
import type { Clock } from "../../clock.ts";
import { isSystemError } from "../../errors.ts";
import type { Outcome } from "../../model/order.ts";
import { formatPrefix, type Prefix, parsePrefix } from "../../net/prefix.ts";
import { replaceFile } from "../replace-file.ts";
import { isOwnersOnly, readFile } from "./text-file.ts";
import type { TrustReading, TrustSource } from "./trust-source.ts";

/** Entries that the file may have. */
export const MAX_TRUSTED = 4096;

const LINE = /^(\S+)(?:\s+until\s+(\S+))?$/;

/** An RFC 3339 time; Date.parse alone would take "1". */
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/;

/** One line of the file. */
export type TrustLine =
  | {
      readonly kind: "trust";
      readonly prefix: Prefix;
      /** undefined: for good. */
      readonly untilEpochMs: number | undefined;
      readonly text: string;
    }
  | { readonly kind: "comment" | "fault"; readonly text: string };

export function parseTrustLine(text: string): TrustLine {
  const [content = ""] = text.split("#", 1);
  if (content.trim() === "") return { kind: "comment", text };
  const [, address = "", until] = LINE.exec(content.trim()) ?? [];
  const prefix = parsePrefix(address);
  const isTime = until === undefined || (TIME.test(until) && !Number.isNaN(Date.parse(until)));
  if (prefix === undefined || !isTime) return { kind: "fault", text };
  const untilEpochMs = until === undefined ? undefined : Date.parse(until);
  return { kind: "trust", prefix, untilEpochMs, text };
}

export class TrustFile implements TrustSource {
  readonly name: string;
  readonly isVital = true;
  readonly #path: string;
  readonly #clock: Clock;
  /** Who was trusted since the start, and stands in the file. */
  readonly #added = new Set<Prefix>();
  /** What the last reading had, with its ends. */
  #seen: ReadonlyMap<Prefix, number | undefined> = new Map();
  #taken: Prefix[] = [];

  constructor(path: string, clock: Clock) {
    this.name = path;
    this.#path = path;
    this.#clock = clock;
  }

  read(): TrustReading {
    const file = this.#readLines();
    if (file.status === "unreadable") return file;
    const now = this.#clock.epochMs();
    this.#notice(file.lines, now);
    const faults = file.lines.flatMap(({ kind }, index) =>
      kind === "fault" ? [`${this.#path}:${index + 1}: not an address with an optional time`] : [],
    );
    const entries = file.lines.flatMap((line) => {
      if (line.kind !== "trust" || !isInForce(line, now)) return [];
      const { prefix, untilEpochMs } = line;
      const until = untilEpochMs === undefined ? "" : ` until ${formatTime(untilEpochMs)}`;
      return [{ prefix, why: `trusted by hand${until}` }];
    });
    return { status: "read", entries, faults };
  }

  /**
   * Trusts `prefix` until then (undefined: for good), or longer when it is trusted for longer:
   * nothing here shortens trust. "already-applied" when it is trusted for as long.
   */
  add(prefix: Prefix, untilEpochMs: number | undefined, comment: string): Outcome {
    const outcome = this.#change((lines) => {
      const standing = lines.find((line) => line.kind === "trust" && line.prefix === prefix);
      if (standing?.kind === "trust" && endOf(standing.untilEpochMs) >= endOf(untilEpochMs)) {
        return { status: "already-applied" };
      }
      const others = lines.filter((line) => line !== standing);
      if (others.filter(({ kind }) => kind === "trust").length >= MAX_TRUSTED) {
        return { status: "refused", reason: `${MAX_TRUSTED} entries are trusted by hand already` };
      }
      const until = untilEpochMs === undefined ? "" : ` until ${formatTime(untilEpochMs)}`;
      const text = `${formatPrefix(prefix)}${until}  # ${comment.replace(/[^\x20-\x7e]/g, "?")}`;
      return [...others, parseTrustLine(text)];
    });
    if (outcome.status === "applied") this.#added.add(prefix);
    return outcome;
  }

  /** Takes trust by hand away; for root alone, offline. "already-applied" when there is none. */
  remove(prefix: Prefix): Outcome {
    return this.#change((lines) => {
      const others = lines.filter((line) => line.kind !== "trust" || line.prefix !== prefix);
      return others.length === lines.length ? { status: "already-applied" } : others;
    });
  }

  /**
   * The clock is being set by `byMs`: who was trusted since the start stays so as long as he was to.
   * Called while our clock says the old time. Earlier ends stay: they were written by a clock that
   * may have been right, while a machine without a battery boots months behind and is set later.
   */
  moveEnds(byMs: number): Outcome {
    return this.#change((lines) => {
      const moved = lines.map((line) => {
        if (line.kind !== "trust" || line.untilEpochMs === undefined) return line;
        if (!this.#added.has(line.prefix)) return line;
        const until = formatTime(line.untilEpochMs + byMs);
        return parseTrustLine(line.text.replace(/(\suntil\s+)\S+/, `$1${until}`));
      });
      const isAny = moved.some((line, index) => line !== lines[index]);
      return isAny ? moved : { status: "already-applied" };
    });
  }

  /**
   * Whose trust was taken out of the file before its time: by `remove` in another process, or by an
   * editor. Each is told once, after the reading that missed it; those before the first are not known.
   */
  takenAway(): readonly Prefix[] {
    const taken = this.#taken;
    this.#taken = [];
    return taken;
  }

  #notice(lines: readonly TrustLine[], nowEpochMs: number): void {
    const seen = new Map<Prefix, number | undefined>();
    for (const line of lines) if (line.kind === "trust") seen.set(line.prefix, line.untilEpochMs);
    for (const [prefix, untilEpochMs] of this.#seen) {
      if (!seen.has(prefix) && endOf(untilEpochMs) > nowEpochMs) this.#taken.push(prefix);
    }
    this.#seen = seen;
  }

  #change(decide: (lines: readonly TrustLine[]) => readonly TrustLine[] | Outcome): Outcome {
    const file = this.#readLines();
    if (file.status === "unreadable") return { status: "failed", reason: file.reason };
    const now = this.#clock.epochMs();
    const inForce = file.lines.filter((line) => line.kind !== "trust" || isInForce(line, now));
    const trusted = new Set(inForce.flatMap((line) => (line.kind === "trust" ? line.prefix : [])));
    for (const prefix of this.#added) if (!trusted.has(prefix)) this.#added.delete(prefix);
    const decision = decide(inForce);
    if ("status" in decision) return decision;
    try {
      this.#write(decision.map(({ text }) => `${text}\n`).join(""));
      return { status: "applied" };
    } catch (error) {
      if (!isSystemError(error)) throw error;
      const reason = `${this.#path} cannot be written: ${error.code ?? error.message}`;
      return { status: "failed", reason };
    }
  }

  #write(text: string): void {
    replaceFile(this.#path, text, true);
    flushDirectory(dirname(this.#path));
  }

  #readLines():
    | { readonly status: "read"; readonly lines: readonly TrustLine[] }
    | { readonly status: "unreadable"; readonly reason: string } {
    const file = readFile(this.#path);
    if (file.status === "absent") return { status: "read", lines: [] };
    if (file.status === "unreadable") return file;
    if (!isOwnersOnly(file.stats)) {
      return { status: "unreadable", reason: `${this.#path} can be written by others than root` };
    }
    const text = file.bytes.toString();
    const lines = (text.endsWith("\n") ? text.slice(0, -1) : text).split(/\r?\n/);
    return { status: "read", lines: text === "" ? [] : lines.map(parseTrustLine) };
  }
}

/** The new name is on the disk, too. */
function flushDirectory(path: string): void {
  const fd = openSync(path, "r");
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

function isInForce(line: TrustLine, nowEpochMs: number): boolean {
  return line.kind === "trust" && endOf(line.untilEpochMs) > nowEpochMs;
}

function endOf(untilEpochMs: number | undefined): number {
  return untilEpochMs ?? Number.POSITIVE_INFINITY;
}

function formatTime(epochMs: number): string {
  return new Date(epochMs).toISOString();
}
