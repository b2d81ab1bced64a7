/**
 * When contacts without a port make a scanner: pings of several of our addresses, and packets of
 * several protocols that nothing serves.
 *
 * A ping is a question that every host answers, and one protocol is a tunnel whose other end has
 * gone; so alone they say nothing, whatever else their source does. From
 * {@link LEAST_TELLING} on they do: so many of our addresses asked for are a sweep, so many
 * protocols a protocol scan (nmap -sO). Whoever has, or lately had, a connection to one of our
 * services is a client that looks whether its server is there, and its pings say nothing however
 * many they are.
 *
 * Senders can be forged here at no cost, as everywhere before a handshake.
 */

import type { WalkWeights } from "../model/walk.ts";
import { hasPorts, type ProbedProtocol } from "../net/transport.ts";
import { isCounted, isHit, portOf, stepBitsOf, transportOf } from "./contact-entry.ts";
import type { SourceTable } from "./source-table.ts";

/** So many addresses of ours, or protocols. */
export const LEAST_TELLING = 3;

/** What one source has listed; made once, and filled for each source that is looked at. */
export class PortlessContacts {
  #addresses = 0;
  #protocols = 0;
  #hits = 0;

  /** Looks at the source in the slot; what is asked below is about it until the next call. */
  count(table: SourceTable, slot: number): void {
    this.#addresses = 0;
    this.#protocols = 0;
    this.#hits = 0;
    for (let index = 0; index < table.ports.count(slot); index += 1) {
      const entry = table.ports.at(slot, index);
      if (isHit(entry)) this.#hits += 1;
      else if (isCounted(entry)) this.#countMiss(table, slot, index);
    }
  }

  /** Whether contacts over this protocol count, as far as this one contact is concerned. */
  tells(protocol: ProbedProtocol): boolean {
    switch (protocol) {
      case "icmp":
        return this.#hits === 0 && this.#addresses >= LEAST_TELLING;
      case "ip":
        return this.#protocols >= LEAST_TELLING;
      case "tcp":
      case "udp":
        return true;
    }
  }

  /** Whether one contact more would make them tell. */
  get isOneShort(): boolean {
    const oneShort = LEAST_TELLING - 1;
    return this.#addresses === oneShort || this.#protocols === oneShort;
  }

  /** @returns what the contact adds to the walk, in bits. */
  stepBitsOf(entry: number, weights: WalkWeights): number {
    return this.tells(transportOf(entry)) ? stepBitsOf(entry, weights) : 0;
  }

  /** Each address of ours is listed once for ICMP, each protocol once for each address. */
  #countMiss(table: SourceTable, slot: number, index: number): void {
    const entry = table.ports.at(slot, index);
    const protocol = transportOf(entry);
    if (protocol === "icmp") this.#addresses += 1;
    if (protocol === "ip" && isFirst(table, slot, index)) this.#protocols += 1;
  }
}

/** @returns the place of what is to be forgotten first: a contact without a port, else a miss. */
export function leastTelling(table: SourceTable, slot: number): number {
  let miss = -1;
  for (let index = 0; index < table.ports.count(slot); index += 1) {
    const entry = table.ports.at(slot, index);
    if (isHit(entry)) continue;
    if (!hasPorts(transportOf(entry))) return index;
    if (miss === -1) miss = index;
  }
  return miss;
}

/** Whether no entry before this one has its protocol. */
function isFirst(table: SourceTable, slot: number, index: number): boolean {
  const entry = table.ports.at(slot, index);
  for (let before = 0; before < index; before += 1) {
    const listed = table.ports.at(slot, before);
    const isSame = transportOf(listed) === "ip" && portOf(listed) === portOf(entry);
    if (isSame && isCounted(listed)) return false;
  }
  return true;
}
