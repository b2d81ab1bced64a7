/**
 * An ordinary person at a namespace's keyboard: connects, talks, asks by UDP.
 *
 * One process a namespace, driven line by line, because a connection attempt every 250 ms must not
 * cost the start of a program each.
 */
import { join } from "node:path";
import type { LiveProcess } from "./live-process.ts";
import type { Namespace } from "./namespaces.ts";
import { NODE } from "./programs.ts";

/** `silent`: no answer within the time; `unreachable`: an ICMP error or no route. */
export type ConnectOutcome = "open" | "refused" | "silent" | "unreachable";

/** Default patience of an attempt. Milliseconds; below 1000, where a second SYN would be sent. */
const ATTEMPT_MS = 800;

export type AgentRequest = { readonly id: number } & (
  | {
      readonly act: "connect";
      readonly address: string;
      readonly port: number;
      readonly localAddress?: string;
      readonly timeoutMs: number;
      readonly keep: boolean;
    }
  | {
      readonly act: "udp";
      readonly address: string;
      readonly port: number;
      readonly payloadBytes: number;
      readonly timeoutMs: number;
    }
  | { readonly act: "send"; readonly connection: number; readonly text: string }
  | { readonly act: "received" | "end" | "close" | "reset"; readonly connection: number }
);

/** A request without its id; distributes over the union. */
type Act = AgentRequest extends infer Each ? (Each extends Each ? Omit<Each, "id"> : never) : never;

export interface ConnectOptions {
  /** Source address; must be one of the namespace. Default: the kernel's choice. */
  readonly from?: string;
  /** Default {@link ATTEMPT_MS}. */
  readonly timeoutMs?: number;
}

export class Agent {
  readonly #process: LiveProcess;
  #lastId = 0;
  readonly #answers = new Map<number, unknown>();
  #linesRead = 0;

  constructor(namespace: Namespace) {
    const script = join(import.meta.dirname, "network-agent.ts");
    this.#process = namespace.spawn(NODE, [script]);
  }

  /** Tries one connection and resets it at once when it is open. */
  async connect(
    address: string,
    port: number,
    options: ConnectOptions = {},
  ): Promise<ConnectOutcome> {
    const { answer } = await this.#connect(address, port, false, options);
    return answer;
  }

  /** Tries one connection after the other. @returns the outcomes by port. */
  async connectAll(
    address: string,
    ports: readonly number[],
    options: ConnectOptions = {},
  ): Promise<Map<number, ConnectOutcome>> {
    const attempts = ports.map(
      async (port): Promise<[number, ConnectOutcome]> => [
        port,
        await this.connect(address, port, options),
      ],
    );
    return new Map(await Promise.all(attempts));
  }

  /** Opens a connection and keeps it. @throws {Error} when it does not open. */
  async open(address: string, port: number, options: ConnectOptions = {}): Promise<number> {
    const { id, answer } = await this.#connect(address, port, true, options);
    if (answer !== "open") throw new Error(`connection to ${address} port ${port}: ${answer}`);
    return id;
  }

  /** Writes on a kept connection. */
  async send(connection: number, text: string): Promise<void> {
    await this.#ask({ act: "send", connection, text });
  }

  /** What came on a kept connection so far, and whether the other side has ended it. */
  async received(connection: number): Promise<{ text: string; isEnded: boolean }> {
    const { answer } = await this.#ask({ act: "received", connection });
    return answer as { text: string; isEnded: boolean };
  }

  /** Ends our side of a kept connection. */
  async end(connection: number): Promise<void> {
    await this.#ask({ act: "end", connection });
  }

  /**
   * Ends our side and forgets the connection: the kernel waits for the other side a while longer.
   */
  async close(connection: number): Promise<void> {
    await this.#ask({ act: "close", connection });
  }

  /** Ends a kept connection by RST; nothing of it is left on our side. */
  async reset(connection: number): Promise<void> {
    await this.#ask({ act: "reset", connection });
  }

  /** Sends one datagram. @returns the length of its echo, undefined when none came. */
  async askByUdp(
    address: string,
    port: number,
    payloadBytes: number,
    timeoutMs: number = ATTEMPT_MS,
  ): Promise<number | undefined> {
    const { answer } = await this.#ask({ act: "udp", address, port, payloadBytes, timeoutMs });
    return answer as number | undefined;
  }

  async #connect(
    address: string,
    port: number,
    keep: boolean,
    options: ConnectOptions,
  ): Promise<{ id: number; answer: ConnectOutcome }> {
    const { id, answer } = await this.#ask({
      act: "connect",
      address,
      port,
      keep,
      timeoutMs: options.timeoutMs ?? ATTEMPT_MS,
      ...(options.from === undefined ? {} : { localAddress: options.from }),
    });
    return { id, answer: answer as ConnectOutcome };
  }

  async #ask(act: Act): Promise<{ id: number; answer: unknown }> {
    this.#lastId += 1;
    const id = this.#lastId;
    this.#process.write(`${JSON.stringify({ id, ...act })}\n`);
    // It answers each request, if only that nothing came; the test's own time-out is the bound.
    for (this.#read(); !this.#answers.has(id); this.#read()) {
      if (this.#process.isOver) throw new Error(`the agent ended:\n${this.#process.output}`);
      await this.#process.changed();
    }
    const answer = this.#answers.get(id);
    this.#answers.delete(id);
    return { id, answer };
  }

  #read(): void {
    const { lines } = this.#process;
    for (const line of lines.slice(this.#linesRead)) {
      const { id, answer } = JSON.parse(line) as { id: number; answer?: unknown };
      this.#answers.set(id, answer);
    }
    this.#linesRead = lines.length;
  }
}
