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
  lastSequence = (lastSequence + 1) >>> 0;
  const question = encodeMessage(message);
  question.writeUInt32LE(lastSequence, 8);
  const sent = send(fd, question);
  if (sent < 0) return failed(-sent);

  const endsWithFirstReply = ((message.flags ?? 0) & (spec.NLM_F_ACK | spec.NLM_F_DUMP)) === 0;
  const buffer = Buffer.allocUnsafe(REPLY_BYTES);
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

    const progress = readReplies(buffer, received, lastSequence, onReply);
    if (typeof progress !== "string") return progress;
    if (progress === "replied" && endsWithFirstReply) return { status: "done" };
    if (progress === "stray") strays++;
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
