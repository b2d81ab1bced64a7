/**
 * Convicts a source that has touched so many unused ports: PortSentry's rule, with a time window.
 *
 * A record lives for `recordMs` after the last probe that counted, and repeats do not count in
 * "distinct-ports": a retransmitted SYN, or a health check of one stopped service for weeks, keeps
 * nothing alive. Nor do they count for what may be left of a connection that has ended ("hits",
 * too): a peer that was not told of the end sends the same segment again and again.
 *
 * A conviction says its thing once. For `reconvictAfterMs` after it the source's probes are passed
 * over, because those that were under way when the ban was made still arrive. From then on they
 * count again from zero: the ban has lapsed, or was never made, and the trigger's number of ports
 * convicts anew, the same ports or others, as the same campaign.
 *
 * Sources are forged at no cost, so what this believes of a claimed source is worth what `evidence`
 * says; memory is bounded by the table, whatever comes.
 */
import type { Clock } from "../clock.ts";
import { EVIDENCE_LEVELS, type Evidence } from "../model/evidence.ts";
import { keepProbe, PROBE_KINDS, type Probe, type ProbeKind } from "../model/probe.ts";
import type { ProbedPort, Verdict } from "../model/verdict.ts";
import { type AddressWords, formatWords, wordsOf } from "../net/address-words.ts";
import { firstAddressOf, lengthOf, type Prefix } from "../net/prefix.ts";
import type { SourceKeys } from "../net/source-keys.ts";
import type { Transport } from "../net/transport.ts";
import type { Detector } from "./detector.ts";
import { Fingerprints } from "./fingerprints.ts";
import { familyRepresentative } from "./port-families.ts";
import { formatReason } from "./reason.ts";
import { SourceTable } from "./source-table.ts";

export interface TriggerOptions {
  /**
   * What convicts: that many distinct ports or hits. Integer; 0 and 1 both mean the first, as in
   * PortSentry's SCAN_TRIGGER. Above 32, ports past the 32nd count each time they are probed,
   * because only so many are remembered.
   */
  readonly trigger: number;
  /** `distinct-ports`: a family of ports counts once. `hits`: every probe counts. */
  readonly counts: "distinct-ports" | "hits";
  /** Whether probes come from unused ports alone, which reasons then say. */
  readonly areUnused: boolean;
  /** How long a source is remembered after its last probe that counted. Milliseconds. */
  readonly recordMs: number;
  /** Sources remembered at once: {@link SourceTable}. */
  readonly maxSources: number;
  /**
   * How long after a conviction the source's probes are passed over. Milliseconds. Default 60 000.
   */
  readonly reconvictAfterMs?: number;
}

const DEFAULT_RECONVICT_AFTER_MS = 60_000;

const MAX_PROBES = 0xffff_ffff;

const EVIDENCE_RANK = rankOf<Evidence>(EVIDENCE_LEVELS);

const KIND_RANK = rankOf<ProbeKind>(PROBE_KINDS);

/** Marks an entry of the table's port list as UDP; the port is in the 16 bits below. */
const UDP_ENTRY = 0x1_0000;

export class TriggerDetector implements Detector {
  #options: TriggerOptions;
  #table: SourceTable;
  #fingerprints: Fingerprints;
  #trigger = 1;
  #counts: TriggerOptions["counts"] = "distinct-ports";
  #areUnused = true;
  #reconvictAfterMs = DEFAULT_RECONVICT_AFTER_MS;
  readonly #clock: Clock;
  readonly #keys: SourceKeys;
  /** Read once, so that a campaign keeps its name when somebody sets the clock. */
  readonly #campaignEpochMs: number;
  /** The source at hand, so that a probe allocates nothing. */
  readonly #key = new Uint32Array(4);

  constructor(options: TriggerOptions, clock: Clock, keys: SourceKeys) {
    this.#options = options;
    this.#table = new SourceTable(options);
    this.#fingerprints = new Fingerprints(this.#table.capacity);
    this.#adopt(options);
    this.#clock = clock;
    this.#keys = keys;
    this.#campaignEpochMs = clock.epochMs() - clock.monotonicMs();
  }

  get tracked(): number {
    return this.#table.size;
  }

  /**
   * Judges by these options from the next probe on. What was counted counts on, so that a source
   * that had two of three ports before is convicted by the third; only another `maxSources` begins
   * with an empty memory, because it is another table.
   */
  reconfigure(options: TriggerOptions): void {
    if (options.maxSources === this.#options.maxSources) {
      this.#table.setRecordTime(options.recordMs);
    } else {
      this.#table = new SourceTable(options);
      this.#fingerprints = new Fingerprints(this.#table.capacity);
    }
    this.#adopt(options);
  }

