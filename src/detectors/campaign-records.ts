/**
 * What is remembered of each campaign, a slot of a source table each, and the story that it makes.
 *
 * Memory is fixed at construction, about 0.4 KiB a campaign and 16 KiB for each of 256 long scans;
 * who is forgotten first is src/detectors/source-table.ts's rule. Only what a conviction adds, a
 * few hundred bytes, is made when it is needed. A probe allocates nothing.
 */
import type { Clock } from "../clock.ts";
import {
  type Campaign,
  type CampaignEmitter,
  type CampaignOutcome,
  type CampaignVerdict,
  SWEEP_DESTINATIONS,
} from "../model/campaign.ts";
import { type Evidence, isStronger } from "../model/evidence.ts";
import type { Probe } from "../model/probe.ts";
import type { Tool } from "../model/tool.ts";
import type { AddressWords } from "../net/address-words.ts";
import type { SourceKeys } from "../net/source-keys.ts";
import { CampaignDestinations } from "./campaign-destinations.ts";
import { CampaignPorts } from "./campaign-ports.ts";
import { EvidenceSteps, wayOf } from "./evidence-steps.ts";
import { Fingerprints } from "./fingerprints.ts";
import { ProvenPorts, type ProvesAlone } from "./proven-ports.ts";
import {
  EVIDENCE_RANKS,
  evidenceOfRank,
  KIND_BITS,
  kindsOfBits,
  nameCampaign,
} from "./slot-values.ts";
import type { SourceTable } from "./source-table.ts";

/** What a conviction adds. */
export interface Finding {
  /** Of the first conviction. */
  readonly reason: string;
  /** Of the latest. */
  score: number | undefined;
  outcome: CampaignOutcome;
}

/** Campaigns that know more than 32 ports at once: {@link CampaignPorts}. */
const MAX_MAPS = 256;

const MAX_PACKETS = 0xffff_ffff;

export const NO_OUTCOME: CampaignOutcome = { status: "none" };

/** A probe, or a proof. */
type Shown = Pick<Probe, "evidence" | "port" | "seenAtMs"> & Partial<Pick<Probe, "sensor">>;

/** Columns beside the table, which is whose slots they are. */
export class CampaignRecords {
  /** Of convicted campaigns alone, by slot. */
  readonly findings = new Map<number, Finding>();
  /** By what each has become more than a claim. */
  readonly steps: EvidenceSteps;

  readonly #table: SourceTable;
  readonly #clock: Clock;
  readonly #keys: SourceKeys;
  readonly #ports: CampaignPorts;
  readonly #destinations: CampaignDestinations;
  readonly #fingerprints: Fingerprints;
  readonly #provenPorts: ProvenPorts;
  readonly #isHeld: Uint8Array;
  /** Read once, so that a campaign keeps its name when somebody sets the clock. */
  readonly #namingEpochMs: number;

  /** @param provesAlone as the detector has it, so that both believe the same. */
  constructor(table: SourceTable, clock: Clock, keys: SourceKeys, provesAlone: ProvesAlone) {
    this.#table = table;
    this.#clock = clock;
    this.#keys = keys;
    this.#ports = new CampaignPorts(table, MAX_MAPS);
    this.#destinations = new CampaignDestinations(table.capacity);
    this.#fingerprints = new Fingerprints(table.capacity);
    this.#provenPorts = new ProvenPorts(table.capacity, provesAlone);
    this.steps = new EvidenceSteps(table.capacity);
    this.#isHeld = new Uint8Array(table.capacity);
    this.#namingEpochMs = clock.epochMs() - clock.monotonicMs();
  }

  /** Takes a probe of the slot's source into account. @returns whether its port is a new one. */
  take(slot: number, probe: Probe): boolean {
    const table = this.#table;
    const packets = table.probes[slot] as number;
    if (packets === 0) this.#begin(slot);
    if (packets < MAX_PACKETS) table.probes[slot] = packets + 1;
    // Captures may be out of order; a campaign never becomes older.
    if (probe.seenAtMs > (table.lastCountedAtMs[slot] as number)) {
      table.lastCountedAtMs[slot] = probe.seenAtMs;
    }
    table.kinds[slot] = (table.kinds[slot] as number) | KIND_BITS[probe.kind];
    this.believe(slot, probe);
    if (probe.startedHold) this.#isHeld[slot] = 1;
    this.#fingerprints.observe(slot, probe);
    this.#destinations.add(slot, probe.destination);
    return this.#ports.add(slot, probe.transport, probe.port);
  }

