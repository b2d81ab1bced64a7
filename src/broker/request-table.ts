/**
 * Which request is allowed when: the boundary as a table, after OpenSSH's monitor.
 *
 * A guard begins in "restoring", before it has read a packet, and brings back the bans that stood;
 * with `ready` it begins to guard, and nothing leads back. What is not in the table is not allowed.
 */
import type { BrokerRequest } from "./protocol.ts";

export type BrokerState = "restoring" | "guarding";

export type RequestName = BrokerRequest["request"];

interface RequestRule {
  readonly allowedIn: readonly BrokerState[];
  /** Allowed once in the life of a guard. */
  readonly isOnce: boolean;
}

/** The table. `restore` is bounded by an allowance besides, which is 0 once the guard is ready. */
const REQUEST_TABLE: Readonly<Record<RequestName, RequestRule>> = {
  restore: { allowedIn: ["restoring", "guarding"], isOnce: false },
  standing: { allowedIn: ["restoring"], isOnce: false },
  ready: { allowedIn: ["restoring"], isOnce: true },
  measure: { allowedIn: ["restoring", "guarding"], isOnce: false },
  count: { allowedIn: ["restoring", "guarding"], isOnce: false },
  blocklists: { allowedIn: ["restoring", "guarding"], isOnce: false },
  listed: { allowedIn: ["guarding"], isOnce: false },
  ban: { allowedIn: ["guarding"], isOnce: false },
  unban: { allowedIn: ["guarding"], isOnce: false },
  respond: { allowedIn: ["guarding"], isOnce: false },
  undo: { allowedIn: ["guarding"], isOnce: false },
  leftovers: { allowedIn: ["guarding"], isOnce: false },
  trust: { allowedIn: ["guarding"], isOnce: false },
  dropped: { allowedIn: ["guarding"], isOnce: false },
  record: { allowedIn: ["guarding"], isOnce: false },
  alert: { allowedIn: ["guarding"], isOnce: false },
  confirm: { allowedIn: ["guarding"], isOnce: false },
  reload: { allowedIn: ["guarding"], isOnce: false },
  apply: { allowedIn: ["guarding"], isOnce: false },
};

/** Keeps the state of one guard and answers from the table. */
export class RequestGate {
  #state: BrokerState = "restoring";
  readonly #done = new Set<RequestName>();

  get state(): BrokerState {
    return this.#state;
  }

  /** Counts a request that is allowed as done. @returns undefined when allowed, else why not. */
  pass(name: RequestName): string | undefined {
    const rule = REQUEST_TABLE[name];
    if (this.#done.has(name)) return `${name} is allowed once`;
    if (!rule.allowedIn.includes(this.#state)) return `${name} is not allowed while ${this.#state}`;
    if (rule.isOnce) this.#done.add(name);
    if (name === "ready") this.#state = "guarding";
    return undefined;
  }
}
