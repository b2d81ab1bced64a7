/**
 * What all rules have in common: a record a source, the pause after a conviction, and the verdict
 * that a record becomes.
 *
 * A conviction says its thing once. For `reconvictAfterMs` after it the source's probes are passed
 * over, because those that were under way when the ban was made still arrive. From then on they
 * count again from zero, as the same campaign: the ban has lapsed, or was never made.
 *
 * Sources are forged at no cost, so what is believed of a claimed source is worth what `evidence`
 * says; memory is bounded by the table, whatever comes.
 */
import type { Clock } from "../clock.ts";
import type { Proof } from "../model/evidence.ts";
import { keepProbe, type Probe, type ProbeKind } from "../model/probe.ts";
import type { Verdict } from "../model/verdict.ts";
import { type AddressWords, formatWords, wordsOf } from "../net/address-words.ts";
import { firstAddressOf, type Prefix } from "../net/prefix.ts";
import type { SourceKeys } from "../net/source-keys.ts";
import type { AddressHashKey } from "./address-hash.ts";
import { Fingerprints } from "./fingerprints.ts";
import { GivenVerdicts } from "./given-verdicts.ts";
import { ProvenPorts, type ProvesAlone } from "./proven-ports.ts";
import { rememberSources, restoreSources } from "./remembered-sources.ts";
import type { SavedSource } from "./saved-sources.ts";
import {
  EVIDENCE_RANKS,
  evidenceOfRank,
  KIND_BITS,
  kindsOfBits,
  nameCampaign,
} from "./slot-values.ts";
import { SourceTable } from "./source-table.ts";

export interface RecordOptions {
  /** How long a source is remembered after its last probe that counted. Milliseconds. */
  readonly recordMs: number;
  /** Sources remembered at once: {@link SourceTable}. */
  readonly maxSources: number;
  /**
   * How long after a conviction the source's probes are passed over. Milliseconds. Default 60 000.
   */
  readonly reconvictAfterMs?: number;
  /** Default: random. A capture is judged alike whenever it is read only with one that is known. */
  readonly hashKey?: AddressHashKey;
}

/** What differs between rules. */
interface RecordRule {
  /** Whether listed ports have their times, too. */
  readonly listsTimes: boolean;
  /** Asked anew for each handshake. */
  readonly provesAlone: ProvesAlone;
}

/** What a rule adds to its record. */
export type Conviction = Pick<Verdict, "ruleId" | "reason" | "ports" | "score">;

const DEFAULT_RECONVICT_AFTER_MS = 60_000;

/** So that a source which is spared costs a verdict a second at the most. */
const RESUMED_AFTER_MS = 1000;

const MAX_PROBES = 0xffff_ffff;

/** See the file comment. */
export class SourceRecords {
  #options: RecordOptions;
  #table: SourceTable;
  #fingerprints: Fingerprints;
  #provenPorts: ProvenPorts;
  readonly #given: GivenVerdicts;
  readonly #clock: Clock;
  readonly #keys: SourceKeys;
  readonly #rule: RecordRule;
  /** Read once, so that a campaign keeps its name when somebody sets the clock. */
  readonly #campaignEpochMs: number;
  /** The source at hand, so that a probe allocates nothing. */
  readonly #key = new Uint32Array(4);

  constructor(options: RecordOptions, clock: Clock, keys: SourceKeys, rule: RecordRule) {
    const { listsTimes, provesAlone } = rule;
    this.#options = options;
    this.#rule = rule;
    this.#table = new SourceTable({ ...options, listsTimes });
    this.#fingerprints = new Fingerprints(this.#table.capacity);
    this.#provenPorts = new ProvenPorts(this.#table.capacity, provesAlone);
    this.#given = new GivenVerdicts(provesAlone);
    this.#clock = clock;
    this.#keys = keys;
    this.#campaignEpochMs = clock.epochMs() - clock.monotonicMs();
  }

  /** The table in use; another one after a {@link reconfigure} of its size. */
  get table(): SourceTable {
    return this.#table;
  }

  /** Keeps what is remembered, unless `maxSources` is another: that is another table. */
  reconfigure(options: RecordOptions): void {
    if (options.maxSources === this.#options.maxSources) {
      this.#table.setRecordTime(options.recordMs);
    } else {
      const { listsTimes, provesAlone } = this.#rule;
      this.#table = new SourceTable({ ...options, listsTimes });
      this.#fingerprints = new Fingerprints(this.#table.capacity);
      this.#provenPorts = new ProvenPorts(this.#table.capacity, provesAlone);
    }
    this.#options = options;
  }

