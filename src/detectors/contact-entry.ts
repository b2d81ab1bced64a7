/**
 * A first contact in the 32 bits of the source table: what was touched and what it is worth.
 *
 * Of our own address it has eleven bits, which tell a handful of addresses apart. Two that look
 * alike count as one, so whoever finds such a pair among our addresses gains a contact and no more.
 * The bits are the same in every run, because they are saved, and because a capture is judged alike
 * whenever it is read.
 */
import type { Probe } from "../model/probe.ts";
import type { ProbedPort } from "../model/verdict.ts";
import type { WalkWeights } from "../model/walk.ts";
import type { AddressWords } from "../net/address-words.ts";
import type { ProbedProtocol, Transport } from "../net/transport.ts";
import { familyRepresentative } from "./port-families.ts";
import { isCraftedKind, mayBeStray } from "./source-records.ts";

const PORT_BITS = 0xffff;
/** Where the three bits begin that say what was touched, and how. */
const TOUCH_SHIFT = 16;
const TOUCH_BITS = 7 << TOUCH_SHIFT;
const TCP = 0 << TOUCH_SHIFT;
const UDP = 1 << TOUCH_SHIFT;
const TRAP = 2 << TOUCH_SHIFT;
/** May be left of a connection that has ended. */
const STRAY = 3 << TOUCH_SHIFT;
/** Without a port: a ping, or another protocol. */
const ICMP = 4 << TOUCH_SHIFT;
const IP = 5 << TOUCH_SHIFT;
/** TCP with flags that no stack sends. */
const CRAFTED = 6 << TOUCH_SHIFT;
/** A connection to a real service; every other entry is a miss. */
const HIT = 1 << 19;
/** Listed for the story alone: another port of its family counts. */
const UNCOUNTED = 1 << 20;
/** Where the eleven bits of our address begin. */
const ADDRESS_SHIFT = 21;

const PROTOCOL_BITS: Readonly<Record<ProbedProtocol, number>> = {
  tcp: TCP,
  udp: UDP,
  icmp: ICMP,
  ip: IP,
};

/** Weights by what a miss is, in ordinary misses. */
const STRAY_WEIGHT = 0.25;
const UDP_WEIGHT = 0.5;
const TRAP_WEIGHT = 2;
const CRAFTED_WEIGHT = 2;
/** Three convict and two never do; src/detectors/portless-contacts.ts says when they count. */
const PORTLESS_WEIGHT = 1.25;

/** @returns the entry of a probe. */
export function missEntry(probe: Probe, isTrap: boolean): number {
  const address = addressBits(probe.destination) << ADDRESS_SHIFT;
  return (touchBits(probe, isTrap) | probe.port | address) >>> 0;
}

/**
 * @returns the entry of a probe where nothing is weighed, and a port is one port on all of our
 * addresses: only of pings it has the address.
 */
export function plainEntry({ transport, port, destination }: Probe): number {
  const address = transport === "icmp" ? addressBits(destination) << ADDRESS_SHIFT : 0;
  return (PROTOCOL_BITS[transport] | port | address) >>> 0;
}

function touchBits({ transport, kind }: Probe, isTrap: boolean): number {
  if (mayBeStray(kind)) return STRAY;
  if (isCraftedKind(kind)) return CRAFTED;
  return isTrap ? TRAP : PROTOCOL_BITS[transport];
}

/** @returns the entry of a connection to a real service, whichever of our addresses it has. */
export function hitEntry(transport: Transport, port: number): number {
  return PROTOCOL_BITS[transport] | port | HIT;
}

/** @returns the same entry as one that is listed for the story alone. */
export function asUncounted(entry: number): number {
  return (entry | UNCOUNTED) >>> 0;
}

export function isHit(entry: number): boolean {
  return (entry & HIT) !== 0;
}

/** Whether the entry is a miss that has a weight. */
export function isCounted(entry: number): boolean {
  return (entry & (HIT | UNCOUNTED)) === 0;
}

export function isTrap(entry: number): boolean {
  return (entry & TOUCH_BITS) === TRAP;
}

export function isCrafted(entry: number): boolean {
  return (entry & TOUCH_BITS) === CRAFTED;
}

/** As {@link ProbedProtocol} has it: not always a port. */
export function portOf(entry: number): number {
  return entry & PORT_BITS;
}

export function transportOf(entry: number): ProbedProtocol {
  switch (entry & TOUCH_BITS) {
    case UDP:
      return "udp";
    case ICMP:
      return "icmp";
    case IP:
      return "ip";
    default:
      return "tcp";
  }
}

/** @returns the transport and the port that the entry's port counts as. */
export function familyPortOf(entry: number): number {
  const transport = transportOf(entry);
  return PROTOCOL_BITS[transport] | familyRepresentative(transport, portOf(entry));
}

/**
 * @returns what two entries of one address of ours have in common when they are one contact: the
 * port as it counts; and apart from it, what no stack sends there, which is evidence of its own.
 */
export function contactOf(entry: number): number {
  return isCrafted(entry) ? CRAFTED | portOf(entry) : familyPortOf(entry);
}

/** @returns each port once, whichever of our addresses it has, in the order of arrival. */
export function distinctPorts(entries: readonly number[]): ProbedPort[] {
  const ports = new Map<number, ProbedPort>();
  for (const entry of entries) {
    const transport = transportOf(entry);
    const key = PROTOCOL_BITS[transport] | portOf(entry);
    if (!ports.has(key)) ports.set(key, { transport, port: portOf(entry) });
  }
  return [...ports.values()];
}

/** @returns the eleven bits of our address. */
export function addressBitsOf(entry: number): number {
  return entry >>> ADDRESS_SHIFT;
}

/** @returns what the contact adds to the walk where it counts, in bits. */
export function stepBitsOf(entry: number, { missBits, hitBits }: WalkWeights): number {
  if (isHit(entry)) return hitBits;
  return missWeight(entry) * missBits;
}

/** @returns what a miss is worth, in ordinary ones: 0, 0.25, 0.5, 1, 1.25 or 2. */
export function missWeight(entry: number): number {
  if ((entry & UNCOUNTED) !== 0) return 0;
  switch (entry & TOUCH_BITS) {
    case STRAY:
      return STRAY_WEIGHT;
    case UDP:
      return UDP_WEIGHT;
    case TRAP:
      return TRAP_WEIGHT;
    case CRAFTED:
      return CRAFTED_WEIGHT;
    case ICMP:
    case IP:
      return PORTLESS_WEIGHT;
    default:
      return 1;
  }
}

/** The multiplier is 2^32 over the golden ratio, odd: every bit reaches the upper ones. */
function addressBits(words: AddressWords): number {
  let mixed = 0;
  for (let index = 0; index < 4; index += 1) {
    mixed = Math.imul(mixed ^ (words[index] as number), 0x9e3779b1);
    mixed ^= mixed >>> 15;
  }
  return mixed >>> ADDRESS_SHIFT;
}
