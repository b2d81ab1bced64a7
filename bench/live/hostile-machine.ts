/**
 * A machine of a row whose traffic is hostile: with a counter before every rule of a guard's.
 *
 * What a peer was given is what its raw socket had room for, as the kernel counts it. CPU time is that
 * of the guard's processes: what the kernel does for a packet before it hands it over is in nobody's
 * account.
 */
import { setTimeout as pause } from "node:timers/promises";
import type { Contestant } from "./contestants/contestant.ts";
import { type Look, sumOf, type Tally } from "./ledger.ts";
import { cpuSeconds, residentBytes } from "./processes.ts";
import { raiseMachine, type Standing } from "./standing.ts";
import type { Tools } from "./tools.ts";

/**
 * Longest wait until all that has arrived is accounted for, and what it led to is done. What is not
 * accounted for then is never. Milliseconds.
 */
const SETTLE_MS = 3000;
const LOOK_EVERY_MS = 100;

/** A guard that takes less has nothing left to do. Share of a core. */
const CALM_SHARE = 0.1;

/** In the input hook: what the kernel itself refuses to take, such as a source of its own, is out. */
const COUNTER = `table inet arrivals {
  counter arrived { }
  chain before {
    type filter hook input priority -400; policy accept;
    tcp flags & (syn|ack) == syn counter name arrived
  }
}
`;

export class HostileMachine implements AsyncDisposable {
  readonly standing: Standing;

  private constructor(standing: Standing) {
    this.standing = standing;
  }

  static async raise(contestant: Contestant, tools: Tools): Promise<HostileMachine> {
    const standing = await raiseMachine(contestant, tools);
    await standing.network.target.namespace.load(COUNTER);
    return new HostileMachine(standing);
  }

  async look(): Promise<Look> {
    const { guard } = this.standing;
    const pids = guard.pids();
    const arrived = await this.#arrived();
    return {
      arrived,
      tally: await this.#tally(arrived),
      cpuSeconds: cpuSeconds(pids),
      residentBytes: residentBytes(pids),
      writtenBytes: guard.writtenBytes?.() ?? 0,
    };
  }

  /** Resolves when the guard is done with all that has come since `before`, or will not be. */
  async settle(before: Look): Promise<void> {
    const { guard } = this.standing;
    const endsAtMs = performance.now() + SETTLE_MS;
    for (;;) {
      const usedSeconds = cpuSeconds(guard.pids());
      const fromMs = performance.now();
      await pause(LOOK_EVERY_MS);
      const tookMs = performance.now() - fromMs;
      const isCalm = 1000 * (cpuSeconds(guard.pids()) - usedSeconds) < CALM_SHARE * tookMs;
      if (performance.now() > endsAtMs || (isCalm && (await this.#isAccounted(before)))) return;
    }
  }

  async #isAccounted(before: Look): Promise<boolean> {
    const arrived = await this.#arrived();
    const tally = await this.#tally(arrived);
    if (tally === undefined || before.tally === undefined) return true;
    return (
      this.standing.guard.tally === undefined ||
      sumOf(tally) - sumOf(before.tally) >= arrived - before.arrived
    );
  }

  async #tally(arrived: number): Promise<Tally | undefined> {
    const { guard } = this.standing;
    if (guard.tally !== undefined) return guard.tally();
    const missed = guard.missed?.();
    return missed === undefined ? undefined : { seen: arrived - missed };
  }

  async #arrived(): Promise<number> {
    // The counter alone would be asked for with every set of every table read first: with the sets of
    // a guard that is flooded, seconds of a whole core.
    const words = ["list", "table", "inet", "arrivals"];
    const text = await this.standing.network.target.namespace.run("nft", words);
    return Number(/packets (\d+)/.exec(text)?.[1]);
  }

  [Symbol.asyncDispose](): PromiseLike<void> {
    return this.standing[Symbol.asyncDispose]();
  }
}
