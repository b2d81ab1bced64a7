/**
 * Host names of ignore files, resolved again and again, with the last known good answer kept.
 *
 * A name that cannot be resolved for the moment keeps its addresses, because a failing resolver
 * must not get anybody banned. Whoever answers for a name decides who is trusted: names in an
 * ignore file are as safe as the DNS that serves them. Bounded: {@link MAX_NAMES} names, sixteen
 * addresses each.
 */
import { lookup } from "node:dns/promises";
import type { Clock } from "../../clock.ts";
import { type IpAddress, parseIpAddress } from "../../net/ip-address.ts";

/** Names that are resolved; what is beyond is a fault of the file. */
export const MAX_NAMES = 256;

const MAX_ADDRESSES = 16;
const RESOLVE_EVERY_MS = 300_000;
/** Sooner again, because whoever has no addresses yet is not trusted yet. */
const RETRY_AFTER_MS = 15_000;

/** The machine's own resolution, /etc/hosts included. Rejects when the name has no address. */
export type LookUp = (name: string) => Promise<readonly string[]>;

interface NameState {
  addresses: readonly IpAddress[];
  /** What went wrong the last time; undefined when it went well, or never was tried. */
  fault: string | undefined;
  dueAtMs: number;
}

/** What is known of a name. */
export type Resolved = Pick<Readonly<NameState>, "addresses" | "fault">;

const systemLookUp: LookUp = async (name) =>
  (await lookup(name, { all: true })).map(({ address }) => address);

export class HostNames {
  readonly #clock: Clock;
  readonly #lookUp: LookUp;
  readonly #names = new Map<string, NameState>();
  #isBusy = false;

  constructor(clock: Clock, lookUp: LookUp = systemLookUp) {
    this.#clock = clock;
    this.#lookUp = lookUp;
  }

  /** Makes `names` the ones to be resolved; what is known of those that stay is kept. */
  want(names: readonly string[]): void {
    const wanted = new Set(names.slice(0, MAX_NAMES));
    for (const name of this.#names.keys()) if (!wanted.has(name)) this.#names.delete(name);
    for (const name of wanted) {
      if (this.#names.has(name)) continue;
      const dueAtMs = Number.NEGATIVE_INFINITY;
      this.#names.set(name, { addresses: [], fault: undefined, dueAtMs });
    }
  }

  /** @returns what is known of `name`: nothing yet, or its last good addresses. */
  resolved(name: string): Resolved {
    return this.#names.get(name) ?? { addresses: [], fault: undefined };
  }

  /**
   * Resolves the names that are due, one after the other. Never rejects; does nothing while an
   * earlier call is still at it.
   */
  async refresh(): Promise<void> {
    if (this.#isBusy) return;
    this.#isBusy = true;
    for (const [name, state] of [...this.#names]) {
      if (this.#clock.monotonicMs() >= state.dueAtMs) await this.#resolve(name, state);
    }
    this.#isBusy = false;
  }

  async #resolve(name: string, state: NameState): Promise<void> {
    try {
      const addresses = (await this.#lookUp(name)).flatMap((text) => parseIpAddress(text) ?? []);
      state.addresses = addresses.slice(0, MAX_ADDRESSES).sort();
      state.fault = undefined;
      state.dueAtMs = this.#clock.monotonicMs() + RESOLVE_EVERY_MS;
    } catch (error) {
      state.fault = (error as NodeJS.ErrnoException).code ?? String(error);
      state.dueAtMs = this.#clock.monotonicMs() + RETRY_AFTER_MS;
    }
  }
}
