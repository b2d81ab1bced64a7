/** Clients that listen to a guard's GET /v1/events, in a process of their own. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { Guard } from "../../test/support/guard.ts";
import type { LiveProcess } from "../../test/support/live-process.ts";
import { NODE } from "../../test/support/programs.ts";
import { waitFor } from "../../test/support/wait-for.ts";
import { change } from "./ask.ts";

/** Streams behind each of the two doors: MAX_CLIENTS of src/api/live-feed.ts. */
const A_DOOR = 16;

/** As many as a guard serves at once. */
export const MOST_LISTENERS = 2 * A_DOOR;

/** Where the second door of a guard is to be, that more than {@link A_DOOR} shall listen to. */
const PORT = 9847;
export const SECOND_DOOR = { API_LISTEN: `127.0.0.1:${PORT}` };

const OPEN_MS = 30_000;
/** Longest wait until everybody has heard of a ban. Milliseconds. */
const HEARD_MS = 10_000;
/** Pause behind a ban that was heard of: fewer than 16 events a second, which is what is told. */
const APART_MS = 200;

export interface ListenOrder {
  readonly socketPath: string;
  readonly overSocket: number;
  readonly overTcp: number;
  readonly port: number;
  readonly token: string;
}

/** Where the API of a guard is found. */
export type ApiPlace = Pick<Guard, "folder" | "namespace">;

/** What came to all listeners together. */
export interface Heard {
  readonly events: number;
  /** Those that a stream said to be missing. */
  readonly lagged: number;
}

interface HeardBan {
  readonly address: string;
  readonly atNs: string;
}

export class Listeners {
  readonly #process: LiveProcess;
  readonly #socketPath: string;
  readonly #count: number;
  #linesRead = 0;
  readonly #bans: HeardBan[] = [];
  #heard: Heard | undefined;

  private constructor(process: LiveProcess, socketPath: string, count: number) {
    this.#process = process;
    this.#socketPath = socketPath;
    this.#count = count;
  }

  /** @returns when all of them listen. Beyond {@link A_DOOR} the guard needs a second door. */
  static async open({ folder, namespace }: ApiPlace, count: number): Promise<Listeners> {
    const overSocket = Math.min(count, A_DOOR);
    const socketPath = join(folder, "run/api.sock");
    const overTcp = count - overSocket;
    const token = overTcp === 0 ? "" : readFileSync(join(folder, "state/api.token"), "utf8").trim();
    const order: ListenOrder = { socketPath, overSocket, overTcp, port: PORT, token };
    const script = join(import.meta.dirname, "listen-child.ts");
    const process = namespace.spawn(NODE, [script, JSON.stringify(order)]);
    const listeners = new Listeners(process, socketPath, count);
    await listeners.#until(OPEN_MS, "listeners to be served", () =>
      process.output.includes("listening"),
    );
    return listeners;
  }

  /** What came since this was asked last. */
  async heard(): Promise<Heard> {
    this.#heard = undefined;
    this.#process.write("count\n");
    return this.#until(OPEN_MS, "the listeners' count", () => this.#heard);
  }

  /**
   * Bans one address after the other and lets go of them again.
   * @returns from the request of each ban until each listener has heard of it. Milliseconds.
   */
  async delaysMs(addresses: readonly string[]): Promise<number[]> {
    const delays: number[] = [];
    for (const address of addresses) {
      // What was told of an earlier ban of the address is no news of this one.
      this.#read();
      this.#bans.length = 0;
      const askedAtNs = process.hrtime.bigint();
      await change(this.#socketPath, "ban", address);
      const told = await this.#until(HEARD_MS, `news of the ban of ${address}`, () => {
        const all = this.#bans.filter((ban) => ban.address === address);
        return all.length === this.#count ? all : undefined;
      });
      delays.push(...told.map(({ atNs }) => Number(BigInt(atNs) - askedAtNs) / 1e6));
      await change(this.#socketPath, "unban", address);
      await pause(APART_MS);
    }
    return delays;
  }

  /** Ends them. */
  async close(): Promise<void> {
    await this.#process.stop();
  }

  #until<Value>(timeoutMs: number, what: string, look: () => Value | undefined | false) {
    return waitFor(
      () => `${what}:\n${this.#process.output.slice(-2000)}`,
      timeoutMs,
      () => {
        if (this.#process.isOver) throw new Error(this.#process.output.slice(-2000));
        this.#read();
        return look();
      },
      1,
    );
  }

  #read(): void {
    const { lines } = this.#process;
    for (const line of lines.slice(this.#linesRead)) {
      const told = JSON.parse(line) as Partial<HeardBan & Heard>;
      if (told.atNs !== undefined) this.#bans.push(told as HeardBan);
      else if (told.events !== undefined) this.#heard = told as Heard;
    }
    this.#linesRead = lines.length;
  }
}
