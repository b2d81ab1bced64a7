/**
 * The kernel's suspicion and hold of one address family, as src/kernel/table-suspicion.ts writes
 * them for nftables: the second different unused port within a minute, or one trap port, holds.
 *
 * The same sets with the same sizes, and the same bound on the holds of a source, so that a replay
 * shows what a forger could have done, and where a flood would have blinded the kernel.
 */
import { SOURCE_CAPACITY } from "../kernel/table-sets.ts";
import {
  BUDGET_SECONDS,
  HOLD_BURST,
  HOLDS_AN_HOUR,
  PORT_FAMILIES,
  SEEN_SECONDS,
  SUSPECT_SECONDS,
} from "../kernel/table-suspicion.ts";
import type { AddressWords } from "../net/address-words.ts";
import { type PortSet, parsePortSet } from "../net/port-range.ts";
import { grown, NOWHERE } from "./key-table.ts";
import { TimedSet } from "./timed-set.ts";

export interface SuspicionOptions {
  readonly holdAfter: 1 | 2;
  readonly holdMs: number;
  /** TCP ports where one probe holds. */
  readonly trapPorts: PortSet;
}

const SEEN_MS = SEEN_SECONDS * 1000;
const SUSPECT_MS = SUSPECT_SECONDS * 1000;
const BUDGET_MS = BUDGET_SECONDS * 1000;

/** What one hold costs of a bucket that is full with {@link HOLD_BURST} of them. Milliseconds. */
const HOLD_COST_MS = 3_600_000 / HOLDS_AN_HOUR;

/** The place of a port in `seen`, beside those of single ports: 0 and up, of transport 0. */
const FAMILY_OF_PORT: ReadonlyMap<number, number> = new Map(
  PORT_FAMILIES.flatMap(({ ports }, index) => {
    const parsed = parsePortSet(ports);
    return parsed.status === "ok" ? [...parsed.ports].map((port) => [port, index] as const) : [];
  }),
);

/** One address family's sets. Sources are given as their key: an address, or the first of a /64. */
export class SuspicionModel {
  readonly #options: SuspicionOptions;
  readonly #seen = new TimedSet(SOURCE_CAPACITY);
  readonly #suspects = new TimedSet(SOURCE_CAPACITY);
  readonly #held = new TimedSet(SOURCE_CAPACITY);
  readonly #budget = new TimedSet(SOURCE_CAPACITY);
  #tokensMs = new Float64Array(0);
  #spentAtMs = new Float64Array(0);
  #full = 0;

  constructor(options: SuspicionOptions) {
    this.#options = options;
  }

  /** Probes that found a set full. */
  get full(): number {
    return this.#full;
  }

  isHeld(source: AddressWords, nowMs: number): boolean {
    return this.#held.has(source, 0, nowMs);
  }

  /**
   * Takes a probe into account.
   * @param protocol PROTOCOL_TCP or PROTOCOL_UDP. @returns whether it begins a hold.
   */
  judge(source: AddressWords, protocol: number, isTcp: boolean, port: number, nowMs: number) {
    if (this.#options.holdAfter === 1) return this.#hold(source, nowMs);
    if (isTcp && this.#options.trapPorts.has(port)) {
      return this.#holdFor(source, protocol, port, nowMs);
    }
    const place = placeOf(protocol, port);
    if (this.#seen.has(source, place, nowMs)) {
      this.#seen.update(source, place, nowMs, SEEN_MS);
      if (this.#suspects.update(source, 0, nowMs, SUSPECT_MS) !== NOWHERE) return false;
      // A full set breaks the rule; the rules after it are asked.
    }
    if (this.#suspects.has(source, 0, nowMs)) {
      return this.#holdFor(source, protocol, port, nowMs);
    }
    const isKnown =
      this.#seen.add(source, place, nowMs, SEEN_MS) &&
      this.#suspects.add(source, 0, nowMs, SUSPECT_MS);
    if (!isKnown) this.#full += 1;
    return false;
  }

  /** A hold, and the port that made it becomes a known one. */
  #holdFor(source: AddressWords, protocol: number, port: number, nowMs: number): boolean {
    if (!this.#hold(source, nowMs)) return false;
    this.#seen.update(source, placeOf(protocol, port), nowMs, SEEN_MS);
    return true;
  }

  #hold(source: AddressWords, nowMs: number): boolean {
    this.#suspects.update(source, 0, nowMs, SUSPECT_MS);
    if (this.#held.has(source, 0, nowMs)) return false;
    const allowed = this.#takeFromBudget(source, nowMs);
    if (allowed === "spent") return false;
    if (allowed === "full" || !this.#held.add(source, 0, nowMs, this.#options.holdMs)) {
      this.#full += 1;
      return false;
    }
    return true;
  }

  /** A token bucket a source: linux/net/netfilter/nft_limit.c, nft_limit_eval. */
  #takeFromBudget(source: AddressWords, nowMs: number): "allowed" | "spent" | "full" {
    const isNew = !this.#budget.has(source, 0, nowMs);
    const slot = this.#budget.update(source, 0, nowMs, BUDGET_MS);
    if (slot === NOWHERE) return "full";
    if (this.#tokensMs.length < this.#budget.slots) {
      this.#tokensMs = grown(this.#tokensMs, this.#budget.slots);
      this.#spentAtMs = grown(this.#spentAtMs, this.#budget.slots);
    }
    const most = HOLD_BURST * HOLD_COST_MS;
    const before = isNew
      ? most
      : (this.#tokensMs[slot] as number) + (nowMs - (this.#spentAtMs[slot] as number));
    const tokens = Math.min(most, before);
    this.#spentAtMs[slot] = nowMs;
    const isAllowed = tokens >= HOLD_COST_MS;
    this.#tokensMs[slot] = isAllowed ? tokens - HOLD_COST_MS : tokens;
    return isAllowed ? "allowed" : "spent";
  }
}

/** The fifth word of `seen`: transport and port, or the family with transport 0. */
function placeOf(protocol: number, port: number): number {
  return FAMILY_OF_PORT.get(port) ?? ((protocol << 16) | port) >>> 0;
}
