/**
 * Netlink messages in bytes: building them, and walking them without allocating.
 *
 * A walk is a loop over offsets: {@link messageEnd} and {@link attributeEnd} check the length that
 * a header claims against what is there, and {@link nextOffset} steps over the padding. Headers are
 * in the machine's byte order, which is little-endian on both machines we run on; attribute values
 * are in whatever order their own header says, often the network's.
 *
 * Source: linux/netlink.h (NLMSG_OK, NLMSG_NEXT, struct nlattr), RFC 3549 section 2.3.
 */
import { NLM_F_REQUEST } from "./spec.ts";

/** Bytes of `struct nlmsghdr`: length, type, flags, sequence, port. */
export const MESSAGE_HEADER_BYTES = 16;
/** Bytes of `struct nlattr`: length, type. */
export const ATTRIBUTE_HEADER_BYTES = 4;
/** Nested and byte-order flags live in the two top bits of an attribute's type. */
const ATTRIBUTE_TYPE_MASK = 0x3fff;

/** One attribute to send. */
export interface NetlinkAttribute {
  readonly type: number;
  readonly value: Uint8Array;
}

/** One message to send; its sequence number is filled in when it is sent. */
export interface NetlinkMessage {
  /** Message type; for netfilter the subsystem in the high byte. */
  readonly type: number;
  /** NLM_F_* beyond NLM_F_REQUEST, which is always set. Default 0. */
  readonly flags?: number;
  /** The fixed structure that follows the header, `struct nfgenmsg` for one. */
  readonly body: Uint8Array;
  readonly attributes?: readonly NetlinkAttribute[];
}

/** The next multiple of four, where the message or attribute after this end begins. */
export function nextOffset(end: number): number {
  return (end + 3) & ~3;
}

/** The message in bytes, padded as the kernel wants it. */
export function encodeMessage(message: NetlinkMessage): Buffer {
  const { type, flags = 0, body, attributes = [] } = message;
  let length = nextOffset(MESSAGE_HEADER_BYTES + body.length);
  for (const { value } of attributes) length += nextOffset(ATTRIBUTE_HEADER_BYTES + value.length);

  const bytes = Buffer.alloc(length);
  bytes.writeUInt32LE(length, 0);
  bytes.writeUInt16LE(type, 4);
  bytes.writeUInt16LE(flags | NLM_F_REQUEST, 6);
  bytes.set(body, MESSAGE_HEADER_BYTES);
  let at = nextOffset(MESSAGE_HEADER_BYTES + body.length);
  for (const attribute of attributes) {
    const end = at + ATTRIBUTE_HEADER_BYTES + attribute.value.length;
    bytes.writeUInt16LE(end - at, at);
    bytes.writeUInt16LE(attribute.type, at + 2);
    bytes.set(attribute.value, at + ATTRIBUTE_HEADER_BYTES);
    at = nextOffset(end);
  }
  return bytes;
}

/**
 * End of the message that begins at `at`, without padding.
 * @returns -1 when its header does not fit before `limit`, or lies about the length.
 */
export function messageEnd(buffer: Buffer, at: number, limit: number): number {
  if (at + MESSAGE_HEADER_BYTES > limit) return -1;
  const length = buffer.readUInt32LE(at);
  return length < MESSAGE_HEADER_BYTES || length > limit - at ? -1 : at + length;
}

/**
 * End of the attribute that begins at `at`, without padding.
 * @returns -1 when its header does not fit before `limit`, or lies about the length.
 */
export function attributeEnd(buffer: Buffer, at: number, limit: number): number {
  if (at + ATTRIBUTE_HEADER_BYTES > limit) return -1;
  const length = buffer.readUInt16LE(at);
  return length < ATTRIBUTE_HEADER_BYTES || length > limit - at ? -1 : at + length;
}

/** Type of the message that begins at `at`; valid iff {@link messageEnd} found its end. */
export function messageType(buffer: Buffer, at: number): number {
  return buffer.readUInt16LE(at + 4);
}

/** Type of the attribute at `at` without its flag bits; valid iff {@link attributeEnd} agreed. */
export function attributeType(buffer: Buffer, at: number): number {
  return buffer.readUInt16LE(at + 2) & ATTRIBUTE_TYPE_MASK;
}

/**
 * Value of the first attribute of `type` between `start` and `limit`, as a view.
 * @returns undefined when there is none before the end or before the first lie.
 */
export function findAttribute(
  buffer: Buffer,
  start: number,
  limit: number,
  type: number,
): Buffer | undefined {
  for (let at = start; at < limit; ) {
    const end = attributeEnd(buffer, at, limit);
    if (end < 0) return undefined;
    if (attributeType(buffer, at) === type) {
      return buffer.subarray(at + ATTRIBUTE_HEADER_BYTES, end);
    }
    at = nextOffset(end);
  }
  return undefined;
}

/** A 32-bit attribute value in network byte order, as netfilter wants it. */
export function encodeUint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/** A 16-bit attribute value in network byte order, as netfilter wants it. */
export function encodeUint16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(value);
  return bytes;
}
