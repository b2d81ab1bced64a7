/**
 * When each port of a capture was open, as far as the capture shows it.
 *
 * A port is open because it answers, and closed because its machine says so (RST to a SYN). Between
 * the two it is what it was shown to be next to: open from the last refusal before its first answer
 * to the first refusal after its last, so that a SYN that a hold or a full queue left unanswered
 * does not make a service unused.
 *
 * Whoever writes the capture decides how many ports answer. Ports are bounded; beyond the bound new
 * ones are not learned and count as unused. Refusals alone take no more than half of the room.
 */
import type { AddressWords } from "../net/address-words.ts";
import { KeyTable, NOWHERE } from "./key-table.ts";

/** Ports of which something is known at once. */
const MAX_PORTS = 262_144;

/** Times that a port can open anew; after that it stays open. */
const MAX_SPANS = 16;

/** Wall milliseconds; unbounded at either end where no refusal was seen. */
interface OpenSpan {
  readonly fromEpochMs: number;
  untilEpochMs: number;
}

/** Times are those of the packets, and need not come in order. */
export class PortHistory {
  readonly #table = new KeyTable(MAX_PORTS);
  /** By slot; only of ports that were open at least once. */
  readonly #spans = new Map<number, OpenSpan[]>();
  /** By slot; of ports that have refused. */
  readonly #refusedAtEpochMs = new Map<number, number>();
  #unlearned = 0;

  /** Answers of ports for which there was no room. */
  get unlearned(): number {
    return this.#unlearned;
  }

  /** The port has answered as a service does. */
  observeOpen(address: AddressWords, protocol: number, port: number, atEpochMs: number): void {
    const place = placeOf(protocol, port);
    let slot = this.#table.find(address, place);
    if (slot === NOWHERE) slot = this.#table.insert(address, place);
    if (slot === NOWHERE) {
      this.#unlearned += 1;
      return;
    }
    const spans = this.#spans.get(slot);
    const last = spans?.at(-1);
    if (last !== undefined && last.untilEpochMs > atEpochMs) return;
    if (last !== undefined && spans?.length === MAX_SPANS) {
      last.untilEpochMs = Number.POSITIVE_INFINITY;
      return;
    }
    const span: OpenSpan = {
      fromEpochMs: this.#refusedAtEpochMs.get(slot) ?? Number.NEGATIVE_INFINITY,
      untilEpochMs: Number.POSITIVE_INFINITY,
    };
    if (spans === undefined) this.#spans.set(slot, [span]);
    else spans.push(span);
  }

  /** The port's machine has said that nothing is there. */
  observeClosed(address: AddressWords, protocol: number, port: number, atEpochMs: number): void {
    const place = placeOf(protocol, port);
    let slot = this.#table.find(address, place);
    if (slot === NOWHERE) {
      if (this.#refusedAtEpochMs.size >= MAX_PORTS / 2) return;
      slot = this.#table.insert(address, place);
      if (slot === NOWHERE) return;
    }
    this.#refusedAtEpochMs.set(slot, atEpochMs);
    const last = this.#spans.get(slot)?.at(-1);
    if (last !== undefined && last.untilEpochMs === Number.POSITIVE_INFINITY) {
      last.untilEpochMs = atEpochMs;
    }
  }

  /** Whether the port was open then. */
  isOpen(address: AddressWords, protocol: number, port: number, atEpochMs: number): boolean {
    const slot = this.#table.find(address, placeOf(protocol, port));
    if (slot === NOWHERE) return false;
    const spans = this.#spans.get(slot);
    if (spans === undefined) return false;
    for (const { fromEpochMs, untilEpochMs } of spans) {
      if (atEpochMs > fromEpochMs && atEpochMs <= untilEpochMs) return true;
    }
    return false;
  }

  /** Every port that was ever open. */
  *everOpen(): Generator<{ address: AddressWords; protocol: number; port: number }, undefined> {
    for (const slot of this.#spans.keys()) {
      const place = this.#table.fifthAt(slot);
      const address = this.#table.wordsAt(slot);
      yield { address, protocol: place >>> 16, port: place & 0xffff };
    }
  }
}

function placeOf(protocol: number, port: number): number {
  return ((protocol << 16) | port) >>> 0;
}
