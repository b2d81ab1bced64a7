/**
 * Questions to the kernel over a netlink socket, asked and answered synchronously.
 *
 * The kernel answers within the send call, so that a question blocks the event loop for
 * microseconds; the receive time-out stops a kernel that does not answer from blocking it for ever.
 * Only the kernel, or a process with CAP_NET_ADMIN, can put a message into this socket.
 *
 * Source: linux/netlink.h; netlink(7); RFC 3549 section 2.3.
 */
import { OperationalError } from "../errors.ts";
import { ERRNO, formatErrno } from "./errno.ts";
import { bind, close, recv, send, setsockopt, socket } from "./libc.ts";
import {
  encodeMessage,
  MESSAGE_HEADER_BYTES,
  messageEnd,
  messageType,
  type NetlinkMessage,
  nextOffset,
} from "./netlink.ts";
import * as spec from "./spec.ts";

/** The largest datagram that a dump makes is 32 KiB (af_netlink.c); this is twice that. */
const REPLY_BYTES = 65_536;
/** Datagrams of other conversations that are passed over before a question counts as unanswered. */
const MAX_STRAY_DATAGRAMS = 4096;

/** What became of a question; `errno` as in {@link ERRNO}, ETIMEDOUT when no answer came. */
export type RequestOutcome =
  | { readonly status: "done" }
  | { readonly status: "failed"; readonly errno: number };

/**
 * Takes one reply: `type` of the message, its contents at `start` to `end`. The buffer is valid
 * only during the call.
 * @returns "enough" to hear no more; what is left of the answer stays in the socket, which is
 * then good for closing only.
 */
export type OnReply = (
  type: number,
  buffer: Buffer,
  start: number,
  end: number,
) => "enough" | undefined;

let lastSequence = 0;

/** For the next answer: of a million bans that are brought back there are 1,600. */
let spareBuffer: Buffer | undefined;

/**
 * Opens a netlink socket of one protocol (NETLINK_*). The caller closes it.
 * @param receiveTimeoutMs longest wait (ms) of one receive, 1 or more. Default 1000.
 * @throws {OperationalError} ERR_UNAVAILABLE when the kernel does not speak this protocol.
 */
export function openNetlink(protocol: number, receiveTimeoutMs = 1000): number {
  const fd = socket(spec.AF_NETLINK, spec.SOCK_RAW, protocol);
  if (fd < 0) throw cannotOpen(protocol, -fd);
  const bound = bind(fd, encodeKernelAddress());
  if (bound < 0) {
    close(fd);
    throw cannotOpen(protocol, -bound);
  }
  setReceiveTimeout(fd, receiveTimeoutMs);
  return fd;
}

/**
 * Sends one message and hands on every reply to it, until the kernel says that this was all: the
 * end of the dump (NLM_F_DUMP), the acknowledgement (NLM_F_ACK), or else the first reply.
 */
export function request(
  fd: number,
  message: NetlinkMessage,
  onReply: OnReply = () => undefined,
): RequestOutcome {
  const sequence = pose(fd, message);
  if (typeof sequence !== "number") return sequence;
  const endsWithFirstReply = ((message.flags ?? 0) & (spec.NLM_F_ACK | spec.NLM_F_DUMP)) === 0;
  return readAnswer(fd, sequence, endsWithFirstReply, onReply);
}

/**
 * Has one message of nftables carried out as a transaction of its own: what changes a ruleset is
 * taken only between the marks of a batch. The message must ask for its acknowledgement.
 */
export function requestChange(fd: number, message: NetlinkMessage): RequestOutcome {
  lastSequence = (lastSequence + 1) >>> 0;
  const marks = [spec.NFNL_MSG_BATCH_BEGIN, spec.NFNL_MSG_BATCH_END].map((type) => {
    // struct nfgenmsg: family, version, and the subsystem in network byte order.
    const body = Uint8Array.of(0, 0, 0, spec.NFNL_SUBSYS_NFTABLES);
    return encodeMessage({ type, body });
  });
  const change = encodeMessage(message);
  change.writeUInt32LE(lastSequence, 8);
  const sent = send(fd, Buffer.concat([marks[0] as Buffer, change, marks[1] as Buffer]));
  return sent < 0 ? failed(-sent) : readAnswer(fd, lastSequence, false, () => undefined);
}

/** Reads until the question of this number is answered. */
function readAnswer(
  fd: number,
  sequence: number,
  endsWithFirstReply: boolean,
  onReply: OnReply,
): RequestOutcome {
  // Taken out while it is in use: whoever hears a reply may ask something else.
  const buffer = spareBuffer ?? Buffer.allocUnsafe(REPLY_BYTES);
  spareBuffer = undefined;
  try {
    for (;;) {
      const progress = receive(fd, sequence, buffer, onReply);
      if (progress !== "replied") return progress;
      if (endsWithFirstReply) return { status: "done" };
    }
  } finally {
    spareBuffer = buffer;
  }
}

/**
 * A dump that is read a datagram at a time: the kernel makes each when the one before it is taken.
 *
 * A datagram is at most 32 KiB, however large the buffers are (max_recvmsg_len in af_netlink.c), and
 * for each the kernel walks what it dumps from its beginning. Elsewhere work can be done between
 * two; what changes meanwhile may come twice, or not at all. The socket is its own.
 */
