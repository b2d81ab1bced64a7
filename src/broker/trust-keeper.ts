/**
 * Keeps who is trusted current: reads every source again and again, and tells kernel and guard.
 *
 * What cannot be read keeps what it said before, and is a fault for people. While something vital
 * has never been read nobody can be told apart: bans are refused, and the kernel is told to trust
 * everybody, so that it holds nobody and no ban of an earlier run shuts out whom that would have
 * named. Trust goes into the kernel before the guard hears of it. A file that somebody has written
 * is read at once, and so is everything when one of the quick sources (addresses, gateways) says
 * something else. Polled every {@link POLL_MS}, or as seldom as keeps the reading below 2 % of one
 * CPU: with 100,000 connections a socket table takes a tenth of a second, and a router's table of
 * routes may take a second.
 */
import { setTimeout as pause } from "node:timers/promises";
import type { Clock } from "../clock.ts";
import { OperationalError } from "../errors.ts";
import type { Outcome } from "../model/order.ts";
import type { TrustedEntry } from "../model/trusted-entry.ts";
import { type Prefix, parsePrefix } from "../net/prefix.ts";
import { SHARED_IPV6_PREFIXES } from "../net/source-keys.ts";
import type { KernelTrust } from "./kernel-trust.ts";
import type { Facts } from "./protocol.ts";
import type { HostNames } from "./trust/host-names.ts";
import { stampOf } from "./trust/text-file.ts";
import type { TrustFile } from "./trust/trust-file.ts";
import type { TrustReading, TrustSource } from "./trust/trust-source.ts";
import type { TrustedSet } from "./trusted-set.ts";

const POLL_MS = 5000;

/** How often (ms) files are asked whether they were written, and quick sources what they say. */
const LOOK_MS = 500;

/** The reciprocal of 2 %. */
const REST = 50;

/** How long the start waits for host names; those that come later come with a poll. */
const NAMES_WAIT_MS = 2000;

/** What the kernel is told to trust while trust cannot be known. */
const EVERYBODY: readonly Prefix[] = ["0.0.0.0/0", "::/0"].flatMap((all) => parsePrefix(all) ?? []);

/** What is asked besides sessions and trust by hand; the ignore files are among it. */
export interface TrustLists {
  readonly sources: readonly TrustSource[];
  /** Files to read at once when somebody has written them. */
  readonly paths: readonly string[];
  /** Of `sources`, those that cost little and whose change must be noticed within a second. */
  readonly quick: readonly TrustSource[];
  /** The host names of the ignore files among the sources. */
  readonly names: readonly HostNames[];
}

export interface TrustKeeperParts extends TrustLists {
  /** Sources of people who are logged in. */
  readonly sessions: readonly TrustSource[];
  /** Where trust that an operator gives is kept. */
  readonly file: TrustFile;
  readonly trusted: TrustedSet;
  /** undefined where there is no table. */
  readonly kernel: KernelTrust | undefined;
  readonly clock: Clock;
  /** Called on every change, after the kernel has it. */
  readonly onFacts: (facts: Facts) => void;
  /** The whole list, whenever it has changed; empty: all is well. */
  readonly onFaults: (faults: readonly string[]) => void;
  /** Called for each whose trust by hand was taken away; left out where nobody asks. */
  readonly onUntrusted?: ((prefix: Prefix) => void) | undefined;
}

type GoodReading = Extract<TrustReading, { readonly status: "read" }>;

/** @returns how long to wait after a poll that took `costMs`. */
export function pauseAfter(costMs: number): number {
  return Math.max(POLL_MS, restAfter(costMs));
}

function restAfter(costMs: number): number {
  return costMs * REST;
}

export class TrustKeeper {
  readonly #parts: TrustKeeperParts;
  #lists: TrustLists;
  /** The last good reading of each source, by its name. */
  readonly #readings = new Map<string, GoodReading>();
  #sharedIpv6: readonly Prefix[] = [...SHARED_IPV6_PREFIXES].sort();
  #toldFaults = "[]";
  /** The sets exist: they were filled once. */
  #hasSets = false;
  #timer: NodeJS.Timeout | undefined;
  #lookTimer: NodeJS.Timeout | undefined;
  #stamps = "";
  #saidQuickly = "";
  /** Monotonic; the quick sources are not asked before it. */
  #askAgainAtMs = Number.NEGATIVE_INFINITY;

  constructor(parts: TrustKeeperParts) {
    this.#parts = parts;
    this.#lists = parts;
  }

