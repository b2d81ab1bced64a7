/**
 * What the steps of a self-test play with: the guarded machine, the scanner, and eyes on both.
 *
 * Every wait is for a condition, with a bound, and ends when the test is interrupted: at once, but
 * for a command that runs, which has ten seconds.
 */

import { setTimeout as pause } from "node:timers/promises";
import { systemClock } from "../../clock.ts";
import { TABLE } from "../../kernel/table-sets.ts";
import type { PrivateAddresses, PrivateNetwork } from "../private-network/private-network.ts";
import { findElement, type SetElement } from "./set-element.ts";
import type { TestedGuard } from "./tested-guard.ts";

/** A port with a service on the guarded machine; no port that anything excludes. */
export const SERVED_PORT = 8080;

/** How often a condition is looked at. Milliseconds. */
const LOOK_MS = 20;

/** Longest that the stack of the other machine takes to let in or to refuse. Milliseconds. */
const CONNECT_MS = 500;
/** Long enough for a SYN to have arrived. Milliseconds. */
const TOUCH_MS = 100;

export interface SceneParts {
  readonly network: PrivateNetwork;
  readonly guard: TestedGuard;
  /** Aborted when somebody interrupts the test. */
  readonly signal: AbortSignal;
}

export class Scene {
  readonly network: PrivateNetwork;
  readonly guard: TestedGuard;
  readonly #signal: AbortSignal;

  constructor({ network, guard, signal }: SceneParts) {
    this.network = network;
    this.guard = guard;
    this.#signal = signal;
  }

  /**
   * Looks until there is something to see.
   * @returns undefined when there was nothing within the time.
   * @throws the signal's reason when the test is interrupted.
   */
  readonly until = async <Seen>(
    withinMs: number,
    look: () => Seen | undefined | Promise<Seen | undefined>,
  ): Promise<Seen | undefined> => {
    const endAtMs = systemClock.monotonicMs() + withinMs;
    for (;;) {
      this.#signal.throwIfAborted();
      const seen = await look();
      if (seen !== undefined) return seen;
      if (systemClock.monotonicMs() >= endAtMs) return undefined;
      await pause(LOOK_MS);
    }
  };

  /** Connects to unused ports, one after the other, as somebody does who looks what is open. */
  async touch(addresses: PrivateAddresses, ports: readonly number[]): Promise<void> {
    for (const port of ports) {
      this.#signal.throwIfAborted();
      await this.#connect(addresses, port, TOUCH_MS);
    }
  }

  /** Connects to the service. */
  askService(addresses: PrivateAddresses) {
    return this.#connect(addresses, SERVED_PORT, CONNECT_MS);
  }

  /** Waits until the service answers. @returns whether it does. */
  async isServed(addresses: PrivateAddresses, withinMs: number): Promise<boolean> {
    const outcome = await this.until(withinMs, async () =>
      (await this.askService(addresses)) === "open" ? "open" : undefined,
    );
    return outcome !== undefined;
  }

  /** The scanner's address in a set of the guard's table: "held", "banned". */
  async element(set: string, { scanner }: PrivateAddresses): Promise<SetElement | undefined> {
    const name = setFor(set, scanner);
    const commands = `list set ${TABLE} ${name}`;
    const outcome = await this.network.target.ask("nft", { commands });
    return outcome.status === "ok" ? findElement(outcome.output, scanner) : undefined;
  }

  #connect({ scanner, target }: PrivateAddresses, port: number, timeoutMs: number) {
    return this.network.scanner.ask("connect", { from: scanner, to: target, port, timeoutMs });
  }
}

/** "banned" and an address -> "banned4". */
export function setFor(set: string, address: string): string {
  return `${set}${address.includes(":") ? 6 : 4}`;
}
