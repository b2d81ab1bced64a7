/**
 * Convicts a source as soon as what it touched tells a scanner from somebody honest, however slowly
 * it goes: the walk of src/model/walk.ts over its first contacts, so four unused ports in a
 * row.
 *
 * What counts: a contact with another address, port and transport of ours, a port family once.
 * UDP, which anybody's stale client sends, has half the weight; a trap port twice; what may be left
 * of an ended connection a quarter. Flags that no stack sends are a contact of their own beside what
 * else came to the port, and count twice: nobody honest makes them (nmap -O does, on one port).
 * Nobody is convicted by one port alone, of however many of our
 * addresses: that is a client whose service has stopped. What has no port counts when there is
 * enough of it: src/detectors/portless-contacts.ts.
 *
 * Ordinary connections never reach us. Whoever makes the detector may have it ask after a source
 * that nears conviction ({@link AskSuccesses}); what is answered counts as hits: the first on each
 * port, and eight at most, so that a scanner who knows an open port cannot buy himself more contacts
 * with it. The question is not waited for: a scan that is over in a millisecond is convicted in it.
 *
 * What senders can grow is bounded: a record has 32 contacts, the oldest miss goes first and counts
 * anew if it comes again, what has no port before it; records are bounded by the table, questions
 * by number and second.
 */
import type { Clock } from "../clock.ts";
import type { Proof } from "../model/evidence.ts";
import type { Probe } from "../model/probe.ts";
import type { Score, Verdict } from "../model/verdict.ts";
import { CONVICTION_BITS, stepOn, type WalkWeights, walkWeights } from "../model/walk.ts";
import type { AddressWords } from "../net/address-words.ts";
import type { PortSet } from "../net/port-range.ts";
import type { Prefix } from "../net/prefix.ts";
import type { SourceKeys } from "../net/source-keys.ts";
import { hasPorts, type Transport } from "../net/transport.ts";
import { SlidingWindow } from "../sliding-window.ts";
import {
  addressBitsOf,
  distinctPorts,
  familyPortOf,
  hitEntry,
  isCounted,
  isCrafted,
  isHit,
  isTrap,
  portOf,
  transportOf,
} from "./contact-entry.ts";
import type { Detector } from "./detector.ts";
import { takeHit, takeMiss } from "./first-contacts.ts";
import { PortlessContacts } from "./portless-contacts.ts";
import { formatWalkReason } from "./reason.ts";
import { decodeSavedSources, encodeSavedSources } from "./saved-sources.ts";
import { type RecordOptions, SourceRecords } from "./source-records.ts";

export interface SequentialOptions extends RecordOptions {
  /** Three misses convict, not four: {@link walkWeights}. */
  readonly isStrict: boolean;
  /** How long until what was seen is worth half. Milliseconds, above 0. */
  readonly halfLifeMs: number;
  /** TCP ports that count double. */
  readonly trapPorts: PortSet;
  /** Whether probes come from unused ports alone, which reasons then say. */
  readonly areUnused: boolean;
}

/** A port of ours that somebody serves. */
interface ServedPort {
  readonly transport: Transport;
  readonly port: number;
}

/** What counts against a source so far. */
export interface Walk {
  readonly score: Score;
  /** When its last contact came: monotonic milliseconds. */
  readonly lastAtMs: number;
}

/**
 * Asked after a source that nears conviction: which of our real services has it, or had it lately,
 * a connection to? The answer is given to {@link SequentialDetector.observeHit}, at once or later.
 */
export type AskSuccesses = (source: Prefix) => void;

/** Questions in any second; whoever comes beyond is judged by its misses alone. */
const ASKED_A_SECOND = 10;

/** How far from a conviction a source is asked after, in ordinary misses: what one trap adds. */
const ASKED_WITHIN_MISSES = 2;