  /** As it stands. */
  get facts(): Facts {
    return { trusted: this.#parts.trusted.entries, sharedIpv6: this.#sharedIpv6 };
  }

  /**
   * Whether who is trusted cannot be known, because something vital has never been read. Bans are
   * refused then, and the sets of the kernel trust everybody; `facts` name only who is known.
   * `onFacts` is called when this changes.
   */
  get isBlind(): boolean {
    return this.blindness !== undefined;
  }

  /** Why it cannot be known, "nobody is banned until …"; undefined: it is. */
  get blindness(): string | undefined {
    return this.#parts.trusted.blindness;
  }

  /** Entries of people who are logged in, as of the last reading. */
  sessions(): readonly TrustedEntry[] {
    return this.#parts.sessions.flatMap(({ name }) => this.#readings.get(name)?.entries ?? []);
  }

  /** Asks these from the next reading on, which `refresh` does at once. */
  follow(lists: TrustLists): void {
    this.#lists = lists;
    this.#stamps = this.#readStamps();
  }

  /** Reads everything now, host names included as far as they answer at once. Never rejects. */
  async refresh(): Promise<void> {
    // The first reading says which names there are.
    this.#readAll();
    const { names } = this.#lists;
    const resolved = Promise.all(names.map((each) => each.refresh()));
    if (names.length > 0)
      await Promise.race([resolved, pause(NAMES_WAIT_MS, undefined, { ref: false })]);
    this.#readAll();
  }

  /**
   * Writes the sets, whatever is in them: they are new. From the first call on they are kept
   * current.
   * @throws {OperationalError} ERR_KERNEL when the kernel refuses it.
   */
  fill(): void {
    this.#hasSets = true;
    this.#write(true);
  }

  /**
   * Whether the sets have what was written into them, as far as {@link KernelTrust.isIntact} looks;
   * true where there are none. Microseconds where they have. `vedette untrust` takes its prefix out
   * of the file and then out of the sets: before a stranger is blamed the sources are read, and what
   * they say otherwise is written.
   */
  areSetsIntact(): boolean {
    const { kernel } = this.#parts;
    if (kernel === undefined || kernel.isIntact()) return true;
    this.#readAll();
    return kernel.isIntact();
  }

  /** Polls from now on. Called once; `stop` ends it. */
  start(): void {
    this.#pollAfter(POLL_MS);
    this.#stamps = this.#readStamps();
    this.#askQuickOnes();
    this.#lookTimer = setInterval(() => {
      const stamps = this.#readStamps();
      const hasOtherFiles = stamps !== this.#stamps;
      this.#stamps = stamps;
      if (this.#askQuickOnes() || hasOtherFiles) this.#readAll();
    }, LOOK_MS);
  }

  /** May be called twice. */
  stop(): void {
    clearTimeout(this.#timer);
    clearInterval(this.#lookTimer);
  }

  /** Trusts by hand, for `timeoutMs` or for good (null); in force when it returns. */
  add(prefix: Prefix, timeoutMs: number | null): Outcome {
    const now = this.#parts.clock.epochMs();
    const untilEpochMs = timeoutMs === null ? undefined : now + timeoutMs;
    const comment = `by hand, ${new Date(now).toISOString()}`;
    const outcome = this.#parts.file.add(prefix, untilEpochMs, comment);
    if (outcome.status === "applied") this.#readAll();
    return outcome;
  }

  /**
   * The clock is being set by `byMs`, while ours says the old time: trust by hand that has an end
   * lasts as long as it was to. A file that cannot be written keeps its ends, and says so.
   */
  clockWasSet(byMs: number): void {
    const outcome = this.#parts.file.moveEnds(byMs);
    if (outcome.status === "failed") this.#tellFaults([outcome.reason]);
  }

  #readStamps(): string {
    return this.#lists.paths.map(stampOf).join();
  }

  /** @returns whether one of the quick sources says something else; false while they rest. */
  #askQuickOnes(): boolean {
    const { clock } = this.#parts;
    const startedAtMs = clock.monotonicMs();
    if (startedAtMs < this.#askAgainAtMs) return false;
    const said = JSON.stringify(this.#lists.quick.map((source) => source.read()));
    const askedAtMs = clock.monotonicMs();
    this.#askAgainAtMs = askedAtMs + restAfter(askedAtMs - startedAtMs);
    const isOther = said !== this.#saidQuickly;
    this.#saidQuickly = said;
    return isOther;
  }

  #pollAfter(pauseMs: number): void {
    this.#timer = setTimeout(() => {
      const startedAtMs = this.#parts.clock.monotonicMs();
      for (const names of this.#lists.names) void names.refresh();
      this.#readAll();
      this.#pollAfter(pauseAfter(this.#parts.clock.monotonicMs() - startedAtMs));
    }, pauseMs);
  }

  #readAll(): void {
    const { trusted, sessions, file } = this.#parts;
    const { sources } = this.#lists;
    const entries: TrustedEntry[] = [];
    const shared = new Set(SHARED_IPV6_PREFIXES);
    const faults: string[] = [];
    let blindness: string | undefined;
    for (const source of [...sessions, ...sources, file]) {
      const reading = source.read();
      if (reading.status === "read") this.#readings.set(source.name, reading);
      faults.push(...(reading.status === "read" ? reading.faults : [reading.reason]));
      const good = this.#readings.get(source.name);
      entries.push(...(good?.entries ?? []));
      for (const prefix of good?.sharedIpv6 ?? []) shared.add(prefix);
      if (good === undefined && source.isVital && reading.status === "unreadable") {
        blindness ??= `nobody is banned until it can be read: ${reading.reason}`;
      }
    }
    for (const prefix of file.takenAway()) this.#parts.onUntrusted?.(prefix);
    const hasChanged = trusted.replace(entries, blindness);
    const sharedIpv6 = [...shared].sort();
    const isSameShared = sharedIpv6.join() === this.#sharedIpv6.join();
    this.#sharedIpv6 = sharedIpv6;
    if (this.#hasSets) faults.push(...this.#writeOrFault());
    if (hasChanged || !isSameShared) this.#parts.onFacts(this.facts);
    this.#tellFaults(faults);
  }

  /** What was not written is tried again at the next poll. */
  #writeOrFault(): string[] {
    try {
      this.#write(false);
      return [];
    } catch (error) {
      if (!(error instanceof OperationalError)) throw error;
      return [error.message];
    }
  }

  #write(isForced: boolean): void {
    const { trusted, kernel } = this.#parts;
    const prefixes = this.isBlind ? EVERYBODY : trusted.entries.map(({ prefix }) => prefix);
    kernel?.write(prefixes, this.#sharedIpv6, isForced);
  }

  #tellFaults(faults: readonly string[]): void {
    const text = JSON.stringify(faults);
    if (text === this.#toldFaults) return;
    this.#toldFaults = text;
    this.#parts.onFaults(faults);
  }
}
