/**
 * Keeps the blocklists of the configuration in force: reads their files, again when somebody has
 * written one, and has the kernel go by all of them together.
 *
 * A file that cannot be read, or is no list, keeps what it said before; one that never was read says
 * nothing. Files are looked at every {@link LOOK_MS}, and read when they look the same twice, so
 * that one that is being written is left alone. One load at a time; what changes meanwhile is seen
 * at the next look. Memory: 9 bytes an IPv4 entry and 21 an IPv6 one, and twice that while merging.
 */
import { OperationalError } from "../../errors.ts";
import { wordsOf } from "../../net/address-words.ts";
import { familyOf, type IpAddress } from "../../net/ip-address.ts";
import { mergeRows } from "../../net/merge-rows.ts";
import { type Prefix, prefixOf } from "../../net/prefix.ts";
import { stampOf } from "../trust/text-file.ts";
import type { KernelLists } from "./kernel-lists.ts";
import { type Blocklist, type ListReading, readBlocklist } from "./read-blocklist.ts";

/** How often (ms) files are asked whether they were written. */
const LOOK_MS = 2000;

/** Looks until what the kernel has refused is tried again, if no file changes: a minute. */
const LOOKS_TO_RETRY = 30;

/** Entries that one question is answered with: overlapping lists name an address many times. */
const MAX_LISTINGS = 100;

/** An entry of a list that holds an address. */
export interface Listing {
  readonly path: string;
  readonly line: number;
  /** The part of the entry that is in force. */
  readonly prefix: Prefix;
}

/** What is in force. */
export interface BlocklistSummary {
  /** Files of the configuration that were read at least once. */
  readonly files: number;
  /** Their lines that name somebody. */
  readonly entries: number;
  /** Packets that were dropped because of them. */
  readonly dropped: number;
}

/** Called after each load that has changed anything. */
export interface BlocklistReport {
  /** Why the kernel does not go by what was read; undefined when it does. */
  readonly failure: string | undefined;
  /** Files that could not be read, one sentence each. */
  readonly unread: readonly string[];
  /** Lines of files in force that shut out nobody. */
  readonly lists: readonly Blocklist[];
}

export interface BlocklistKeeperParts {
  readonly kernel: Pick<KernelLists, "replace" | "isIntact" | "dropped">;
  readonly onLoaded: (report: BlocklistReport) => void;
  /** Default: the files of this machine. */
  readonly read?: (path: string) => Promise<ListReading>;
  readonly stampOf?: (path: string) => string;
}

interface KnownFile {
  /** What the file looked like when it was last read; undefined: it is to be read. */
  stamp: string | undefined;
  seen: string | undefined;
  list: Blocklist | undefined;
  unread: string | undefined;
}

export class BlocklistKeeper {
  readonly #parts: BlocklistKeeperParts;
  #files = new Map<string, KnownFile>();
  #timer: NodeJS.Timeout | undefined;
  #turn: Promise<void> = Promise.resolve();
  #isBusy = false;
  /** What was read is not what the kernel has. */
  #isPending = true;
  #looksToRetry = 0;
  readonly #stopping = new AbortController();

  constructor(paths: readonly string[], parts: BlocklistKeeperParts) {
    this.#parts = parts;
    this.#name(paths);
  }

