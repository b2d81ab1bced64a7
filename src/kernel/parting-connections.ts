/**
 * Connections that got a banner and are about to end.
 *
 * To close at once would often lose the banner: a socket that is closed with unread data, or that
 * gets data afterwards, answers with a reset, and a reset makes the other side forget what it has
 * not read. So our direction is ended, what comes is read and thrown away, and the descriptor is
 * closed when the other side ends, after {@link PARTING_MS} at the latest.
 *
 * What a hostile peer can do: open many and read nothing (at most {@link MAX_PARTING} are kept, the
 * oldest is closed for a new one; what is not acknowledged is given up by the kernel after the same
 * time), or send for ever (closed after {@link MAX_DRAINED_BYTES}). Nobody is ever waited for.
 *
 * Source: RFC 1122 section 4.2.2.13; tcp(7), TCP_USER_TIMEOUT; shutdown(2).
 */
import { ERRNO } from "./errno.ts";
import { close, recv, send, setsockoptInt, shutdown } from "./libc.ts";
import { IPPROTO_TCP, MSG_DONTWAIT, MSG_NOSIGNAL, SHUT_WR, TCP_USER_TIMEOUT } from "./spec.ts";

/** Connections that are kept at once. */
export const MAX_PARTING = 128;

/** How long (ms) the other side may take to read and to end its direction. */
const PARTING_MS = 2000;

/** What one connection may send before it is closed. Bytes. */
const MAX_DRAINED_BYTES = 65_536;

/** Reads of one connection before others have their turn. */
const READS_A_TURN = 4;

/** `struct pollfd`: int fd, short events, short revents. */
const POLLFD_BYTES = 8;
const POLLIN = 1;
/** poll(2) passes over entries whose descriptor is negative. */
const NOBODY = -1;

export class PartingConnections {
  readonly #banner: Uint8Array;
  readonly #monotonicMs: () => number;
  readonly #entries: Buffer;
  readonly #untilMs = new Float64Array(MAX_PARTING);
  readonly #drainedBytes = new Uint32Array(MAX_PARTING);
  readonly #scrap = Buffer.allocUnsafeSlow(4096);
  #next = 0;

  /**
   * @param banner sent as it is.
   * @param entries room for {@link MAX_PARTING} `struct pollfd`, which the owner polls between
   *   turns; nothing here touches them meanwhile.
   */
  constructor(banner: Uint8Array, monotonicMs: () => number, entries: Buffer) {
    this.#banner = banner;
    this.#monotonicMs = monotonicMs;
    this.#entries = entries;
    for (let slot = 0; slot < MAX_PARTING; slot++) {
      this.#setFd(slot, NOBODY);
      entries.writeInt16LE(POLLIN, slot * POLLFD_BYTES + 4);
    }
  }

  /** Sends the banner and ends our direction; the descriptor is ours from then on. */
  take(fd: number): void {
    setsockoptInt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, PARTING_MS);
    // A fresh connection has room for it; a peer that has gone meanwhile needs none.
    if (send(fd, this.#banner, MSG_DONTWAIT | MSG_NOSIGNAL) < 0 || shutdown(fd, SHUT_WR) < 0) {
      close(fd);
      return;
    }
    const slot = this.#next;
    this.#next = (slot + 1) % MAX_PARTING;
    this.#close(slot);
    this.#setFd(slot, fd);
    this.#untilMs[slot] = this.#monotonicMs() + PARTING_MS;
    this.#drainedBytes[slot] = 0;
  }

  /** Reads what came, and closes what is over; called after each poll, whatever it said. */
  turn(): void {
    const nowMs = this.#monotonicMs();
    for (let slot = 0; slot < MAX_PARTING; slot++) {
      if (this.#fdOf(slot) === NOBODY) continue;
      const hasEvent = this.#entries.readInt16LE(slot * POLLFD_BYTES + 6) !== 0;
      if ((hasEvent && this.#hasEnded(slot)) || nowMs >= (this.#untilMs[slot] as number)) {
        this.#close(slot);
      }
    }
  }

  /** Closes all. */
  closeAll(): void {
    for (let slot = 0; slot < MAX_PARTING; slot++) this.#close(slot);
  }

  /** @returns whether the other side has ended, or has sent more than it may. */
  #hasEnded(slot: number): boolean {
    for (let count = 0; count < READS_A_TURN; count++) {
      const received = recv(this.#fdOf(slot), this.#scrap, MSG_DONTWAIT);
      if (received === -ERRNO.EAGAIN) return false;
      if (received <= 0) return true;
      const drainedBytes = (this.#drainedBytes[slot] as number) + received;
      this.#drainedBytes[slot] = drainedBytes;
      if (drainedBytes > MAX_DRAINED_BYTES) return true;
    }
    return false;
  }

  #close(slot: number): void {
    const fd = this.#fdOf(slot);
    if (fd === NOBODY) return;
    close(fd);
    this.#setFd(slot, NOBODY);
  }

  #fdOf(slot: number): number {
    return this.#entries.readInt32LE(slot * POLLFD_BYTES);
  }

  #setFd(slot: number, fd: number): void {
    this.#entries.writeInt32LE(fd, slot * POLLFD_BYTES);
    // What poll said was about the one before.
    this.#entries.writeInt16LE(0, slot * POLLFD_BYTES + 6);
  }
}
