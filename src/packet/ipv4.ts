/**
 * Decodes the IPv4 header (RFC 791 section 3.1).
 *
 * The header checksum is not verified: the kernel has done so before it hands a packet on.
 */
import type { DecodeOutcome } from "./decode-outcome.ts";
import { copyIpv4Address, uint8At, uint16At } from "./network-order.ts";
import type { PacketHeader } from "./packet-header.ts";
import {
  IPV4_DONT_FRAGMENT,
  IPV4_FRAGMENT_OFFSET_MASK,
  IPV4_HEADER_MIN_BYTES,
  IPV4_MORE_FRAGMENTS,
} from "./spec.ts";

/**
 * Fills the IP fields from the bytes `start` to `end`, of which there is at least one.
 * @returns "decoded" when the transport header is next, at `into.transportOffset`.
 */
export function decodeIpv4(
  bytes: Uint8Array,
  start: number,
  end: number,
  into: PacketHeader,
): DecodeOutcome {
  if (end - start < IPV4_HEADER_MIN_BYTES) return "truncated";
  const headerBytes = (uint8At(bytes, start) & 0x0f) * 4;
  const totalBytes = uint16At(bytes, start + 2);
  if (headerBytes < IPV4_HEADER_MIN_BYTES || totalBytes < headerBytes) return "malformed";
  if (end - start < headerBytes) return "truncated";

  const fragmentation = uint16At(bytes, start + 6);
  const isLaterFragment = (fragmentation & IPV4_FRAGMENT_OFFSET_MASK) !== 0;
  into.version = 4;
  into.ipIdentification = uint16At(bytes, start + 4);
  into.hasDontFragment = (fragmentation & IPV4_DONT_FRAGMENT) !== 0;
  into.isFragment = isLaterFragment || (fragmentation & IPV4_MORE_FRAGMENTS) !== 0;
  into.isFirstFragment = into.isFragment && !isLaterFragment;
  into.ttlHops = uint8At(bytes, start + 8);
  into.protocol = uint8At(bytes, start + 9);
  into.hasIpOptions = headerBytes > IPV4_HEADER_MIN_BYTES;
  copyIpv4Address(bytes, start + 12, into.source);
  copyIpv4Address(bytes, start + 16, into.destination);
  into.packetEndOffset = start + totalBytes;
  into.transportOffset = start + headerBytes;
  into.payloadOffset = into.transportOffset;
  return isLaterFragment ? "later-fragment" : "decoded";
}