  /** Loads the files, and again when they change. Called once; `stop` ends it. */
  start(): void {
    void this.#inTurn(() => this.#load([...this.#files.keys()]));
    this.#timer = setInterval(() => {
      if (!this.#isBusy) void this.#inTurn(() => this.#look());
    }, LOOK_MS);
  }

  /** Goes by these files from now on; fulfilled when they are in force. Never rejects. */
  follow(paths: readonly string[]): Promise<void> {
    return this.#inTurn(() => {
      this.#name(paths);
      this.#isPending = true;
      const unread = [...this.#files].filter(([, { stamp }]) => stamp === undefined);
      return this.#load(unread.map(([path]) => path));
    });
  }

  /**
   * Reads nothing any more, and asks nothing of the kernel, whatever is under way; what is in force
   * stays. May be called twice.
   */
  stop(): void {
    this.#stopping.abort();
    clearInterval(this.#timer);
  }

  /** undefined where no file is named. */
  get summary(): BlocklistSummary | undefined {
    if (this.#files.size === 0) return undefined;
    const lists = this.#lists();
    const entries = lists.reduce((sum, list) => sum + list.entries, 0);
    return { files: lists.length, entries, dropped: this.#parts.kernel.dropped() };
  }

  /** @returns the entries that hold an address, in the order of files and lines. */
  listings(address: IpAddress): Listing[] {
    const words = wordsOf(address);
    const family = familyOf(address);
    const found: Listing[] = [];
    for (const { path, rows } of this.#lists()) {
      for (const { bits, origin } of rows[family].covering(words)) {
        if (found.length === MAX_LISTINGS) return found;
        found.push({ path, line: origin, prefix: prefixOf(address, bits) });
      }
    }
    return found;
  }

  #lists(): Blocklist[] {
    return [...this.#files.values()].flatMap(({ list }) => list ?? []);
  }

  #name(paths: readonly string[]): void {
    const before = this.#files;
    const unknown = { stamp: undefined, seen: undefined, list: undefined, unread: undefined };
    this.#files = new Map(paths.map((path) => [path, before.get(path) ?? { ...unknown }]));
  }

  #inTurn(act: () => Promise<void>): Promise<void> {
    this.#isBusy = true;
    const acted = this.#turn.then(async () => {
      if (!this.#stopping.signal.aborted) await act();
    });
    this.#turn = acted.finally(() => {
      this.#isBusy = false;
    });
    return acted;
  }

  async #look(): Promise<void> {
    const asked = this.#parts.stampOf ?? stampOf;
    const changed = [...this.#files].flatMap(([path, file]) => {
      const stamp = asked(path);
      const isSteady = stamp === file.seen;
      file.seen = stamp;
      return isSteady && stamp !== file.stamp ? [path] : [];
    });
    if (!this.#isPending && !this.#parts.kernel.isIntact()) this.#isPending = true;
    if (this.#looksToRetry > 0) this.#looksToRetry -= 1;
    const isDue = this.#isPending && this.#looksToRetry === 0;
    if (changed.length > 0 || isDue) await this.#load(changed);
  }

  async #load(paths: readonly string[]): Promise<void> {
    for (const path of paths) await this.#read(path);
    const { signal } = this.#stopping;
    if (signal.aborted) return;
    const failure = this.#isPending ? await this.#write() : undefined;
    if (signal.aborted) return;
    const unread = [...this.#files.values()].flatMap(({ unread }) => unread ?? []);
    this.#parts.onLoaded({ failure, unread, lists: this.#lists() });
  }

  async #read(path: string): Promise<void> {
    const file = this.#files.get(path);
    if (file === undefined) return;
    // Asked before it is read: what is written meanwhile is another file at the next look.
    const stamp = (this.#parts.stampOf ?? stampOf)(path);
    const reading = await (this.#parts.read ?? readBlocklist)(path);
    if (reading.status === "changing") return;
    file.stamp = stamp;
    file.seen = stamp;
    file.unread = reading.status === "unreadable" ? reading.reason : undefined;
    if (reading.status === "unreadable") return;
    file.list = reading.list;
    this.#isPending = true;
  }

  /** @returns why the kernel goes by what it had before; tried again later. */
  async #write(): Promise<string | undefined> {
    const lists = this.#lists();
    const merged = ([4, 6] as const).map((family) =>
      mergeRows(
        family,
        lists.map(({ rows }) => rows[family]),
      ),
    );
    try {
      await this.#parts.kernel.replace(merged, this.#stopping.signal);
      this.#isPending = false;
      return undefined;
    } catch (error) {
      if (!(error instanceof OperationalError)) throw error;
      this.#looksToRetry = LOOKS_TO_RETRY;
      return error.message;
    }
  }
}