  /** Takes what was shown into account, as the detector does: src/detectors/proven-ports.ts. */
  believe(slot: number, shown: Shown): void {
    const evidence = this.#provenPorts.take(slot, shown);
    if (evidence === "claimed") return;
    // What is less than is known already explains nothing.
    if (!isStronger(this.evidenceAt(slot), evidence)) {
      this.steps.take(slot, wayOf(shown), evidence, shown.port, shown.seenAtMs);
    }
    this.raise(slot, evidence);
  }

  /** The evidence is this, or what it was if that is stronger. */
  raise(slot: number, evidence: Evidence): void {
    const rank = EVIDENCE_RANKS[evidence];
    if (rank > (this.#table.evidence[slot] as number)) this.#table.evidence[slot] = rank;
  }

  /** The strongest of the whole campaign. */
  evidenceAt(slot: number): Evidence {
    return evidenceOfRank(this.#table.evidence[slot] as number);
  }

  /** Whether there is more than a stray packet: see src/detectors/campaigns.ts. */
  matters(slot: number): boolean {
    if ((this.#table.contacts[slot] as number) > 1 || this.#isHeld[slot] === 1) return true;
    if (this.#destinations.count(slot) >= SWEEP_DESTINATIONS) return true;
    return this.#table.evidence[slot] === EVIDENCE_RANKS.proven;
  }

  /** The table ends the record of this slot. */
  end(slot: number): void {
    this.findings.delete(slot);
    this.#ports.end(slot);
  }

  /** @returns undefined while the probes do not agree. */
  toolAt(slot: number): Tool | undefined {
    return this.#fingerprints.toolOf(slot);
  }

  /** As {@link nameCampaign} makes it. */
  idAt(slot: number): string {
    const { firstSeenAtMs, campaign } = this.#table;
    return nameCampaign(
      this.#namingEpochMs + (firstSeenAtMs[slot] as number),
      campaign[slot] as number,
    );
  }

  /**
   * @param scoreOf as in CampaignsOptions. @param emitter as in {@link Campaign}.
   * @returns the campaign as it is now.
   */
  storyAt(
    slot: number,
    scoreOf: (source: AddressWords) => number | undefined,
    emitter: CampaignEmitter | undefined,
  ): Campaign {
    const table = this.#table;
    const words = table.wordsAt(slot);
    const epochOffsetMs = this.#clock.epochMs() - this.#clock.monotonicMs();
    const epochOf = (atMs: number | undefined) => Math.round(epochOffsetMs + (atMs as number));
    const finding = this.findings.get(slot);
    const score = finding === undefined ? scoreOf(words) : finding.score;
    const { ports, isShortened } = this.#ports.of(slot);
    return {
      id: this.idAt(slot),
      source: this.#keys.prefixOf(words),
      firstAtEpochMs: epochOf(table.firstSeenAtMs[slot]),
      lastAtEpochMs: epochOf(table.lastCountedAtMs[slot]),
      packets: table.probes[slot] as number,
      ports,
      portCount: {
        count: table.contacts[slot] as number,
        isAtLeast: isShortened || this.#ports.isCut(slot),
      },
      kinds: kindsOfBits(table.kinds[slot] as number),
      tool: this.toolAt(slot),
      evidence: this.evidenceAt(slot),
      destinations: this.#destinations.of(slot),
      verdict: verdictOf(finding !== undefined, score),
      score,
      reason: finding?.reason,
      wasHeld: this.#isHeld[slot] === 1,
      outcome: finding?.outcome ?? NO_OUTCOME,
      emitter,
    };
  }

  #begin(slot: number): void {
    this.#isHeld[slot] = 0;
    this.#destinations.begin(slot);
    this.#fingerprints.begin(slot);
    this.#provenPorts.begin(slot);
    this.steps.begin(slot);
  }
}

/** See {@link CampaignVerdict}; a ratio of 1 is as much for one as for the other. */
function verdictOf(isConvicted: boolean, score: number | undefined): CampaignVerdict {
  if (isConvicted) return "scan";
  return score !== undefined && score <= 1 ? "benign" : "undecided";
}
