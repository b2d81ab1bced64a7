/**
 * Convicts a source that has touched so many unused ports: PortSentry's rule, with a time window.
 *
 * A record lives for `recordMs` after the last probe that counted, and repeats do not count in
 * "distinct-ports": a retransmitted SYN, or a health check of one stopped service for weeks, keeps
 * nothing alive. Nor do they count for what may be left of a connection that has ended ("hits",
 * too): a peer that was not told of the end sends the same segment again and again.
 *
 * After a conviction and its pause the trigger's number of ports convicts anew, the same ports or
 * others: src/detectors/source-records.ts has what every rule shares.
 */
import type { Clock } from "../clock.ts";
import type { Proof } from "../model/evidence.ts";
import type { Probe } from "../model/probe.ts";
import type { ProbedPort, Verdict } from "../model/verdict.ts";
import type { AddressWords } from "../net/address-words.ts";
import type { Prefix } from "../net/prefix.ts";
import type { SourceKeys } from "../net/source-keys.ts";
import type { Transport } from "../net/transport.ts";
import type { Detector } from "./detector.ts";
import { familyRepresentative } from "./port-families.ts";
import { formatReason } from "./reason.ts";
import { mayBeStray, type RecordOptions, SourceRecords } from "./source-records.ts";

export interface TriggerOptions extends RecordOptions {
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
}

/** Marks an entry of the table's port list as UDP; the port is in the 16 bits below. */
const UDP_ENTRY = 0x1_0000;

export class TriggerDetector implements Detector {
  readonly #records: SourceRecords;
  #trigger = 1;
  #counts: TriggerOptions["counts"] = "distinct-ports";
  #areUnused = true;

  constructor(options: TriggerOptions, clock: Clock, keys: SourceKeys) {
    this.#records = new SourceRecords(options, clock, keys, false);
    this.#adopt(options);
  }

  get tracked(): number {
    return this.#records.table.size;
  }

  /**
   * Judges by these options from the next probe on. What was counted counts on, so that a source
   * that had two of three ports before is convicted by the third; only another `maxSources` begins
   * with an empty memory, because it is another table.
   */
  reconfigure(options: TriggerOptions): void {
    this.#records.reconfigure(options);
    this.#adopt(options);
  }

  observe(probe: Probe): Verdict | undefined {
    const slot = this.#records.open(probe);
    if (slot === undefined) return this.#records.raiseBy(probe);
    this.#count(slot, probe);
    const contacts = this.#records.table.contacts[slot] as number;
    return contacts < this.#trigger ? this.#records.raiseBy(probe) : this.#convict(slot, probe);
  }

  raise(proof: Proof): Verdict | undefined {
    return this.#records.raise(proof);
  }

  isConvicted(source: AddressWords): boolean {
    return this.#records.isConvicted(source);
  }

  forget(prefix: Prefix): void {
    this.#records.forget(prefix);
  }

  #adopt(options: TriggerOptions): void {
    this.#trigger = Math.max(1, options.trigger);
    this.#counts = options.counts;
    this.#areUnused = options.areUnused;
  }

  #count(slot: number, probe: Probe): void {
    const { table } = this.#records;
    const contacts = table.contacts[slot] as number;
    const isNew = this.#listPort(slot, probe.transport, probe.port);
    if ((this.#counts === "distinct-ports" || mayBeStray(probe.kind)) && !isNew) return;
    if (contacts === 0) table.countingSinceMs[slot] = probe.seenAtMs;
    table.contacts[slot] = contacts + 1;
    table.lastCountedAtMs[slot] = probe.seenAtMs;
  }

  /** @returns whether the port, and every port of its family, is new in this count. */
  #listPort(slot: number, transport: Transport, port: number): boolean {
    const { table } = this.#records;
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

  #convict(slot: number, probe: Probe): Verdict {
    const { table } = this.#records;
    const ports = this.#portsOf(slot);
    return this.#records.convict(slot, probe, {
      ruleId: "trigger",
      reason: formatReason({
        ports,
        contacts: table.contacts[slot] as number,
        counts: this.#counts,
        areUnused: this.#areUnused,
        spanMs: probe.seenAtMs - (table.countingSinceMs[slot] as number),
      }),
      ports,
    });
  }

  #portsOf(slot: number): ProbedPort[] {
    const { table } = this.#records;
    return Array.from({ length: table.portCount(slot) }, (_, index) => {
      const entry = table.portAt(slot, index);
      return { transport: transportOf(entry), port: entry & 0xffff };
    });
  }
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
