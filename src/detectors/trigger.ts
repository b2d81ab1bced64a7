/**
 * Convicts a source that has touched so many unused ports: PortSentry's rule, with a time window.
 *
 * A record lives for `recordMs` after the last probe that counted, and repeats do not count in
 * "distinct-ports": a retransmitted SYN, or a health check of one stopped service for weeks, keeps
 * nothing alive. Nor do they count for what may be left of a connection that has ended ("hits",
 * too): a peer that was not told of the end sends the same segment again and again. A ping and a
 * packet of another protocol count together with others of their kind, once for each of our
 * addresses or for each protocol: src/detectors/portless-contacts.ts has how many it takes.
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
import { hasPorts, type ProbedProtocol } from "../net/transport.ts";
import {
  addressBitsOf,
  distinctPorts,
  familyPortOf,
  plainEntry,
  transportOf,
} from "./contact-entry.ts";
import type { Detector } from "./detector.ts";
import { LEAST_TELLING } from "./portless-contacts.ts";
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

export class TriggerDetector implements Detector {
  readonly #records: SourceRecords;
  #trigger = 1;
  #counts: TriggerOptions["counts"] = "distinct-ports";
  #areUnused = true;

  constructor(options: TriggerOptions, clock: Clock, keys: SourceKeys) {
    this.#records = new SourceRecords(options, clock, keys, {
      listsTimes: false,
      provesAlone: () => this.provesAlone(),
    });
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

  /** Where one probe is a scan, nothing forged is wanted beside a connection that is real. */
  provesAlone(): boolean {
    return this.#trigger === 1;
  }

  resume(source: Prefix, atMs: number): void {
    this.#records.resume(source, atMs);
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
    if (table.ports.count(slot) === 0) table.countingSinceMs[slot] = probe.seenAtMs;
    const isNew = this.#listPort(slot, probe);
    const isRepeatable = this.#counts === "hits" && hasPorts(probe.transport);
    // A handshake that is completed where the kernel has seen its SYN is one visit, not two.
    const isKnownVisit = probe.kind === "tcp-connect" && probe.sensor === "nflog";
    if ((!isRepeatable || mayBeStray(probe.kind) || isKnownVisit) && !isNew) return;
    const counted = hasPorts(probe.transport) ? 1 : this.#countPortless(slot, probe.transport);
    table.contacts[slot] = (table.contacts[slot] as number) + counted;
    table.lastCountedAtMs[slot] = probe.seenAtMs;
  }

  /** @returns what a new contact without a port adds: none counts before there are enough. */
  #countPortless(slot: number, protocol: ProbedProtocol): number {
    const many = this.#manyOf(slot, protocol);
    if (many < LEAST_TELLING) return 0;
    return many === LEAST_TELLING ? LEAST_TELLING : 1;
  }

  /** Contacts over this protocol, as listed. */
  #manyOf(slot: number, protocol: ProbedProtocol): number {
    const { table } = this.#records;
    let many = 0;
    for (let index = 0; index < table.ports.count(slot); index += 1) {
      if (transportOf(table.ports.at(slot, index)) === protocol) many += 1;
    }
    return many;
  }

  /** @returns whether the port, and every port of its family, is new in this count. */
  #listPort(slot: number, probe: Probe): boolean {
    const { table } = this.#records;
    const entry = plainEntry(probe);
    const family = familyPortOf(entry);
    const address = addressBitsOf(entry);
    let isNew = true;
    for (let index = 0; index < table.ports.count(slot); index += 1) {
      const listed = table.ports.at(slot, index);
      if (listed === entry) return false;
      if (familyPortOf(listed) === family && addressBitsOf(listed) === address) isNew = false;
    }
    table.ports.list(slot, entry);
    return isNew;
  }

  #convict(slot: number, probe: Probe): Verdict {
    const { table } = this.#records;
    const ports = this.#portsOf(slot);
    const pinged = this.#manyOf(slot, "icmp");
    const others = ([pinged, this.#manyOf(slot, "ip")] as const)
      .filter((many) => many >= LEAST_TELLING)
      .reduce((total, many) => total + many, 0);
    return this.#records.convict(slot, probe, {
      ruleId: "trigger",
      reason: formatReason({
        ports,
        contacts: Math.max(0, (table.contacts[slot] as number) - others),
        counts: this.#counts,
        areUnused: this.#areUnused,
        pinged,
        spanMs: probe.seenAtMs - (table.countingSinceMs[slot] as number),
      }),
      ports,
    });
  }

  #portsOf(slot: number): ProbedPort[] {
    const { table } = this.#records;
    const entries = Array.from({ length: table.ports.count(slot) }, (_, index) =>
      table.ports.at(slot, index),
    );
    return distinctPorts(entries);
  }
}
