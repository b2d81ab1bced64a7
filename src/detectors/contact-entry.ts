/**
 * A first contact in the 32 bits of the source table: what was touched and what it is worth.
 *
 * Of our own address it has eleven bits, which tell a handful of addresses apart. Two that look
 * alike count as one, so whoever finds such a pair among our addresses gains a contact and no more.
 * The bits are the same in every run, because they are saved, and because a capture is judged alike
 * whenever it is read.
 */
import type { Probe } from "../model/probe.ts";
import type { AddressWords } from "../net/address-words.ts";
import type { Transport } from "../net/transport.ts";
import { familyRepresentative } from "./port-families.ts";
import { mayBeStray } from "./source-records.ts";
import type { WalkWeights } from "./walk.ts";

const PORT_BITS = 0xffff;
const UDP = 1 << 16;
/** A connection to a real service; every other entry is a miss. */
const HIT = 1 << 17;
const TRAP = 1 << 18;
/** May be left of a connection that has ended. */
const STRAY = 1 << 19;
/** Listed for the story alone: another port of its family counts. */
const UNCOUNTED = 1 << 20;
/** Where the eleven bits of our address begin. */
const ADDRESS_SHIFT = 21;

/** Weights by what a miss is, in ordinary misses. */
const STRAY_WEIGHT = 0.25;
const UDP_WEIGHT = 0.5;
const TRAP_WEIGHT = 2;

/** @returns the entry of a probe of an unused port. */
export function missEntry(probe: Probe, isTrap: boolean): number {
  const stray = mayBeStray(probe.kind) ? STRAY : 0;
  const trap = isTrap ? TRAP : 0;
  const address = addressBits(probe.destination) << ADDRESS_SHIFT;
  return (portBits(probe.transport, probe.port) | stray | trap | address) >>> 0;
}

/** @returns the entry of a connection to a real service, whichever of our addresses it has. */
export function hitEntry(transport: Transport, port: number): number {
  return portBits(transport, port) | HIT;
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
  return (entry & TRAP) !== 0;
}

export function portOf(entry: number): number {
  return entry & PORT_BITS;
}

export function transportOf(entry: number): Transport {
  return (entry & UDP) === 0 ? "tcp" : "udp";
}

/** @returns the transport and the port that the entry's port counts as. */
export function familyPortOf(entry: number): number {
  return portBits(transportOf(entry), familyRepresentative(transportOf(entry), portOf(entry)));
}

/** @returns the eleven bits of our address. */
export function addressBitsOf(entry: number): number {
  return entry >>> ADDRESS_SHIFT;
}

/** @returns what the contact adds to the walk, in bits. */
export function stepBitsOf(entry: number, { missBits, hitBits }: WalkWeights): number {
  if (isHit(entry)) return hitBits;
  return missWeight(entry) * missBits;
}

/** @returns what a miss is worth, in ordinary ones: 0, 0.25, 0.5, 1 or 2. */
export function missWeight(entry: number): number {
  if ((entry & UNCOUNTED) !== 0) return 0;
  if ((entry & STRAY) !== 0) return STRAY_WEIGHT;
  if ((entry & UDP) !== 0) return UDP_WEIGHT;
  return (entry & TRAP) !== 0 ? TRAP_WEIGHT : 1;
}

function portBits(transport: Transport, port: number): number {
  return transport === "udp" ? UDP | port : port;
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