export class NetlinkDump {
  readonly #fd: number;
  readonly #question: NetlinkMessage;
  readonly #buffer = Buffer.allocUnsafe(REPLY_BYTES);
  #sequence: number | undefined;
  #isClosed = false;

  /**
   * @param question has NLM_F_DUMP set; sent with the first `next`.
   * @throws {OperationalError} ERR_UNAVAILABLE as {@link openNetlink}.
   */
  constructor(protocol: number, question: NetlinkMessage) {
    this.#fd = openNetlink(protocol);
    this.#question = question;
  }

  /** Reads the next datagram. @returns false, and is closed, when that was all, or it failed. */
  next(onReply: OnReply): boolean {
    if (this.#isClosed) return false;
    const sequence = this.#sequence ?? pose(this.#fd, this.#question);
    if (typeof sequence === "number") {
      this.#sequence = sequence;
      if (receive(this.#fd, sequence, this.#buffer, onReply) === "replied") return true;
    }
    this.close();
    return false;
  }

  /** May be called again. */
  close(): void {
    if (!this.#isClosed) close(this.#fd);
    this.#isClosed = true;
  }
}

/** Sends one message. @returns the number that its replies bear. */
function pose(fd: number, message: NetlinkMessage): number | RequestOutcome {
  lastSequence = (lastSequence + 1) >>> 0;
  const question = encodeMessage(message);
  question.writeUInt32LE(lastSequence, 8);
  const sent = send(fd, question);
  return sent < 0 ? failed(-sent) : lastSequence;
}

/** Receives until one datagram was ours: the outcome when it ends the conversation. */
function receive(
  fd: number,
  sequence: number,
  buffer: Buffer,
  onReply: OnReply,
): RequestOutcome | "replied" {
  for (let strays = 0; strays < MAX_STRAY_DATAGRAMS; ) {
    const received = recv(fd, buffer, spec.MSG_TRUNC);
    if (received === -ERRNO.EAGAIN) return failed(ERRNO.ETIMEDOUT);
    // An overrun is told once, and lost messages of others are none of our business here.
    if (received === -ERRNO.ENOBUFS || received === -ERRNO.EINTR) {
      strays++;
      continue;
    }
    if (received < 0) return failed(-received);
    if (received > buffer.length) return failed(ERRNO.EMSGSIZE);

    const progress = readReplies(buffer, received, sequence, onReply);
    if (progress !== "stray") return progress;
    strays++;
  }
  return failed(ERRNO.ETIMEDOUT);
}

/** Reads one datagram: the outcome when it ends the conversation, else whether it was ours. */
function readReplies(
  buffer: Buffer,
  length: number,
  sequence: number,
  onReply: OnReply,
): RequestOutcome | "replied" | "stray" {
  let progress: "replied" | "stray" = "stray";
  for (let at = 0; at < length; ) {
    const end = messageEnd(buffer, at, length);
    if (end < 0) return failed(ERRNO.EBADMSG);
    if (buffer.readUInt32LE(at + 8) === sequence) {
      const type = messageType(buffer, at);
      const start = at + MESSAGE_HEADER_BYTES;
      if (type === spec.NLMSG_ERROR || type === spec.NLMSG_DONE) {
        return finalOutcome(buffer, start, end);
      }
      if (onReply(type, buffer, start, end) === "enough") return { status: "done" };
      progress = "replied";
    }
    at = nextOffset(end);
  }
  return progress;
}

/** Acknowledgements and ends of dumps carry a C int: zero, or the negative error number. */
function finalOutcome(buffer: Buffer, start: number, end: number): RequestOutcome {
  const result = end - start >= 4 ? buffer.readInt32LE(start) : 0;
  return result < 0 ? failed(-result) : { status: "done" };
}

function failed(errno: number): RequestOutcome {
  return { status: "failed", errno };
}

/** `struct timeval` of a 64-bit machine: seconds and microseconds. */
function setReceiveTimeout(fd: number, timeoutMs: number): void {
  const seconds = Math.floor(timeoutMs / 1000);
  const microseconds = (timeoutMs - seconds * 1000) * 1000;
  const timeval = new Uint8Array(
    BigInt64Array.of(BigInt(seconds), BigInt(Math.round(microseconds))).buffer,
  );
  setsockopt(fd, spec.SOL_SOCKET, spec.SO_RCVTIMEO, timeval);
}

/** `struct sockaddr_nl` with port 0: on bind the kernel chooses one that is free. */
function encodeKernelAddress(): Buffer {
  const address = Buffer.alloc(12);
  address.writeUInt16LE(spec.AF_NETLINK, 0);
  return address;
}

function cannotOpen(protocol: number, errno: number): OperationalError {
  return new OperationalError(
    "ERR_UNAVAILABLE",
    `the kernel gives no netlink socket of protocol ${protocol} (${formatErrno(errno)}): ` +
      "use a kernel with netfilter, and allow AF_NETLINK in the service's sandbox",
  );
}
