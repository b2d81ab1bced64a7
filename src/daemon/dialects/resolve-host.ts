/**
 * RESOLVE_HOST: the name of a source, asked for off the packet path.
 *
 * An attacker owns his reverse zone: he chooses the name, how long the answer takes, and with
 * forged sources how many questions there are. So a name is letters, digits, dots and hyphens or it
 * is not used, and one that looks like an address is not used either; an answer that takes longer
 * than {@link ANSWER_WITHIN_MS} is none; at most {@link MAX_QUESTIONS} are open and
 * {@link MAX_NAMES} answers kept, failures included. Whoever has no name for any of these reasons
 * has his address.
 *
 * A name proves nothing: it is never looked up again to see whether it leads back. Asked of the DNS
 * alone: the C library's own resolution, /etc/hosts included, would take one of the few threads on
 * which the guard waits for the kernel.
 */
import { Resolver } from "node:dns/promises";
import type { Clock } from "../../clock.ts";
import { type IpAddress, parseIpAddress } from "../../net/ip-address.ts";

export const ANSWER_WITHIN_MS = 2000;
export const KEEP_FOR_MS = 600_000;
export const MAX_NAMES = 1000;
export const MAX_QUESTIONS = 16;

/** Longest name, bytes: RFC 1035 section 2.3.4 without the root's dot. */
const LONGEST_NAME = 253;

const LABEL = /^[0-9A-Za-z-]{1,63}$/;

/** The names of an address; rejects when there is none. */
export type ReverseLookUp = (address: IpAddress) => Promise<readonly string[]>;

/** Calls `run` once when the time is over, unless it was cancelled. @returns the cancelling. */
export type StartTimer = (delayMs: number, run: () => void) => () => void;

export interface HostResolverParts {
  readonly lookUp?: ReverseLookUp;
  readonly startTimer?: StartTimer;
}

interface Answer {
  readonly host: string;
  readonly untilMs: number;
}

export class HostResolver {
  readonly #clock: Clock;
  readonly #lookUp: ReverseLookUp;
  readonly #startTimer: StartTimer;
  /** In the order of their answers, the oldest first. */
  readonly #answers = new Map<IpAddress, Answer>();
  readonly #questions = new Map<IpAddress, Promise<string>>();

  constructor(clock: Clock, parts: HostResolverParts = {}) {
    this.#clock = clock;
    this.#lookUp = parts.lookUp ?? createReverseLookUp();
    this.#startTimer = parts.startTimer ?? startSystemTimer;
  }

  /**
   * The source's name, or its address. Never rejects. Two calls for one address are one question;
   * when too many are open it answers at once, with the address, and keeps nothing.
   */
  hostOf(address: IpAddress): Promise<string> {
    const known = this.#answers.get(address);
    if (known !== undefined && this.#clock.monotonicMs() < known.untilMs) {
      return Promise.resolve(known.host);
    }
    const open = this.#questions.get(address);
    if (open !== undefined) return open;
    if (this.#questions.size >= MAX_QUESTIONS) return Promise.resolve(address);
    const question = this.#ask(address);
    this.#questions.set(address, question);
    return question;
  }

  async #ask(address: IpAddress): Promise<string> {
    const host = (await this.#nameWithin(address)) ?? address;
    this.#questions.delete(address);
    this.#answers.delete(address);
    this.#answers.set(address, { host, untilMs: this.#clock.monotonicMs() + KEEP_FOR_MS });
    const [oldest] = this.#answers.keys();
    if (this.#answers.size > MAX_NAMES && oldest !== undefined) this.#answers.delete(oldest);
    return host;
  }

  #nameWithin(address: IpAddress): Promise<string | undefined> {
    return new Promise((resolve) => {
      const cancel = this.#startTimer(ANSWER_WITHIN_MS, () => resolve(undefined));
      this.#lookUp(address)
        .then(
          ([first]) => resolve(first === undefined ? undefined : parseHostName(first)),
          // A source without a name is the usual case, and a broken zone is its owner's matter.
          () => resolve(undefined),
        )
        .finally(cancel);
    });
  }
}

/** @returns undefined when `text` is no name that may stand in a log; lower case, no final dot. */
export function parseHostName(text: string): string | undefined {
  const name = text.endsWith(".") ? text.slice(0, -1) : text;
  if (name.length === 0 || name.length > LONGEST_NAME) return undefined;
  const labels = name.split(".");
  if (!labels.every((label) => LABEL.test(label))) return undefined;
  // Names that end in a number are none (RFC 3696 section 2), and could pass for an address.
  if (/^\d+$/.test(labels.at(-1) ?? "") || parseIpAddress(name) !== undefined) return undefined;
  return name.toLowerCase();
}

function createReverseLookUp(): ReverseLookUp {
  const resolver = new Resolver({ timeout: ANSWER_WITHIN_MS, tries: 1 });
  return (address) => resolver.reverse(address);
}

const startSystemTimer: StartTimer = (delayMs, run) => {
  const timer = setTimeout(run, delayMs).unref();
  return () => clearTimeout(timer);
};
