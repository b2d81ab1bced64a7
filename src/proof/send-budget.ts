/**
 * How many packets may be sent in answer to probes: so many a second in all, and fewer to any one
 * network.
 *
 * Whoever forges a source has us send to it: a packet of ours for one of his, of the same size, so
 * that nothing is gained but a disguise. The budget bounds what a network so named gets, and what
 * leaves in all. A forger who names many networks can use up the whole budget; then real scanners
 * go unanswered, too, and are judged on what they claim.
 *
 * Memory is fixed. A network's place in it follows from a keyed hash, so that nobody can aim at the
 * place of another; where two meet, the later one begins anew, which gives the earlier a few
 * packets more.
 */
import type { AddressWords } from "../net/address-words.ts";
import { networkBlockOf } from "../net/network-block.ts";
import { randomSipHashKey, SipHash, type SipHashKey } from "./sip-hash.ts";

/** Networks that are told apart; a power of two. */
const PLACES = 16_384;

/** Packets that one network gets at once, and then one in this time (ms). */
export const NETWORK_BURST = 10;
export const NETWORK_INTERVAL_MS = 1000;

/** What one network may get. */
interface NetworkBudget {
  /** Packets at once. 1 or more. */
  readonly burst: number;
  /** After them, one in this time (ms). Above 0. */
  readonly intervalMs: number;
}

const FEW: NetworkBudget = { burst: NETWORK_BURST, intervalMs: NETWORK_INTERVAL_MS };

export interface SendBudgetOptions {
  /** Packets a second in all, and at once after a quiet second. 0 to 100 000; 0 allows none. */
  readonly perSecond: number;
  /** Default: {@link NETWORK_BURST}, {@link NETWORK_INTERVAL_MS}. */
  readonly perNetwork?: NetworkBudget;
}

export class SendBudget {
  readonly #hash: SipHash;
  readonly #network = new Uint32Array(4);
  /** Which network has the place: its hash. */
  readonly #owners = new Uint32Array(PLACES);
  /** When each network's budget will be whole again; monotonic milliseconds. */
  readonly #wholeAtMs = new Float64Array(PLACES);
  #allWholeAtMs = 0;
  #perSecond: number;
  #perNetwork: NetworkBudget;

  constructor(
    { perSecond, perNetwork = FEW }: SendBudgetOptions,
    key: SipHashKey = randomSipHashKey(),
  ) {
    this.#perSecond = perSecond;
    this.#perNetwork = perNetwork;
    this.#hash = new SipHash(key);
  }

  /** Goes by other numbers from now on. */
  reconfigure({ perSecond, perNetwork = FEW }: SendBudgetOptions): void {
    this.#perSecond = perSecond;
    this.#perNetwork = perNetwork;
  }

  /** Whether nothing may be sent to anybody now: what a flood costs is this question. */
  isSpent(nowMs: number): boolean {
    if (this.#perSecond <= 0) return true;
    return this.#allWholeAtMs - nowMs > 1000 - 500 / this.#perSecond;
  }

  /**
   * Takes one packet to this address from the budget. Allocates nothing.
   * @param nowMs monotonic milliseconds, never going back.
   * @returns false when it may not be sent; then nothing was taken.
   */
  take(destination: AddressWords, nowMs: number): boolean {
    if (this.isSpent(nowMs)) return false;
    networkBlockOf(destination, this.#network);
    const owner = this.#hash.of(this.#network);
    const place = owner % PLACES;
    const isOwn = this.#owners[place] === owner;
    const sinceMs = isOwn ? Math.max(this.#wholeAtMs[place] as number, nowMs) : nowMs;
    const { burst, intervalMs: networkMs } = this.#perNetwork;
    const wholeAtMs = sinceMs + networkMs;
    if (wholeAtMs - nowMs > burst * networkMs) return false;
    this.#owners[place] = owner;
    this.#wholeAtMs[place] = wholeAtMs;
    this.#allWholeAtMs = Math.max(this.#allWholeAtMs, nowMs) + 1000 / this.#perSecond;
    return true;
  }
}
