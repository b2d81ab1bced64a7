/**
 * BLOCKED_FILE: the bans in force, for scripts that read it; nobody is banned because of it.
 *
 * 1.2 appends to it and forgets it at the next start; here it is what is true now. A change is a
 * new file that takes the old one's place, so a reader sees one or the other, whole. Written at
 * most once a second, however many bans there are, and only when its bytes differ. Not synchronised
 * to the disk: what a power cut takes is written again at the next start. Fails towards an old
 * file, which is said and counted, and tries again after {@link RETRY_AFTER_MS}.
 */
import type { Clock } from "../../clock.ts";
import type { Outcome } from "../../model/order.ts";
import { replaceFile } from "../replace-file.ts";
import { encodeBlockedBinary, encodeBlockedText } from "./blocked-forms.ts";
import type { HistoryRecord } from "./history-line.ts";

/** Modes of 1.2; each has a file of its own. */
export const TEXT_MODES = ["tcp", "udp", "stcp", "sudp", "atcp", "audp"] as const;

type TextMode = (typeof TEXT_MODES)[number];

/** How a file is written: as 1.2 does for one of its modes, or as 2.x does for all of them. */
export type BlockedForm = TextMode | "binary";

const WRITE_EVERY_MS = 1000;

/** Pause after a failure. Milliseconds. */
export const RETRY_AFTER_MS = 10_000;

export interface BlockedFileOptions {
  /** The value of BLOCKED_FILE. */
  readonly setting: string;
  readonly form: BlockedForm;
  /** The bans in force that belong into the file; asked only when it is written. */
  readonly read: () => readonly HistoryRecord[];
}

/** @returns the path that PortSentry gives the file: with the mode behind it, or bare. */
export function blockedPathOf(setting: string, form: BlockedForm): string {
  return form === "binary" ? setting : `${setting}.${form}`;
}

export class BlockedFile {
  readonly #options: BlockedFileOptions;
  readonly #clock: Clock;
  /** It differs from what the file says, as far as we know: at the start we know nothing. */
  #isChanged = true;
  #nextAtMs = Number.NEGATIVE_INFINITY;
  #written: Buffer | undefined;
  #failures = 0;

  constructor(options: BlockedFileOptions, clock: Clock) {
    this.#options = options;
    this.#clock = clock;
  }

  /** Writings that failed since the start. */
  get failures(): number {
    return this.#failures;
  }

  /** A ban was made or has ended: the file is due. */
  markChanged(): void {
    this.#isChanged = true;
  }

  /**
   * Writes the file when it is due; called again and again, about once a second. A file that was
   * never written is due at once, because what an earlier run has left in it is not true any more.
   * @returns undefined when nothing was due.
   */
  flush(): Outcome | undefined {
    if (!this.#isChanged || this.#clock.monotonicMs() < this.#nextAtMs) return undefined;
    return this.#write();
  }

  /** Writes what is left to write, without waiting for the second to be over. */
  close(): Outcome | undefined {
    return this.#isChanged ? this.#write() : undefined;
  }

  #write(): Outcome {
    const { setting, form, read } = this.#options;
    const path = blockedPathOf(setting, form);
    const records = read();
    const bytes =
      form === "binary"
        ? encodeBlockedBinary(records.map(({ address }) => address))
        : encodeBlockedText(records);
    const isSame = this.#written?.equals(bytes) ?? false;
    try {
      if (!isSame) replaceFile(path, bytes, false);
      this.#written = bytes;
      this.#isChanged = false;
      this.#nextAtMs = this.#clock.monotonicMs() + WRITE_EVERY_MS;
      return { status: isSame ? "already-applied" : "applied" };
    } catch (error) {
      this.#failures += 1;
      this.#nextAtMs = this.#clock.monotonicMs() + RETRY_AFTER_MS;
      const { code } = error as NodeJS.ErrnoException;
      return { status: "failed", reason: `${path} cannot be written: ${code ?? String(error)}` };
    }
  }
}
