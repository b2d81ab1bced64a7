/**
 * BLOCKED_FILE as a whole: which bans stand in it, and in which of its files.
 *
 * 1.2 has a file for each mode, 2.x one for all. What an earlier run or an earlier PortSentry has
 * written, in whatever mode, is read once, at the start: it says by which port and since when a ban
 * that still stands was made, and what does not stand any more goes with the first writing. Bounded
 * by {@link MAX_BLOCKED}: of more bans the latest are not in the file, and are in force all the
 * same.
 */
import type { Clock } from "../../clock.ts";
import type { Outcome } from "../../model/order.ts";
import { firstAddressOf, hostPrefixOf, type Prefix } from "../../net/prefix.ts";
import type { Transport } from "../../net/transport.ts";
import { BlockedFile, type BlockedForm } from "./blocked-file.ts";
import { MAX_BLOCKED } from "./blocked-forms.ts";
import { readBlockedFiles } from "./blocked-import.ts";
import type { HistoryRecord } from "./history-line.ts";

export interface BlockedFilesOptions {
  /** The value of BLOCKED_FILE. */
  readonly setting: string;
  /** How the bans of each transport are written; undefined: it is not watched. */
  readonly forms: Readonly<Record<Transport, BlockedForm | undefined>>;
}

/** By what a source came to be banned, as far as it is known. */
export type BlockedCause = Pick<HistoryRecord, "port" | "transport" | "sinceEpochMs">;

interface Found extends BlockedCause {
  /** The file that names it. */
  readonly form: BlockedForm;
}

interface Blocked extends Found {
  readonly untilEpochMs: number | undefined;
  /** Made before the start. */
  readonly isEarlier: boolean;
}

export class BlockedFiles {
  readonly #clock: Clock;
  readonly #files: ReadonlyMap<BlockedForm, BlockedFile>;
  readonly #forms: BlockedFilesOptions["forms"];
  readonly #bans = new Map<Prefix, Blocked>();
  /** What the files said at the start, until {@link adopt} has gone through it. */
  #found: ReadonlyMap<Prefix, Found>;
  /** Nothing is written before it is known what of the files stands. */
  #hasAdopted = false;
  readonly #faults: string[] = [];
  /** Why a file could not be written when that was last tried. */
  readonly #failures = new Map<BlockedForm, string>();

  /** Reads what is there and changes nothing yet. */
  constructor({ setting, forms }: BlockedFilesOptions, clock: Clock) {
    this.#clock = clock;
    this.#forms = forms;
    this.#found = this.#readFound(setting);
    const found = [...this.#found.values()].map(({ form }) => form);
    const wanted = [forms.tcp, forms.udp].filter((form) => form !== undefined);
    this.#files = new Map(
      [...new Set([...wanted, ...found])].map((form) => {
        const read = () => this.#recordsOf(form);
        return [form, new BlockedFile({ setting, form, read }, clock)] as const;
      }),
    );
  }

  /** What of the files at the start could not be read or believed; one sentence each. */
  get faults(): readonly string[] {
    return this.#faults;
  }

  /** Everybody whom the files named at the start. */
  get found(): ReadonlyMap<Prefix, BlockedCause> {
    return this.#found;
  }

