/**
 * Which ports a campaign has touched, each known once, in memory that no sender can grow.
 *
 * The first 32 ports stand in the source table. A campaign that touches more gets one of a fixed
 * number of maps with a bit for every port, and is exact from then on however far it goes. When all
 * maps are taken, ports beyond the 32 are not told apart any more and the story says so: forgers of
 * many long scans cost us ports of other stories, never memory. A map is made when it is first
 * needed and used again after its campaign. A probe allocates nothing.
 */
import type { TransportPorts } from "../model/campaign.ts";
import type { ProbedProtocol } from "../net/transport.ts";
import { MAX_LISTED_PORTS } from "./port-lists.ts";
import type { SourceTable } from "./source-table.ts";

/** Ranges of one transport that a story holds; a scan of every other port would have 32 768. */
const MAX_TOLD_RANGES = 1024;

/** Where the ports, or the numbers in their place, of each protocol begin; ascending. */
const FIRST_ENTRIES = { tcp: 0, udp: 65_536, icmp: 131_072, ip: 131_328 } as const;

const PROTOCOLS: readonly ProbedProtocol[] = ["tcp", "udp", "icmp", "ip"];

/** A bit for each port, and for each of 256 types and protocols. */
const MAP_WORDS = (131_328 + 256) / 32;

const NO_MAP = -1;

/** Ports are not told apart any more. */
const CUT = -2;

export class CampaignPorts {
  readonly #table: SourceTable;
  readonly #maps: Uint32Array[] = [];
  readonly #freeMaps: number[] = [];
  readonly #maxMaps: number;
  /** The map of each slot, {@link NO_MAP} or {@link CUT}. */
  readonly #mapOf: Int32Array;

  /**
   * @param table its port lists and `contacts` are this object's. @param maxMaps campaigns that are
   * exact beyond 32 ports at once, 16 KiB each. Integer, 0 or more.
   */
  constructor(table: SourceTable, maxMaps: number) {
    this.#table = table;
    this.#maxMaps = maxMaps;
    this.#mapOf = new Int32Array(table.capacity).fill(NO_MAP);
  }

  /** Forgets the ports of a slot whose campaign has ended. */
  end(slot: number): void {
    const map = this.#mapOf[slot] as number;
    if (map >= 0) {
      (this.#maps[map] as Uint32Array).fill(0);
      this.#freeMaps.push(map);
    }
    this.#mapOf[slot] = NO_MAP;
  }

  /** Takes a port into account and counts it in the table's `contacts`. @returns whether new. */
  add(slot: number, transport: ProbedProtocol, port: number): boolean {
    return this.addEntry(slot, FIRST_ENTRIES[transport] + port);
  }

  /** As {@link add}; `entry`: as another of these has listed it. */
  addEntry(slot: number, entry: number): boolean {
    const isNew = this.#addEntry(slot, entry);
    if (isNew) this.#table.contacts[slot] = (this.#table.contacts[slot] as number) + 1;
    return isNew;
  }

  /** Whether there may be ports that are neither listed nor counted. */
  isCut(slot: number): boolean {
    return this.#mapOf[slot] === CUT;
  }

  /** @returns each transport that has ports, and whether any of those known are left out. */
  of(slot: number): { readonly ports: TransportPorts[]; readonly isShortened: boolean } {
    const entries = this.#entriesOf(slot);
    const ports: TransportPorts[] = [];
    let isShortened = false;
    let last = -2;
    for (const entry of entries) {
      const transport = protocolOf(entry);
      const port = entry - FIRST_ENTRIES[transport];
      const current = ports.at(-1);
      if (current === undefined || current.transport !== transport) {
        ports.push({ transport, ranges: [{ first: port, last: port }] });
      } else {
        const ranges = current.ranges as { first: number; last: number }[];
        if (entry === last + 1) (ranges.at(-1) as { last: number }).last = port;
        else if (ranges.length === MAX_TOLD_RANGES) {
          isShortened = true;
          continue;
        } else ranges.push({ first: port, last: port });
      }
      last = entry;
    }
    return { ports, isShortened };
  }

  #addEntry(slot: number, entry: number): boolean {
    const map = this.#mapOf[slot] as number;
    if (map >= 0) return setBit(this.#maps[map] as Uint32Array, entry);
    const table = this.#table;
    const count = table.ports.count(slot);
    for (let index = 0; index < count; index += 1) {
      if (table.ports.at(slot, index) === entry) return false;
    }
    if (count < MAX_LISTED_PORTS) {
      table.ports.list(slot, entry);
      return true;
    }
    if (map === CUT) return false;
    const taken = this.#takeMap();
    this.#mapOf[slot] = taken;
    if (taken === CUT) return false;
    const bits = this.#maps[taken] as Uint32Array;
    for (let index = 0; index < count; index += 1) setBit(bits, table.ports.at(slot, index));
    return setBit(bits, entry);
  }

  #takeMap(): number {
    const free = this.#freeMaps.pop();
    if (free !== undefined) return free;
    if (this.#maps.length >= this.#maxMaps) return CUT;
    return this.#maps.push(new Uint32Array(MAP_WORDS)) - 1;
  }

  /** Ascending, in the order of {@link PROTOCOLS}. */
  #entriesOf(slot: number): Iterable<number> {
    const map = this.#mapOf[slot] as number;
    if (map >= 0) return entriesIn(this.#maps[map] as Uint32Array);
    const listed = Array.from({ length: this.#table.ports.count(slot) }, (_, index) =>
      this.#table.ports.at(slot, index),
    );
    return listed.sort((a, b) => a - b);
  }
}

function protocolOf(entry: number): ProbedProtocol {
  return PROTOCOLS.findLast((each) => entry >= FIRST_ENTRIES[each]) as ProbedProtocol;
}

/** @returns whether the bit was clear. */
function setBit(bits: Uint32Array, entry: number): boolean {
  const word = bits[entry >>> 5] as number;
  const bit = 1 << (entry & 31);
  if ((word & bit) !== 0) return false;
  bits[entry >>> 5] = word | bit;
  return true;
}

function* entriesIn(bits: Uint32Array): Generator<number, undefined> {
  for (let index = 0; index < bits.length; index += 1) {
    const word = bits[index] as number;
    if (word === 0) continue;
    for (let bit = 0; bit < 32; bit += 1) {
      if (((word >>> bit) & 1) === 1) yield index * 32 + bit;
    }
  }
}