export class SequentialDetector implements Detector {
  readonly #records: SourceRecords;
  readonly #keys: SourceKeys;
  readonly #ask: AskSuccesses;
  readonly #asked = new SlidingWindow({ limit: ASKED_A_SECOND, windowMs: 1000 });
  /** Of the source at hand, since its last walk. */
  readonly #portless = new PortlessContacts();
  #options: SequentialOptions;
  #weights: WalkWeights;

  /** @param ask default: nobody is asked, and hits are those that are told unasked. */
  constructor(
    options: SequentialOptions,
    clock: Clock,
    keys: SourceKeys,
    ask: AskSuccesses = () => {},
  ) {
    this.#records = new SourceRecords(options, clock, keys, {
      listsTimes: true,
      provesAlone: (port) => this.provesAlone(port),
    });
    this.#keys = keys;
    this.#ask = ask;
    this.#options = options;
    this.#weights = walkWeights(options.isStrict);
  }

  get tracked(): number {
    return this.#records.table.size;
  }

  /**
   * Judges by these options from the next probe on, what was seen before included; only a port that
   * was a trap when it was touched stays one. Another `maxSources` begins with an empty memory.
   */
  reconfigure(options: SequentialOptions): void {
    this.#records.reconfigure(options);
    this.#options = options;
    this.#weights = walkWeights(options.isStrict);
  }

  observe(probe: Probe): Verdict | undefined {
    const slot = this.#records.open(probe);
    if (slot === undefined) return this.#records.raiseBy(probe);
    const isTcpTrap = probe.transport === "tcp" && this.provesAlone(probe.port);
    if (!takeMiss(this.#records.table, slot, probe, isTcpTrap)) return this.#records.raiseBy(probe);
    const bits = this.#walk(slot);
    if (bits >= CONVICTION_BITS && this.#hasTwoPorts(slot)) return this.#convict(slot, probe, bits);
    const isNear = bits + ASKED_WITHIN_MISSES * this.#weights.missBits >= CONVICTION_BITS;
    if (isNear || this.#portless.isOneShort) {
      if (this.#asked.take(probe.seenAtMs)) this.#ask(this.#keys.prefixOf(probe.source));
    }
    return this.#records.raiseBy(probe);
  }

  /**
   * Takes into account that the source has, or had, a connection to a real service. Nothing comes
   * of it for a source that has touched no unused port, or is convicted, or when it was told before.
   * @param atMs monotonic.
   */
  observeHit(source: AddressWords, { transport, port }: ServedPort, atMs: number): void {
    const slot = this.#records.find(source, atMs);
    if (slot === undefined || this.#records.table.contacts[slot] === 0) return;
    takeHit(this.#records.table, slot, hitEntry(transport, port), atMs);
  }

  /**
   * @returns the likelihood ratio after the source's last contact; undefined when nothing counts of
   * it, or its conviction has begun its count anew.
   */
  ratioOf(source: AddressWords, atMs: number): number | undefined {
    const slot = this.#records.find(source, atMs);
    const counts = slot !== undefined && (this.#records.table.contacts[slot] as number) > 0;
    return counts ? 2 ** this.#walk(slot) : undefined;
  }

  /**
   * @returns what counts against the source and how, before any verdict, and when the last contact
   * came (monotonic); undefined as in {@link ratioOf}.
   */
  walkOf(source: AddressWords, atMs: number): Walk | undefined {
    const slot = this.#records.find(source, atMs);
    const count = slot === undefined ? 0 : (this.#records.table.contacts[slot] as number);
    if (slot === undefined || count === 0) return undefined;
    const score = this.#scoreAt(slot, this.#walk(slot), this.#entriesOf(slot));
    return { score, lastAtMs: this.#atMs(slot, 0) + (score.steps.at(-1)?.afterMs ?? 0) };
  }

  raise(proof: Proof): Verdict | undefined {
    return this.#records.raise(proof);
  }

  isConvicted(source: AddressWords): boolean {
    return this.#records.isConvicted(source);
  }

  provesAlone(port: number): boolean {
    return this.#options.trapPorts.has(port);
  }

  resume(source: Prefix, atMs: number): void {
    this.#records.resume(source, atMs);
  }

  forget(prefix: Prefix): void {
    this.#records.forget(prefix);
  }

  /** @returns what is remembered of the most convincing sources, for {@link restore}. */
  save(): Uint8Array {
    return encodeSavedSources(this.#records.save());
  }

  /**
   * Remembers what another process has saved; scores have faded since. To be called before the
   * first probe. @returns how many sources; undefined, and nothing was done, when the bytes are
   * damaged.
   */
  restore(bytes: Uint8Array): number | undefined {
    const saved = decodeSavedSources(bytes);
    return saved === undefined ? undefined : this.#records.restore(saved);
  }

  /** @returns the walk's place after the last contact, in bits. */
  #walk(slot: number): number {
    const { table } = this.#records;
    this.#portless.count(table, slot);
    let bits = 0;
    let lastMs = this.#atMs(slot, 0);
    for (let index = 0; index < table.ports.count(slot); index += 1) {
      const atMs = this.#atMs(slot, index);
      const stepBits = this.#portless.stepBitsOf(table.ports.at(slot, index), this.#weights);
      bits = stepOn(bits, atMs - lastMs, this.#options.halfLifeMs, stepBits);
      lastMs = atMs;
    }
    return bits;
  }

  /**
   * Whether what counts is not all of one port, whatever address of ours it has. What has no port
   * counts for enough of it, and never for a second port.
   */
  #hasTwoPorts(slot: number): boolean {
    const { table } = this.#records;
    let first = -1;
    for (let index = 0; index < table.ports.count(slot); index += 1) {
      const entry = table.ports.at(slot, index);
      if (!isCounted(entry) || !this.#portless.tells(transportOf(entry))) continue;
      if (!hasPorts(transportOf(entry))) return true;
      if (first === -1) first = familyPortOf(entry);
      else if (familyPortOf(entry) !== first) return true;
    }
    return false;
  }

  #convict(slot: number, probe: Probe, bits: number): Verdict {
    const entries = this.#entriesOf(slot);
    const misses = entries.filter((entry) => !isHit(entry));
    const score = this.#scoreAt(slot, bits, entries);
    const ports = distinctPorts(misses);
    const addressesOf = (wanted: (entry: number) => boolean) =>
      new Set(misses.filter(wanted).map(addressBitsOf)).size;
    const reason = formatWalkReason({
      ports,
      addresses: addressesOf((entry) => hasPorts(transportOf(entry))),
      pinged: addressesOf((entry) => transportOf(entry) === "icmp"),
      traps: distinctPorts(misses.filter(isTrap)),
      crafted: distinctPorts(misses.filter(isCrafted)),
      hits: entries.length - misses.length,
      areUnused: this.#options.areUnused,
      spanMs: this.#atMs(slot, entries.length - 1) - this.#atMs(slot, entries.findIndex(isMiss)),
      ratio: score.value,
    });
    return this.#records.convict(slot, probe, { ruleId: "sequential", reason, ports, score });
  }

  /** To be called after the walk of the slot. */
  #scoreAt(slot: number, bits: number, entries: readonly number[]): Score {
    return {
      value: 2 ** bits,
      halfLifeMs: this.#options.halfLifeMs,
      steps: entries.map((entry, index) => ({
        transport: transportOf(entry),
        port: portOf(entry),
        afterMs: this.#atMs(slot, index) - this.#atMs(slot, 0),
        factor: 2 ** this.#portless.stepBitsOf(entry, this.#weights),
      })),
    };
  }

  #entriesOf(slot: number): number[] {
    const { table } = this.#records;
    return Array.from({ length: table.ports.count(slot) }, (_, index) =>
      table.ports.at(slot, index),
    );
  }

  #atMs(slot: number, index: number): number {
    return this.#records.table.ports.timeAt(slot, index) ?? 0;
  }
}

function isMiss(entry: number): boolean {
  return !isHit(entry);
}