  /** Counts the probe. @returns its source's slot; undefined when it is passed over. */
  open(probe: Probe): number | undefined {
    const table = this.#table;
    this.#keys.keyOf(probe.source, this.#key);
    const slot = table.touch(this.#key, probe.seenAtMs);
    const probes = table.probes[slot] as number;
    if (probes < MAX_PROBES) table.probes[slot] = probes + 1;
    if (probes === 0) {
      this.#fingerprints.begin(slot);
      this.#provenPorts.begin(slot);
    }
    this.#fingerprints.observe(slot, probe);
    if (this.#isPassedOver(slot, probe.seenAtMs)) return undefined;

    // A repeat of a port counts for nothing, and may still be the one that proves who sends.
    table.kinds[slot] = (table.kinds[slot] as number) | KIND_BITS[probe.kind];
    this.#believe(slot, probe);
    return slot;
  }

  /** @returns the slot of a source that is remembered and not passed over at `atMs`. */
  find(source: AddressWords, atMs: number): number | undefined {
    this.#keys.keyOf(source, this.#key);
    const slot = this.#table.find(this.#key);
    return slot === undefined || this.#isPassedOver(slot, atMs) ? undefined : slot;
  }

  /** As {@link Detector.raise}. */
  raise(proof: Proof): Verdict | undefined {
    const table = this.#table;
    this.#keys.keyOf(proof.source, this.#key);
    const slot = table.find(this.#key);
    if (slot === undefined) return undefined;
    // What was under way at a conviction belongs to it, and says nothing of the next count.
    if (!this.#isPassedOver(slot, proof.seenAtMs)) this.#believe(slot, proof);
    const raised = this.#given.raise(this.#keys.prefixOf(proof.source), proof);
    if (raised === undefined) return undefined;
    const epochOffsetMs = this.#clock.epochMs() - this.#clock.monotonicMs();
    const decidedAtEpochMs = Math.round(epochOffsetMs + proof.seenAtMs);
    return { ...raised, probes: table.probes[slot] as number, decidedAtEpochMs };
  }

  /** As {@link raise}, by a probe that brings its own proof and convicts nobody by itself. */
  raiseBy({ source, evidence, port, seenAtMs }: Probe): Verdict | undefined {
    return evidence === "claimed" ? undefined : this.raise({ source, evidence, port, seenAtMs });
  }

  /** As {@link Detector.isConvicted}. */
  isConvicted(source: AddressWords): boolean {
    this.#keys.keyOf(source, this.#key);
    const slot = this.#table.find(this.#key);
    return slot !== undefined && this.#isPassedOver(slot, this.#clock.monotonicMs());
  }

  /** As {@link Detector.resume}. */
  resume(source: Prefix, atMs: number): void {
    this.#keys.keyOf(wordsOf(firstAddressOf(source)), this.#key);
    const slot = this.#table.find(this.#key);
    if (slot === undefined || !this.#isPassedOver(slot, atMs)) return;
    this.#table.convictedAtMs[slot] = atMs + RESUMED_AFTER_MS - this.#reconvictAfterMs;
  }

  /** As {@link Detector.forget}. */
  forget(prefix: Prefix): void {
    this.#given.forget(prefix);
    this.#table.forget(prefix, this.#keys.bitsOf(wordsOf(firstAddressOf(prefix))));
  }

  /** Convicts the source of the slot by this probe, its last. @returns the verdict on it. */
  convict(slot: number, probe: Probe, conviction: Conviction): Verdict {
    const table = this.#table;
    const firstSeenAtMs = table.firstSeenAtMs[slot] as number;
    const epochOffsetMs = this.#clock.epochMs() - this.#clock.monotonicMs();
    const verdict: Verdict = {
      source: this.#keys.prefixOf(probe.source),
      address: formatWords(probe.source),
      evidence: evidenceOfRank(table.evidence[slot] as number),
      ...conviction,
      kinds: kindsOfBits(table.kinds[slot] as number),
      tool: this.#fingerprints.toolOf(slot),
      last: keepProbe(probe),
      probes: table.probes[slot] as number,
      firstSeenAtEpochMs: Math.round(epochOffsetMs + firstSeenAtMs),
      decidedAtEpochMs: Math.round(epochOffsetMs + probe.seenAtMs),
      // Where campaigns are followed, they give it their own: src/detectors/campaigns.ts.
      campaignId: nameCampaign(
        this.#campaignEpochMs + firstSeenAtMs,
        table.campaign[slot] as number,
      ),
    };
    table.convict(slot, probe.seenAtMs);
    this.#given.add(verdict, probe.seenAtMs, this.#provenPorts.firstOf(slot));
    this.#provenPorts.begin(slot);
    return verdict;
  }

  /** @returns what is remembered of the most convincing sources, with wall times. */
  save(): SavedSource[] {
    return rememberSources(this.#table, this.#clock, this.#campaignEpochMs);
  }

  /** As {@link restoreSources}. */
  restore(saved: readonly SavedSource[]): number {
    return restoreSources(saved, {
      table: this.#table,
      clock: this.#clock,
      keys: this.#keys,
      campaignEpochMs: this.#campaignEpochMs,
      recordMs: this.#options.recordMs,
      reconvictAfterMs: this.#reconvictAfterMs,
      onBegin: (slot) => this.#provenPorts.begin(slot),
    });
  }

  /** Raises the evidence of the slot's present count to what is shown, if that is more. */
  #believe(slot: number, shown: Pick<Probe, "evidence" | "port">): void {
    const { evidence } = this.#table;
    const rank = EVIDENCE_RANKS[this.#provenPorts.take(slot, shown)];
    if (rank > (evidence[slot] as number)) evidence[slot] = rank;
  }

  /** NaN, a source that was never convicted, makes this false. */
  #isPassedOver(slot: number, atMs: number): boolean {
    return atMs - (this.#table.convictedAtMs[slot] as number) <= this.#reconvictAfterMs;
  }

  get #reconvictAfterMs(): number {
    return this.#options.reconvictAfterMs ?? DEFAULT_RECONVICT_AFTER_MS;
  }
}

/** Whether no stack sends this, in whatever state: only who writes his own packets does. */
export function isCraftedKind(kind: ProbeKind): boolean {
  return kind === "tcp-null" || kind === "tcp-xmas" || kind === "tcp-odd";
}

/** Whether the end of an ordinary connection looks like this, too. */
export function mayBeStray(kind: ProbeKind): boolean {
  return kind === "tcp-ack" || kind === "tcp-maimon";
}
