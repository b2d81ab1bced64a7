/**
 * Follows each source from its first probe to its last, and tells one story of it.
 *
 * A campaign is a record of its own, apart from the one by which a rule judges: a conviction begins
 * the rule's count anew, and the rule remembers for a day what a story tells within the hour. It is
 * opened, and told of, with what is more than one stray packet: a second distinct port, a hold of
 * the kernel, or proof; it is closed when no probe has come for `quietMs`. What a ban stops at the
 * gate does not come here, so the story of a banned source ends with what came before its ban.
 *
 * Sources are forged at no cost, and each has a campaign from its first probe on. So memory is
 * fixed at construction, about 0.3 KiB a campaign and 16 KiB for each of 256 long scans, and the
 * forgetting rule is that of src/detectors/source-table.ts: the least convincing and idlest goes
 * first, a convicted one when all eight of its places are, and then its story is told. A forged
 * flood costs us the beginnings of other stories. A probe allocates nothing; a listener that makes
 * a story for each change does, and has to ration itself.
 */
import type { Clock } from "../clock.ts";
import type {
  Campaign,
  CampaignChange,
  CampaignOutcome,
  CampaignVerdict,
} from "../model/campaign.ts";
import { EVIDENCE_LEVELS, type Evidence } from "../model/evidence.ts";
import { PROBE_KINDS, type Probe, type ProbeKind } from "../model/probe.ts";
import type { Verdict } from "../model/verdict.ts";
import { type AddressWords, wordsOf } from "../net/address-words.ts";
import { firstAddressOf, type Prefix } from "../net/prefix.ts";
import type { SourceKeys } from "../net/source-keys.ts";
import type { AddressHashKey } from "./address-hash.ts";
import { CampaignDestinations } from "./campaign-destinations.ts";
import { CampaignPorts } from "./campaign-ports.ts";
import { Emitters } from "./emitters.ts";
import { Fingerprints } from "./fingerprints.ts";
import { SourceTable } from "./source-table.ts";

export interface CampaignsOptions {
  /** A campaign is closed when no probe has come for so long. Milliseconds, finite. */
  readonly quietMs: number;
  /** Campaigns at once: {@link SourceTable}. */
  readonly maxCampaigns: number;
  /** @returns a likelihood ratio of this source now; undefined: none is known. Default: none is. */
  readonly scoreOf?: (source: AddressWords) => number | undefined;
  /** Default: random. Given by tests that must know which sources share their slots. */
  readonly hashKey?: AddressHashKey;
}

/**
 * Told of each change, during the call that makes it. `story` makes the campaign as it is now, for
 * whoever wants it; it may be called in that call alone.
 */
export type CampaignListener = (change: CampaignChange, story: () => Campaign) => void;

/** The outcome and the words of a campaign that is convicted. */
interface Finding {
  readonly reason: string;
  score: number | undefined;
  outcome: CampaignOutcome;
}

/** Campaigns that know more than 32 ports at once: {@link CampaignPorts}. */
const MAX_MAPS = 256;

/** The shortest pause between two tellings of one campaign's growth. Milliseconds. */
const UPDATE_MS = 60_000;

const MAX_PACKETS = 0xffff_ffff;

/** Bits of a campaign's state. */
const OPENED = 1;
const HELD = 2;
const GROWN = 4;

const NO_OUTCOME: CampaignOutcome = { status: "none" };

const KIND_BITS = bitsOf<ProbeKind>(PROBE_KINDS);

const EVIDENCE_RANKS = ranksOf<Evidence>(EVIDENCE_LEVELS);

/** See the file comment. */
export class Campaigns {
  readonly #clock: Clock;
  readonly #keys: SourceKeys;
  readonly #tell: CampaignListener;
  readonly #scoreOf: (source: AddressWords) => number | undefined;
  readonly #table: SourceTable;
  readonly #ports: CampaignPorts;
  readonly #destinations: CampaignDestinations;
  readonly #fingerprints: Fingerprints;
  readonly #emitters = new Emitters();
  /** By slot: bits of state, and when growth was last told. */
  readonly #states: Uint8Array;
  readonly #toldAtMs: Float64Array;
  /** Of convicted campaigns alone, by slot. */
  readonly #findings = new Map<number, Finding>();
  /** Read once, so that a campaign keeps its name when somebody sets the clock. */
  readonly #namingEpochMs: number;
  /** The source at hand, so that a probe allocates nothing. */
  readonly #key = new Uint32Array(4);
  #slot = 0;
  readonly #story = () => this.#storyAt(this.#slot);