  observe(probe: Probe): Verdict | undefined {
    const table = this.#table;
    this.#keys.keyOf(probe.source, this.#key);
    const slot = table.touch(this.#key, probe.seenAtMs);
    const probes = table.probes[slot] as number;
    if (probes < MAX_PROBES) table.probes[slot] = probes + 1;
    if (probes === 0) this.#fingerprints.begin(slot);
    this.#fingerprints.observe(slot, probe);
    if (this.#isPassedOver(slot, probe.seenAtMs)) return undefined;

    this.#count(slot, probe);
    if ((table.contacts[slot] as number) < this.#trigger) return undefined;
    const verdict = this.#verdict(slot, probe);
    table.convict(slot, probe.seenAtMs);
    return verdict;
  }

  isConvicted(source: AddressWords): boolean {
    this.#keys.keyOf(source, this.#key);
    const slot = this.#table.find(this.#key);
    return slot !== undefined && this.#isPassedOver(slot, this.#clock.monotonicMs());
  }

  forget(prefix: Prefix): void {
    const words = wordsOf(firstAddressOf(prefix));
    const sourceBits = this.#keys.bitsOf(words);
    // The usual unban names exactly one source: thousands of them must not walk the table each.
    if (lengthOf(prefix) === sourceBits) this.#table.forgetSource(words);
    // A longer prefix is a part of a source, and so there is no source inside it.
    else if (lengthOf(prefix) < sourceBits) this.#table.forgetInside(prefix);
  }

  /** NaN, a source that was never convicted, makes this false. */
  #isPassedOver(slot: number, atMs: number): boolean {
    return atMs - (this.#table.convictedAtMs[slot] as number) <= this.#reconvictAfterMs;
  }

  #adopt(options: TriggerOptions): void {
    this.#options = options;
    this.#trigger = Math.max(1, options.trigger);
    this.#counts = options.counts;
    this.#areUnused = options.areUnused;
    this.#reconvictAfterMs = options.reconvictAfterMs ?? DEFAULT_RECONVICT_AFTER_MS;
  }

  #count(slot: number, probe: Probe): void {
    const table = this.#table;
    const contacts = table.contacts[slot] as number;
    // A repeat of a port counts for nothing, and may still be the one that proves who sends.
    table.kinds[slot] = (table.kinds[slot] as number) | (1 << KIND_RANK[probe.kind]);
    const evidence = EVIDENCE_RANK[probe.evidence];
    if (evidence > (table.evidence[slot] as number)) table.evidence[slot] = evidence;

    const isNew = this.#listPort(slot, probe.transport, probe.port);
    if ((this.#counts === "distinct-ports" || mayBeStray(probe.kind)) && !isNew) return;
    if (contacts === 0) table.countingSinceMs[slot] = probe.seenAtMs;
    table.contacts[slot] = contacts + 1;
    table.lastCountedAtMs[slot] = probe.seenAtMs;
  }

  /** @returns whether the port, and every port of its family, is new in this count. */
  #listPort(slot: number, transport: Transport, port: number): boolean {
    const table = this.#table;
    const entry = entryOf(transport, port);
    const representative = entryOf(transport, familyRepresentative(transport, port));
    let isNew = true;
    for (let index = 0; index < table.portCount(slot); index += 1) {
      const listed = table.portAt(slot, index);
      if (listed === entry) return false;
      if (representativeEntryOf(listed) === representative) isNew = false;
    }
    table.listPort(slot, entry);
    return isNew;
  }

  #verdict(slot: number, probe: Probe): Verdict {
    const table = this.#table;
    const ports = this.#portsOf(slot);
    const firstSeenAtMs = table.firstSeenAtMs[slot] as number;
    const epochOffsetMs = this.#clock.epochMs() - this.#clock.monotonicMs();
    return {
      source: this.#keys.prefixOf(probe.source),
      address: formatWords(probe.source),
      evidence: EVIDENCE_LEVELS[table.evidence[slot] as number] as Evidence,
      ruleId: "trigger",
      reason: formatReason({
        ports,
        contacts: table.contacts[slot] as number,
        counts: this.#counts,
        areUnused: this.#areUnused,
        spanMs: probe.seenAtMs - (table.countingSinceMs[slot] as number),
      }),
      ports,
      kinds: PROBE_KINDS.filter((_, rank) => ((table.kinds[slot] as number) >> rank) & 1),
      tool: this.#fingerprints.toolOf(slot),
      last: keepProbe(probe),
      probes: table.probes[slot] as number,
      firstSeenAtEpochMs: Math.round(epochOffsetMs + firstSeenAtMs),
      decidedAtEpochMs: Math.round(epochOffsetMs + probe.seenAtMs),
      campaignId: this.#campaignIdOf(firstSeenAtMs, table.campaign[slot] as number),
    };
  }

  /** "mbz1k2p0-1f": the wall time of the first probe, and the record's number in this process. */
  #campaignIdOf(firstSeenAtMs: number, number: number): string {
    const atEpochMs = Math.round(this.#campaignEpochMs + firstSeenAtMs);
    return `${atEpochMs.toString(36)}-${number.toString(36)}`;
  }

  #portsOf(slot: number): ProbedPort[] {
    return Array.from({ length: this.#table.portCount(slot) }, (_, index) => {
      const entry = this.#table.portAt(slot, index);
      return { transport: transportOf(entry), port: entry & 0xffff };
    });
  }
}

/** Whether the end of an ordinary connection looks like this, too. */
function mayBeStray(kind: ProbeKind): boolean {
  return kind === "tcp-ack" || kind === "tcp-maimon";
}

function entryOf(transport: Transport, port: number): number {
  return transport === "udp" ? UDP_ENTRY | port : port;
}

function transportOf(entry: number): Transport {
  return entry >= UDP_ENTRY ? "udp" : "tcp";
}

function representativeEntryOf(entry: number): number {
  const transport = transportOf(entry);
  return entryOf(transport, familyRepresentative(transport, entry & 0xffff));
}

function rankOf<Name extends string>(names: readonly Name[]): Readonly<Record<Name, number>> {
  return Object.fromEntries(names.map((name, rank) => [name, rank])) as Record<Name, number>;
}
