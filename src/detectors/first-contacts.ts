/**
 * Which contacts of a source stand in its record, in the order in which they came.
 *
 * A contact stands once, by the probe of it that weighs most; src/detectors/contact-entry.ts says
 * what one is. When a record is full the least telling miss makes room. Allocates nothing.
 */
import type { Probe } from "../model/probe.ts";
import {
  addressBitsOf,
  asUncounted,
  contactOf,
  isCounted,
  isHit,
  missEntry,
  missWeight,
  portOf,
} from "./contact-entry.ts";
import { MAX_LISTED_PORTS } from "./port-lists.ts";
import { leastTelling } from "./portless-contacts.ts";
import type { SourceTable } from "./source-table.ts";

/** Hits that are listed a source: an open port that a scanner knows buys it no more contacts. */
const MAX_HITS = 8;

/**
 * @param isTcpTrap whether the probed port is a trap.
 * @returns whether the probe is a first contact, or weighs more than what was there of it.
 */
export function takeMiss(
  table: SourceTable,
  slot: number,
  probe: Probe,
  isTcpTrap: boolean,
): boolean {
  const entry = missEntry(probe, isTcpTrap);
  const contact = contactOf(entry);
  const address = addressBitsOf(entry);
  let same = -1;
  let counted = -1;
  for (let index = 0; index < table.ports.count(slot); index += 1) {
    const listed = table.ports.at(slot, index);
    if (isHit(listed) || addressBitsOf(listed) !== address) continue;
    if (contactOf(listed) !== contact) continue;
    if (portOf(listed) === portOf(entry)) same = index;
    if (isCounted(listed)) counted = index;
  }
  if (counted !== -1) {
    const before = table.ports.at(slot, counted);
    if (missWeight(before) >= missWeight(entry)) {
      const isFull = table.ports.count(slot) === MAX_LISTED_PORTS;
      if (same === -1 && !isFull) list(table, slot, asUncounted(entry), probe.seenAtMs);
      return false;
    }
    // Whoever sends a stray ACK first does not get the port for less.
    table.ports.relabel(slot, counted, asUncounted(before));
  }
  if (same !== -1) table.ports.unlist(slot, same);
  if (table.contacts[slot] === 0) table.countingSinceMs[slot] = probe.seenAtMs;
  list(table, slot, entry, probe.seenAtMs);
  table.contacts[slot] = countedMisses(table, slot);
  table.lastCountedAtMs[slot] = probe.seenAtMs;
  return true;
}

/** Lists a contact with a real service, once, and {@link MAX_HITS} of them at the most. */
export function takeHit(table: SourceTable, slot: number, entry: number, atMs: number): void {
  let hits = 0;
  for (let index = 0; index < table.ports.count(slot); index += 1) {
    const listed = table.ports.at(slot, index);
    if (listed === entry) return;
    if (isHit(listed)) hits += 1;
  }
  if (hits < MAX_HITS) list(table, slot, entry, atMs);
}

/** Lists the entry last, in the place of the least telling miss when there is no room. */
function list(table: SourceTable, slot: number, entry: number, atMs: number): void {
  if (table.ports.count(slot) === MAX_LISTED_PORTS)
    table.ports.unlist(slot, leastTelling(table, slot));
  // Whole, and never back, so that the recorded steps make the same walk.
  const before = table.ports.timeAt(slot, table.ports.count(slot) - 1);
  const isFirst = table.ports.count(slot) === 0 || before === undefined;
  table.ports.list(slot, entry, isFirst ? Math.round(atMs) : Math.max(before, Math.round(atMs)));
}

function countedMisses(table: SourceTable, slot: number): number {
  let misses = 0;
  for (let index = 0; index < table.ports.count(slot); index += 1) {
    if (isCounted(table.ports.at(slot, index))) misses += 1;
  }
  return misses;
}