  /** @param tell default: nobody is told. */
  constructor(
    options: CampaignsOptions,
    clock: Clock,
    keys: SourceKeys,
    tell: CampaignListener = () => {},
  ) {
    const { quietMs, maxCampaigns, hashKey } = options;
    this.#clock = clock;
    this.#keys = keys;
    this.#tell = tell;
    this.#scoreOf = options.scoreOf ?? (() => undefined);
    this.#table = new SourceTable({
      maxSources: maxCampaigns,
      recordMs: quietMs,
      ...(hashKey === undefined ? {} : { hashKey }),
      onEnd: (slot) => this.#end(slot),
    });
    const { capacity } = this.#table;
    this.#ports = new CampaignPorts(this.#table, MAX_MAPS);
    this.#destinations = new CampaignDestinations(capacity);
    this.#fingerprints = new Fingerprints(capacity);
    this.#states = new Uint8Array(capacity);
    this.#toldAtMs = new Float64Array(capacity);
    this.#namingEpochMs = clock.epochMs() - clock.monotonicMs();
  }

  /** Campaigns that go on, those included that are not opened yet. */
  get size(): number {
    return this.#table.size;
  }

  /** Closes campaigns after another pause from now on. */
  reconfigure({ quietMs }: Pick<CampaignsOptions, "quietMs">): void {
    this.#table.setRecordTime(quietMs);
  }

  /** Takes one probe into account. To be called before a rule judges it. */
  observe(probe: Probe): void {
    const table = this.#table;
    this.#keys.keyOf(probe.source, this.#key);
    const slot = table.touch(this.#key, probe.seenAtMs);
    const packets = table.probes[slot] as number;
    if (packets === 0) this.#begin(slot);
    if (packets < MAX_PACKETS) table.probes[slot] = packets + 1;
    // Captures may be out of order; a campaign never becomes older.
    if (probe.seenAtMs > (table.lastCountedAtMs[slot] as number)) {
      table.lastCountedAtMs[slot] = probe.seenAtMs;
    }
    table.kinds[slot] = (table.kinds[slot] as number) | KIND_BITS[probe.kind];
    this.#raise(slot, probe.evidence);
    this.#fingerprints.observe(slot, probe);
    this.#destinations.add(slot, probe.destination);
    this.#ports.add(slot, probe.transport, probe.port);
    this.#states[slot] = (this.#states[slot] as number) | GROWN | (probe.startedHold ? HELD : 0);
    this.#emitters.observe(probe, this.#key);
    this.#openIfItMatters(slot, probe.seenAtMs);
  }

  /** What is learned of a source without a probe, such as that it is alive. Never less than before. */
  raise(source: AddressWords, evidence: Evidence): void {
    const slot = this.#find(source);
    if (slot !== undefined) this.#raise(slot, evidence);
  }

  /**
   * The source was judged a scanner. The first time tells of it.
   * @returns the verdict as one of this campaign.
   */
  convict(verdict: Verdict): Verdict {
    const slot = this.#find(wordsOf(verdict.address));
    if (slot === undefined) return verdict;
    const nowMs = this.#table.lastCountedAtMs[slot] as number;
    this.#raise(slot, verdict.evidence);
    this.#table.convictedAtMs[slot] = nowMs;
    const finding = this.#findings.get(slot);
    const score = verdict.score?.value;
    if (finding === undefined) {
      this.#findings.set(slot, { reason: verdict.reason, score, outcome: NO_OUTCOME });
      this.#change(slot, "convicted", nowMs);
    } else {
      finding.score = score;
    }
    return { ...verdict, campaignId: this.#idAt(slot) };
  }

  /** What became of the latest verdict on this source, or of its ban. */
  settle(source: Prefix, outcome: CampaignOutcome): void {
    const slot = this.#table.find(wordsOf(firstAddressOf(source)));
    const finding = slot === undefined ? undefined : this.#findings.get(slot);
    if (slot === undefined || finding === undefined) return;
    finding.outcome = outcome;
    this.#states[slot] = (this.#states[slot] as number) | GROWN;
  }

  /** Closes what has been quiet, and tells what has grown. To be called about once a second. */
  tick(nowMs: number): void {
    this.#close((slot) => this.#table.isIdle(slot, nowMs));
    const hasGrown = (slot: number) =>
      ((this.#states[slot] as number) & (OPENED | GROWN)) === (OPENED | GROWN) &&
      nowMs - (this.#toldAtMs[slot] as number) >= UPDATE_MS;
    for (const slot of this.#oldestFirst(hasGrown)) this.#change(slot, "updated", nowMs);
  }

  /** Closes all there are. */
  closeAll(): void {
    this.#close(() => true);
  }

  /** @returns every campaign that goes on, those included that are not opened, oldest first. */
  list(): Campaign[] {
    return this.#oldestFirst(() => true).map((slot) => this.#storyAt(slot));
  }

  #close(isOver: (slot: number) => boolean): void {
    for (const slot of this.#oldestFirst(isOver)) this.#table.release(slot);
  }

  /** In the order of their first probes, so that the same probes make the same stories. */
  #oldestFirst(isWanted: (slot: number) => boolean): number[] {
    const { firstSeenAtMs, campaign } = this.#table;
    const age = (numbers: Float64Array | Uint32Array, a: number, b: number) =>
      (numbers[a] as number) - (numbers[b] as number);
    return [...this.#table.slots()]
      .filter(isWanted)
      .sort((a, b) => age(firstSeenAtMs, a, b) || age(campaign, a, b));
  }

  #begin(slot: number): void {
    this.#states[slot] = 0;
    this.#destinations.begin(slot);
    this.#fingerprints.begin(slot);
  }

  #openIfItMatters(slot: number, nowMs: number): void {
    const state = this.#states[slot] as number;
    if ((state & OPENED) !== 0) return;
    const isProven = this.#table.evidence[slot] === EVIDENCE_RANKS.proven;
    const matters = (this.#table.contacts[slot] as number) > 1 || (state & HELD) !== 0 || isProven;
    if (!matters) return;
    this.#states[slot] = state | OPENED;
    this.#change(slot, "opened", nowMs);
  }

  #raise(slot: number, evidence: Evidence): void {
    const rank = EVIDENCE_RANKS[evidence];
    if (rank > (this.#table.evidence[slot] as number)) this.#table.evidence[slot] = rank;
  }

  #change(slot: number, change: CampaignChange, atMs: number): void {
    this.#states[slot] = (this.#states[slot] as number) & ~GROWN;
    this.#toldAtMs[slot] = atMs;
    this.#slot = slot;
    this.#tell(change, this.#story);
  }

  /** The table ends a record that is still in its slot. */
  #end(slot: number): void {
    const isOpened = ((this.#states[slot] as number) & OPENED) !== 0;
    if (isOpened || this.#findings.has(slot)) this.#change(slot, "closed", 0);
    this.#findings.delete(slot);
    this.#ports.end(slot);
  }

  #find(source: AddressWords): number | undefined {
    this.#keys.keyOf(source, this.#key);
    return this.#table.find(this.#key);
  }

  #idAt(slot: number): string {
    const atEpochMs = Math.round(this.#namingEpochMs + (this.#table.firstSeenAtMs[slot] as number));
    return `${atEpochMs.toString(36)}-${(this.#table.campaign[slot] as number).toString(36)}`;
  }

  #storyAt(slot: number): Campaign {
    const table = this.#table;
    const words = table.wordsAt(slot);
    const epochOffsetMs = this.#clock.epochMs() - this.#clock.monotonicMs();
    const epochOf = (atMs: number | undefined) => Math.round(epochOffsetMs + (atMs as number));
    const finding = this.#findings.get(slot);
    const score = finding === undefined ? this.#scoreOf(words) : finding.score;
    const { ports, isShortened } = this.#ports.of(slot);
    return {
      id: this.#idAt(slot),
      source: this.#keys.prefixOf(words),
      firstAtEpochMs: epochOf(table.firstSeenAtMs[slot]),
      lastAtEpochMs: epochOf(table.lastCountedAtMs[slot]),
      packets: table.probes[slot] as number,
      ports,
      portCount: {
        count: table.contacts[slot] as number,
        isAtLeast: isShortened || this.#ports.isCut(slot),
      },
      kinds: PROBE_KINDS.filter((kind) => ((table.kinds[slot] as number) & KIND_BITS[kind]) !== 0),
      tool: this.#fingerprints.toolOf(slot),
      evidence: EVIDENCE_LEVELS[table.evidence[slot] as number] as Evidence,
      destinations: this.#destinations.of(slot),
      verdict: verdictOf(finding !== undefined, score),
      score,
      reason: finding?.reason,
      wasHeld: ((this.#states[slot] as number) & HELD) !== 0,
      outcome: finding?.outcome ?? NO_OUTCOME,
      emitterSources: 1 + this.#emitters.partnersOf(words).length,
    };
  }
}

/** See {@link CampaignVerdict}; a ratio of 1 is as much for one as for the other. */
function verdictOf(isConvicted: boolean, score: number | undefined): CampaignVerdict {
  if (isConvicted) return "scan";
  return score !== undefined && score <= 1 ? "benign" : "undecided";
}

function bitsOf<Name extends string>(names: readonly Name[]): Readonly<Record<Name, number>> {
  return Object.fromEntries(names.map((name, rank) => [name, 1 << rank])) as Record<Name, number>;
}

function ranksOf<Name extends string>(names: readonly Name[]): Readonly<Record<Name, number>> {
  return Object.fromEntries(names.map((name, rank) => [name, rank])) as Record<Name, number>;
}
