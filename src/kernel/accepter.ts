/**
 * Takes connections from inherited listening sockets, with the peer's address whatever comes after.
 *
 * Node asks for the peer's address after it has accepted, when a scanner that resets at once (as
 * nmap -sT does) is gone already; accept4(2) gives it with the connection. Waiting happens on one
 * thread of libuv's pool for all sockets together. A connection is closed as soon as it is told of,
 * or when it has its banner ({@link PartingConnections}), so that a sender can keep neither memory
 * nor more than a few descriptors; at most {@link ACCEPTS_A_TURN} of one
 * socket are taken before others have their turn, and what waits is bounded by the kernel's
 * backlog.
 *
 * Source: accept(2), poll(2), struct sockaddr_in and sockaddr_in6.
 */
import { setTimeout as pause } from "node:timers/promises";
import { systemClock } from "../clock.ts";
import type { AddressWords } from "../net/address-words.ts";
import { ERRNO } from "./errno.ts";
import { accept, close, getsockname, pollAsync } from "./libc.ts";
import { MAX_PARTING, PartingConnections } from "./parting-connections.ts";
import { AF_INET6 } from "./spec.ts";

/** A connection that was completed, valid only during the call. */
export interface Accepted {
  /** Index of the listening socket. */
  readonly index: number;
  readonly source: AddressWords;
  readonly sourcePort: number;
  readonly destination: AddressWords;
}

const ACCEPTS_A_TURN = 64;
const POLL_MS = 200;
/** `struct pollfd`: int fd, short events, short revents. */
const POLLFD_BYTES = 8;
const POLLIN = 1;
/** `struct sockaddr_in6`, the larger of the two. */
const ADDRESS_BYTES = 28;

export class Accepter {
  readonly #fds: readonly number[];
  readonly #onAccepted: (accepted: Accepted) => void;
  readonly #entries: Buffer;
  readonly #pollCount: number;
  /** undefined where nothing is said to whoever connects. */
  readonly #parting: PartingConnections | undefined;
  readonly #peer = Buffer.alloc(ADDRESS_BYTES);
  readonly #own = Buffer.alloc(ADDRESS_BYTES);
  readonly #source = new Uint32Array(4);
  readonly #destination = new Uint32Array(4);
  #failures = 0;
  /** The last accept failed for want of something. */
  #isOut = false;
  #isStopping = false;
  #running: Promise<void> | undefined;

  /**
   * The descriptors are non-blocking and stay the caller's. `onAccepted` must not throw.
   * @param banner what every connection gets before it ends.
   */
  constructor(
    fds: readonly number[],
    onAccepted: (accepted: Accepted) => void,
    banner?: Uint8Array,
  ) {
    this.#fds = fds;
    this.#onAccepted = onAccepted;
    this.#pollCount = fds.length + (banner === undefined ? 0 : MAX_PARTING);
    this.#entries = Buffer.alloc(this.#pollCount * POLLFD_BYTES);
    const others = this.#entries.subarray(fds.length * POLLFD_BYTES);
    this.#parting =
      banner === undefined
        ? undefined
        : new PartingConnections(banner, () => systemClock.monotonicMs(), others);
    for (const [index, fd] of fds.entries()) {
      this.#entries.writeInt32LE(fd, index * POLLFD_BYTES);
      this.#entries.writeInt16LE(POLLIN, index * POLLFD_BYTES + 4);
    }
  }

  /** Connections that could not be taken, for one because descriptors have run out. */
  get failures(): number {
    return this.#failures;
  }

  /** Begins to accept. May be called once. */
  start(): void {
    this.#running = this.#run();
  }

  /** Accepts nothing any more once the promise is fulfilled. May be called twice. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    await this.#running;
  }

  async #run(): Promise<void> {
    while (!this.#isStopping) {
      const ready = await pollAsync(this.#entries, this.#pollCount, POLL_MS);
      this.#parting?.turn();
      // Interrupted, or nothing: what the entries say is from the turn before.
      if (ready <= 0) continue;
      if (this.#isOut) {
        // Descriptors have run out, and poll would return at once for ever.
        this.#isOut = false;
        await pause(POLL_MS);
      }
      for (const [index, fd] of this.#fds.entries()) {
        if (this.#entries.readInt16LE(index * POLLFD_BYTES + 6) !== 0) this.#acceptAll(index, fd);
      }
    }
    this.#parting?.closeAll();
  }

  #acceptAll(index: number, fd: number): void {
    for (let count = 0; count < ACCEPTS_A_TURN && !this.#isStopping; count++) {
      const connection = accept(fd, this.#peer);
      if (connection < 0) {
        if (connection === -ERRNO.ECONNABORTED) continue;
        if (connection !== -ERRNO.EAGAIN) {
          this.#failures++;
          this.#isOut = true;
        }
        return;
      }
      getsockname(connection, this.#own);
      if (this.#parting === undefined) close(connection);
      else this.#parting.take(connection);
      const sourcePort = this.#peer.readUInt16BE(2);
      readAddress(this.#peer, this.#source);
      readAddress(this.#own, this.#destination);
      const source = this.#source;
      this.#onAccepted({ index, source, sourcePort, destination: this.#destination });
    }
  }
}

/** Writes the address of a `struct sockaddr_*` as words, IPv4 as mapped. */
function readAddress(address: Buffer, into: AddressWords): void {
  if (address.readUInt16LE(0) === AF_INET6) {
    for (let word = 0; word < 4; word++) into[word] = address.readUInt32BE(8 + word * 4);
  } else {
    into.set([0, 0, 0xffff, address.readUInt32BE(4)]);
  }
}
