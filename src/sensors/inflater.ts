/**
 * Unpacks one DEFLATE stream (RFC 1951) from pieces, and knows where it ends and how far it came:
 * what follows the end is left to the caller.
 *
 * Memory is that of zlib's window and of one unpacked piece. Of damage, what the last step unpacked
 * before it is lost, at most {@link UNPACKED_PIECE_BYTES}: zlib does not hand it out. Whoever feeds
 * a stream byte by byte loses nothing of the bytes before the one that fails.
 */
import { createInflateRaw } from "node:zlib";

/** Unpacked at a time: what packs well costs time, not memory. */
const UNPACKED_PIECE_BYTES = 16 * 1024;

export class Inflater implements Disposable {
  /** Why unpacking ended early; undefined while it goes on, and at the stream's own end. */
  failure: string | undefined;
  isEnded = false;
  unpackedBytes = 0;
  readonly #inflate = createInflateRaw({ chunkSize: UNPACKED_PIECE_BYTES });
  readonly #over = Promise.withResolvers<void>();

  /** `onBytes` is called with what is unpacked, in order, before {@link push} is fulfilled. */
  constructor(onBytes: (bytes: Uint8Array) => void) {
    this.#inflate.on("data", (bytes: Uint8Array) => {
      this.unpackedBytes += bytes.length;
      onBytes(bytes);
    });
    this.#inflate.on("end", () => {
      this.isEnded = true;
      this.#over.resolve();
    });
    this.#inflate.on("error", (error) => {
      this.failure = error.message;
      this.#over.resolve();
    });
  }

  /** Whether nothing more is taken, because of a failure or at the stream's end. */
  get isOver(): boolean {
    return this.isEnded || this.failure !== undefined;
  }

  /** Packed bytes of all that has been unpacked and handed on. */
  get takenBytes(): number {
    return this.#inflate.bytesWritten;
  }

  /**
   * Fulfilled when `bytes`, which are not empty, are unpacked and handed on, or the stream is over.
   * Not to be called again then. That it has ended is known when a byte behind its end is there.
   */
  async push(bytes: Uint8Array): Promise<void> {
    const taken = new Promise<void>((done) => this.#inflate.write(bytes, () => done()));
    // A stream that is over never says that it took what it was given.
    await Promise.race([taken, this.#over.promise]);
  }

  [Symbol.dispose](): void {
    this.#inflate.destroy();
  }
}
