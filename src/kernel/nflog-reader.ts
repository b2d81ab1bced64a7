/**
 * Reads logged packets from an NFLOG socket that somebody else has opened.
 *
 * It needs no privilege: opening and configuring do ({@link openNflog}), reading does not, so that
 * the guard works on a descriptor that it has inherited. Waiting happens on one thread of libuv's
 * pool, which is taken for as long as the reader runs; decoding happens on the event loop, at most
 * {@link DATAGRAMS_A_TURN} datagrams at a time, and then others have their turn. What comes faster
 * than we read is dropped by the kernel, never queued here, and counted as lost.
 */
import { OperationalError } from "../errors.ts";
import { ERRNO, formatErrno } from "./errno.ts";
import { receiveAsync, recv } from "./libc.ts";
import {
  NflogDecoder,
  type OnNflogDrop,
  type OnNflogPacket,
  type OnNflogReply,
} from "./nflog-decode.ts";
import { MSG_DONTWAIT } from "./spec.ts";

/** Far above the 128 KiB that the kernel puts into one datagram. */
const BUFFER_BYTES = 1 << 20;
/**
 * One wait a turn, then what is there already: 8 datagrams of 64 packets are about a millisecond.
 */
const DATAGRAMS_A_TURN = 8;

/** Counts since the reader was made; they only grow. */
export interface NflogCounts {
  /** Probes handed on. */
  readonly packets: number;
  /** Packets that the kernel logged and that never came: gaps in its numbering. */
  readonly lost: number;
  /** Times the kernel found our receive buffer full. Each stands for any number of `lost`. */
  readonly overruns: number;
  /** Messages that could not be decoded. */
  readonly malformed: number;
  /** Bytes received from the kernel, headers and payload. */
  readonly bytes: number;
}

export class NflogReader {
  readonly #fd: number;
  readonly #onPacket: OnNflogPacket;
  readonly #onDrop: OnNflogDrop;
  readonly #onReply: OnNflogReply;
  readonly #buffer = Buffer.allocUnsafeSlow(BUFFER_BYTES);
  readonly #decoder = new NflogDecoder();
  #overruns = 0;
  #bytes = 0;
  #isStopping = false;
  #reading: Promise<void> | undefined;

  /**
   * The descriptor stays the caller's, who closes it after {@link stop}; it must have a receive
   * time-out, as {@link openNflog} sets it. What it calls must not throw.
   */
  constructor(
    fd: number,
    onPacket: OnNflogPacket,
    onDrop: OnNflogDrop = () => {},
    onReply: OnNflogReply = () => {},
  ) {
    this.#fd = fd;
    this.#onPacket = onPacket;
    this.#onDrop = onDrop;
    this.#onReply = onReply;
  }

  /** Begins to deliver. May be called once. A socket that breaks ends the process. */
  start(): void {
    if (this.#reading !== undefined) throw new Error("an NflogReader starts once");
    this.#reading = this.#read();
  }

  /**
   * Delivers nothing any more once the promise is fulfilled, within the socket's receive time-out.
   * May be called twice, and before start.
   */
  async stop(): Promise<void> {
    this.#isStopping = true;
    await this.#reading;
  }

  counts(): NflogCounts {
    const { packets, lost, malformed } = this.#decoder;
    return { packets, lost, overruns: this.#overruns, malformed, bytes: this.#bytes };
  }

  async #read(): Promise<void> {
    while (!this.#isStopping) {
      this.#take(await receiveAsync(this.#fd, this.#buffer));
      for (let taken = 1; taken < DATAGRAMS_A_TURN && !this.#isStopping; taken++) {
        const received = recv(this.#fd, this.#buffer, MSG_DONTWAIT);
        this.#take(received);
        if (received === -ERRNO.EAGAIN) break;
      }
    }
  }

  #take(received: number): void {
    if (received >= 0) {
      this.#bytes += received;
      this.#decoder.decode(this.#buffer, received, this.#onPacket, this.#onDrop, this.#onReply);
      return;
    }
    switch (-received) {
      case ERRNO.ENOBUFS:
        this.#overruns++;
        break;
      case ERRNO.EAGAIN:
      case ERRNO.EINTR:
        break;
      default:
        // Nothing but a wrong or closed descriptor ends here, and reading on would spin.
        throw new OperationalError(
          "ERR_KERNEL",
          `the NFLOG socket cannot be read any more (${formatErrno(-received)}): restart the guard`,
        );
    }
  }
}