  /**
   * Keeps of what was found at the start that which stands, and lets the rest go.
   * @param standing who is shut out, beside those that were added meanwhile, and until when;
   *   undefined: as long as {@link keep} says.
   */
  adopt(standing: Iterable<readonly [Prefix, number | undefined]>): void {
    const now = this.#clock.epochMs();
    for (const [prefix, untilEpochMs] of standing) {
      if (this.#bans.has(prefix)) continue;
      const found = this.#found.get(prefix);
      if (found === undefined) {
        const cause = { port: 0, transport: "tcp", sinceEpochMs: now } as const;
        this.#add(prefix, cause, untilEpochMs, true);
      } else this.#set(prefix, { ...found, untilEpochMs, isEarlier: true });
    }
    this.#found = new Map();
    this.#hasAdopted = true;
    this.#markChanged();
  }

  /** A ban was made, or lasts longer; `untilEpochMs` undefined: until it is taken away. */
  add(prefix: Prefix, cause: BlockedCause, untilEpochMs: number | undefined): void {
    this.#add(prefix, cause, untilEpochMs, false);
  }

  /**
   * Lets go of bans without an end that do not stand any more: some sets end them by themselves.
   */
  keep(stands: (prefix: Prefix) => boolean): void {
    for (const [prefix, { untilEpochMs }] of this.#bans) {
      if (untilEpochMs === undefined && !stands(prefix)) this.delete(prefix);
    }
  }

  /**
   * The clock is set by `byMs`: bans that were added since the start end by so much later
   * (negative: earlier). The ends of earlier ones stay, as they do in the ledger.
   */
  moveEnds(byMs: number): void {
    for (const [prefix, { untilEpochMs, ...blocked }] of this.#bans) {
      if (untilEpochMs === undefined || blocked.isEarlier) continue;
      this.#bans.set(prefix, { ...blocked, untilEpochMs: untilEpochMs + byMs });
    }
  }

  /** The ban is over. */
  delete(prefix: Prefix): void {
    if (this.#bans.delete(prefix)) this.#markChanged();
  }

  /**
   * Called about once a second. @returns why a file could not be written; undefined: all is well.
   */
  flush(): string | undefined {
    if (!this.#hasAdopted) return undefined;
    const now = this.#clock.epochMs();
    for (const [prefix, { untilEpochMs }] of this.#bans) {
      if (untilEpochMs !== undefined && untilEpochMs <= now) this.delete(prefix);
    }
    return this.#failureOf((file) => file.flush());
  }

  /** Writes what is left to write. @returns as {@link flush}. */
  close(): string | undefined {
    if (!this.#hasAdopted) return undefined;
    return this.#failureOf((file) => file.close());
  }

  #add(
    prefix: Prefix,
    cause: BlockedCause,
    untilEpochMs: number | undefined,
    isEarlier: boolean,
  ): void {
    const { tcp, udp } = this.#forms;
    const form = this.#forms[cause.transport] ?? tcp ?? udp;
    // Nothing is watched, so that nobody was blocked for it.
    if (form !== undefined) this.#set(prefix, { ...cause, form, untilEpochMs, isEarlier });
  }

  #set(prefix: Prefix, blocked: Blocked): void {
    if (this.#bans.size >= MAX_BLOCKED && !this.#bans.has(prefix)) return;
    this.#bans.set(prefix, blocked);
    this.#markChanged();
  }

  #readFound(setting: string): ReadonlyMap<Prefix, Found> {
    const found = new Map<Prefix, Found>();
    const now = this.#clock.epochMs();
    for (const { form, blocks, fault } of readBlockedFiles(setting)) {
      if (fault !== undefined) this.#faults.push(fault);
      for (const { address, port = 0, transport = transportOf(form), ...rest } of blocks) {
        const prefix = hostPrefixOf(address);
        if (found.size >= MAX_BLOCKED || found.has(prefix)) continue;
        found.set(prefix, { port, transport, sinceEpochMs: rest.sinceEpochMs ?? now, form });
      }
    }
    return found;
  }

  #recordsOf(form: BlockedForm): HistoryRecord[] {
    return [...this.#bans].flatMap(([prefix, { port, transport, sinceEpochMs, ...rest }]) => {
      if (rest.form !== form) return [];
      const address = firstAddressOf(prefix);
      return [{ address, host: address, port, transport, sinceEpochMs }];
    });
  }

  #markChanged(): void {
    for (const file of this.#files.values()) file.markChanged();
  }

  /** A file that was not due stands as it stood after its last writing. */
  #failureOf(act: (file: BlockedFile) => Outcome | undefined): string | undefined {
    for (const [form, file] of this.#files) {
      const outcome = act(file);
      if (outcome?.status === "failed") this.#failures.set(form, outcome.reason);
      else if (outcome !== undefined) this.#failures.delete(form);
    }
    return this.#failures.size === 0 ? undefined : [...this.#failures.values()].join("; ");
  }
}

/** What has no transport of its own stands in the file of a mode, or in 2.x's for both. */
function transportOf(form: BlockedForm): Transport {
  return form.endsWith("udp") ? "udp" : "tcp";
}
