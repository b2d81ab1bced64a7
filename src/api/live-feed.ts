/**
 * What happens now, for whoever listens: server-sent events (WHATWG HTML, section 9.2).
 *
 * Nothing here grows with what is sent or with who listens: clients are counted for each door, and
 * each has a queue of {@link MAX_QUEUE}. Who reads too slowly misses events and is told how many, in
 * the place where they are missing; who reads nothing for {@link STUCK_MS} is let go, and so is,
 * within {@link HEARTBEAT_MS}, whoever may not listen any more. Nothing is kept for those who come
 * later: they begin with what is told next.
 */
import { OperationalError } from "../errors.ts";
import { encodeVisibleJson } from "../invisible-text.ts";
import type { LiveEvent } from "./contract.ts";

/** Listeners at once behind one door. */
export const MAX_CLIENTS = 16;

/** Events that wait for one of them. */
export const MAX_QUEUE = 256;

/** Pause (ms) between two signs of life, so that proxies and clients do not think it dead. */
export const HEARTBEAT_MS = 15_000;

/** How long (ms) a client may have read nothing while something waits for it. */
export const STUCK_MS = 60_000;

export class LiveFeed {
  readonly #clients = new Set<Client>();
  readonly #onListened: (isListenedTo: boolean) => void;
  #heartbeat: NodeJS.Timeout | undefined;
  #isClosed = false;

  /** @param onListened called when the first listener comes, and when the last one is gone. */
  constructor(onListened: (isListenedTo: boolean) => void = () => {}) {
    this.#onListened = onListened;
  }

  /** Asked before something is made that nobody may want. */
  get isListenedTo(): boolean {
    return this.#clients.size > 0;
  }

  /** Tells everybody who listens. Never throws, waits for nobody. */
  publish(event: LiveEvent): void {
    if (this.#clients.size === 0) return;
    const text = format(event);
    for (const client of this.#clients) client.push(text);
  }

  /**
   * @param door what has listeners of its own, so that those of one cannot keep others out.
   * @param isLet whether he may still listen, asked again and again; his session may have ended.
   * @returns what the client reads, until it goes or this is closed.
   * @throws {OperationalError} ERR_UNAVAILABLE when as many listen there as may, or it is closed.
   */
  open(door: object, isLet: () => boolean = () => true): ReadableStream<Uint8Array> {
    const before = [...this.#clients].filter((client) => client.door === door).length;
    if (this.#isClosed || before >= MAX_CLIENTS) {
      const why = this.#isClosed ? "the guard is ending" : `${MAX_CLIENTS} listen already`;
      throw new OperationalError("ERR_UNAVAILABLE", `there is no place to listen: ${why}`);
    }
    const client = new Client(door, isLet, () => this.#remove(client));
    this.#clients.add(client);
    if (this.#clients.size === 1) {
      this.#heartbeat = setInterval(() => this.#beat(), HEARTBEAT_MS);
      this.#onListened(true);
    }
    return client.stream;
  }

  /** Ends the stream of whoever may not listen any more: a session was ended. */
  endUnlet(): void {
    for (const client of this.#clients) if (!client.isLet()) client.end();
  }

  /** Ends every stream, and opens none any more. May be called twice. */
  close(): void {
    this.#isClosed = true;
    for (const client of this.#clients) client.end();
  }

  #beat(): void {
    this.endUnlet();
    for (const client of this.#clients) client.beat();
  }

  #remove(client: Client): void {
    if (!this.#clients.delete(client) || this.#clients.size > 0) return;
    clearInterval(this.#heartbeat);
    this.#onListened(false);
  }
}

/** One listener, from its request to its end. */
class Client {
  readonly door: object;
  readonly isLet: () => boolean;
  readonly stream: ReadableStream<Uint8Array>;
  readonly #onEnd: () => void;
  readonly #queue: string[] = ["retry: 3000\n\n"];
  readonly #encoder = new TextEncoder();
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  #dropped = 0;
  #beatsUnread = 0;

  constructor(door: object, isLet: () => boolean, onEnd: () => void) {
    this.door = door;
    this.isLet = isLet;
    this.#onEnd = onEnd;
    this.stream = new ReadableStream<Uint8Array>({
      start: (controller) => {
        this.#controller = controller;
      },
      pull: () => {
        this.#beatsUnread = 0;
        this.#pass();
      },
      cancel: () => this.#leave(),
    });
  }

  push(text: string): void {
    if (this.#queue.length >= MAX_QUEUE) {
      this.#dropped++;
      return;
    }
    this.#tellDropped();
    this.#queue.push(text);
    this.#pass();
  }

  /** A sign of life, where nothing waits; the end of whoever has read nothing for too long. */
  beat(): void {
    if (this.#queue.length === 0) this.push(": here\n\n");
    else if (++this.#beatsUnread * HEARTBEAT_MS >= STUCK_MS) this.end();
  }

  end(): void {
    const controller = this.#controller;
    this.#leave();
    controller?.close();
  }

  #leave(): void {
    this.#controller = undefined;
    this.#queue.length = 0;
    this.#onEnd();
  }

  /** Behind what waited before it. */
  #tellDropped(): void {
    if (this.#dropped === 0) return;
    this.#queue.push(format({ kind: "lagged", dropped: this.#dropped }));
    this.#dropped = 0;
  }

  /** As much as the reader takes. */
  #pass(): void {
    while (this.#controller !== undefined && (this.#controller.desiredSize ?? 0) > 0) {
      if (this.#queue.length === 0) this.#tellDropped();
      const text = this.#queue.shift();
      if (text === undefined) return;
      this.#controller.enqueue(this.#encoder.encode(text));
    }
  }
}

/** JSON has no line ends, so that no text in it can begin another field or event. */
function format(event: LiveEvent): string {
  return `event: ${event.kind}\ndata: ${encodeVisibleJson(event)}\n\n`;
}
