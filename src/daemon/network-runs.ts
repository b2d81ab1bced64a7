/**
 * Adds up campaigns by the networks of their sources and keeps the busiest networks.
 *
 * Campaigns come in the order of addresses, so that those of one network come one after the other:
 * one network is added up at a time, and beside it no more are remembered than are asked for, however
 * many sources somebody forges.
 */
import type { CountedCampaign } from "../journal/stories.ts";
import { type Prefix, prefixOfWords } from "../net/prefix.ts";

/** What is added up of campaigns, of whomever they are. */
export class CampaignTally {
  sources = 0;
  campaigns = 0;
  probes = 0;
  scans = 0;
  banned = 0;
  lastAtEpochMs = 0;

  /** @param isNewSource none of its source came before. */
  add({ packets, verdict, lastAtEpochMs }: CountedCampaign, isNewSource: boolean): void {
    this.campaigns += 1;
    this.probes += packets;
    if (isNewSource) this.sources += 1;
    if (verdict === "scan") this.scans += 1;
    if (lastAtEpochMs > this.lastAtEpochMs) this.lastAtEpochMs = lastAtEpochMs;
  }
}

export interface Network {
  readonly prefix: Prefix;
  readonly tally: CampaignTally;
}

/** Digits of a key (source-key.ts) that IPv4 sources begin with. */
const IPV4_DIGITS = "00000000000000000000ffff";

const BITS_A_DIGIT = 4;

/** Lengths of networks in bits; multiples of 4. */
export interface NetworkLengths {
  readonly 4: number;
  readonly 6: number;
}

interface Run {
  /** The digits that all keys of the network begin with. */
  readonly digits: string;
  readonly tally: CampaignTally;
}

export class NetworkRuns {
  readonly #lengths: NetworkLengths;
  readonly #most: number;
  #running: Run | undefined;
  /** At most twice as many as are kept; the first {@link #most} of them are sorted. */
  #busiest: Run[] = [];

  /** @param most networks that are kept. 1 or more. */
  constructor(lengths: NetworkLengths, most: number) {
    this.#lengths = lengths;
    this.#most = most;
  }

  /** @param isNewSource its source is another than that of the campaign before. */
  add(campaign: CountedCampaign, isNewSource: boolean): void {
    const { sourceKey } = campaign;
    if (this.#running === undefined || !sourceKey.startsWith(this.#running.digits)) {
      this.#end();
      const digits = sourceKey.slice(0, digitsOf(sourceKey, this.#lengths));
      this.#running = { digits, tally: new CampaignTally() };
    }
    this.#running.tally.add(campaign, isNewSource);
  }

  /** The busiest networks, the most probes first. */
  busiest(): Network[] {
    this.#end();
    this.#cut();
    return this.#busiest.map(({ digits, tally }) => ({ prefix: this.#prefixOf(digits), tally }));
  }

  #end(): void {
    if (this.#running === undefined) return;
    this.#busiest.push(this.#running);
    this.#running = undefined;
    if (this.#busiest.length >= 2 * this.#most) this.#cut();
  }

  #cut(): void {
    this.#busiest.sort((one, other) => other.tally.probes - one.tally.probes);
    this.#busiest.length = Math.min(this.#busiest.length, this.#most);
  }

  #prefixOf(digits: string): Prefix {
    const family = digits.startsWith(IPV4_DIGITS) ? 4 : 6;
    return prefixOfWords(wordsOfKey(digits.padEnd(32, "0")), this.#lengths[family]);
  }
}

function digitsOf(sourceKey: string, lengths: NetworkLengths): number {
  return sourceKey.startsWith(IPV4_DIGITS)
    ? IPV4_DIGITS.length + lengths[4] / BITS_A_DIGIT
    : lengths[6] / BITS_A_DIGIT;
}

/** @param key 32 hexadecimal digits. */
export function wordsOfKey(key: string): Uint32Array {
  return Uint32Array.from({ length: 4 }, (_, index) =>
    Number.parseInt(key.slice(8 * index, 8 * index + 8), 16),
  );
}
