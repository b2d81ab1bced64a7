/**
 * One JSON value a line over a stream that two processes hold: the framing of the privilege
 * boundary, the same on both sides.
 *
 * The other side may be taken over. What it can do here: send a line without end (closed at
 * `maxLineBytes`), send one byte at a time (bytes are copied into one buffer, so no chunk is kept
 * alive by its first byte), and not read its answers (with `readsAheadOfAnswers: false` nothing
 * more is read until the answers have left; whatever is sent unasked ends the channel at
 * `maxQueuedBytes`). Only one side may wait like that, or two full pipes wait for each other.
 */
import type { Duplex } from "node:stream";

const NEWLINE = 0x0a;

/** A larger buffer is let go after its line: facts may be megabytes, requests are not. */
const KEPT_BUFFER_BYTES = 1_048_576;

export interface LineChannelOptions {
  /** Longest line accepted, in bytes, newline included. A longer one closes the channel. */
  readonly maxLineBytes: number;
  /** Most bytes that may wait for the other side to read. More close the channel. */
  readonly maxQueuedBytes: number;
  /** Whether lines are read while our own are still waiting to leave. */
  readonly readsAheadOfAnswers: boolean;
  /** Called with each line, newline taken off, in order and never after `onClose`. */
  readonly onLine: (line: string) => void;
  /** Called once. `reason` is undefined when the other side has simply gone. */
  readonly onClose: (reason: string | undefined) => void;
}

export class LineChannel {
  readonly #stream: Duplex;
  readonly #options: LineChannelOptions;
  #buffer = Buffer.alloc(0);
  #bufferedBytes = 0;
  /** What came in the same chunk as a line whose answer has not left yet. */
  #rest: Buffer | undefined;
  #isClosed = false;

  /** Takes the stream over: it is destroyed with the channel. */
  constructor(stream: Duplex, options: LineChannelOptions) {
    this.#stream = stream;
    this.#options = options;
    stream.on("data", (chunk: Buffer) => this.#read(chunk));
    stream.on("drain", () => this.#resume());
    stream.on("end", () => this.close());
    stream.on("close", () => this.close());
    // A reset or a broken pipe says only that the other side has gone.
    stream.on("error", () => this.close());
  }

  /** Sends one value; does nothing on a closed channel. */
  send(value: unknown): void {
    if (this.#isClosed) return;
    this.#stream.write(`${JSON.stringify(value)}\n`);
    if (this.#stream.writableLength > this.#options.maxQueuedBytes) {
      this.close(`more than ${this.#options.maxQueuedBytes} bytes wait and are not read`);
    }
  }

  /** Ends both directions and calls `onClose`; what waits is lost. May be called again. */
  close(reason?: string): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#stream.destroy();
    this.#options.onClose(reason);
  }

  #read(chunk: Buffer): void {
    let start = 0;
    while (!this.#isClosed) {
      if (!this.#options.readsAheadOfAnswers && this.#stream.writableNeedDrain) {
        this.#stream.pause();
        this.#rest = chunk.subarray(start);
        return;
      }
      const newline = chunk.indexOf(NEWLINE, start);
      const end = newline < 0 ? chunk.length : newline + 1;
      if (!this.#keep(chunk.subarray(start, end)) || newline < 0) return;
      start = end;
      this.#options.onLine(this.#takeLine());
    }
  }

  #resume(): void {
    if (this.#isClosed) return;
    const rest = this.#rest;
    this.#rest = undefined;
    if (rest !== undefined) this.#read(rest);
    if (this.#rest === undefined) this.#stream.resume();
  }

  /** @returns false when the line has become too long, which closes the channel. */
  #keep(bytes: Buffer): boolean {
    const { maxLineBytes } = this.#options;
    const neededBytes = this.#bufferedBytes + bytes.length;
    if (neededBytes > maxLineBytes) {
      this.close(`a line is longer than ${maxLineBytes} bytes`);
      return false;
    }
    if (neededBytes > this.#buffer.length) {
      const doubledBytes = Math.min(maxLineBytes, 2 * this.#buffer.length);
      const larger = Buffer.alloc(Math.max(neededBytes, doubledBytes));
      this.#buffer.copy(larger, 0, 0, this.#bufferedBytes);
      this.#buffer = larger;
    }
    bytes.copy(this.#buffer, this.#bufferedBytes);
    this.#bufferedBytes = neededBytes;
    return true;
  }

  #takeLine(): string {
    const line = this.#buffer.toString("utf8", 0, this.#bufferedBytes - 1);
    this.#bufferedBytes = 0;
    if (this.#buffer.length > KEPT_BUFFER_BYTES) this.#buffer = Buffer.alloc(0);
    return line;
  }
}
