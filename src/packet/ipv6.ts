/**
 * Decodes the IPv6 header and follows its extension headers (RFC 8200 sections 3 and 4).
 *
 * A sender may chain headers as it likes to push the ports out of a reader's sight. Followed here
 * are the kinds that may stand before TCP and UDP in the clear, at most MAX_EXTENSION_HEADERS; a
 * longer chain is malformed, and one that runs past a capture's end is truncated. Both are counted
 * by the sensor. The kernel's own rules do not depend on what is found here.
 */
import type { DecodeOutcome } from "./decode-outcome.ts";
import { copyIpv6Address, uint8At, uint16At, uint32At } from "./network-order.ts";
import type { PacketHeader } from "./packet-header.ts";
import {
  IPV6_FRAGMENT_HEADER_BYTES,
  IPV6_HEADER_BYTES,
  IPV6_MORE_FRAGMENTS,
  MAX_EXTENSION_HEADERS,
  PROTOCOL_AUTHENTICATION,
  PROTOCOL_DESTINATION_OPTIONS,
  PROTOCOL_FRAGMENT,
  PROTOCOL_HOP_BY_HOP,
  PROTOCOL_ROUTING,
  UNKNOWN_END_OFFSET,
} from "./spec.ts";

/** Next header and length, which every extension header begins with. */
const EXTENSION_HEADER_START_BYTES = 2;

/**
 * Fills the IP fields from the bytes `start` to `end`, of which there is at least one.
 * @returns "decoded" when the transport header is next, at `into.transportOffset`.
 */
export function decodeIpv6(
  bytes: Uint8Array,
  start: number,
  end: number,
  into: PacketHeader,
): DecodeOutcome {
  if (end - start < IPV6_HEADER_BYTES) return "truncated";
  const payloadBytes = uint16At(bytes, start + 4);
  into.version = 6;
  into.protocol = uint8At(bytes, start + 6);
  into.ttlHops = uint8At(bytes, start + 7);
  copyIpv6Address(bytes, start + 8, into.source);
  copyIpv6Address(bytes, start + 24, into.destination);
  into.transportOffset = start + IPV6_HEADER_BYTES;
  // RFC 2675 section 3: the length of a jumbogram stands in a hop-by-hop option.
  const isJumbogram = payloadBytes === 0 && into.protocol === PROTOCOL_HOP_BY_HOP;
  into.packetEndOffset = isJumbogram ? UNKNOWN_END_OFFSET : into.transportOffset + payloadBytes;

  const outcome = followExtensions(bytes, Math.min(end, into.packetEndOffset), into);
  into.payloadOffset = into.transportOffset;
  return outcome;
}

/** Moves `into.transportOffset` and `into.protocol` past the chain. */
function followExtensions(bytes: Uint8Array, end: number, into: PacketHeader): DecodeOutcome {
  for (let followed = 0; isExtension(into.protocol); followed += 1) {
    const { protocol, transportOffset } = into;
    if (followed === MAX_EXTENSION_HEADERS) return "malformed";
    if (protocol === PROTOCOL_HOP_BY_HOP && followed > 0) return "malformed";
    if (end - transportOffset < EXTENSION_HEADER_START_BYTES) return "truncated";
    const headerBytes = extensionBytes(protocol, uint8At(bytes, transportOffset + 1));
    if (end - transportOffset < headerBytes) return "truncated";

    into.protocol = uint8At(bytes, transportOffset);
    into.transportOffset = transportOffset + headerBytes;
    if (protocol === PROTOCOL_FRAGMENT) {
      // A datagram is cut up once; a fragment inside a fragment is nobody's honest packet.
      if (into.isFragment) return "malformed";
      decodeFragmentHeader(bytes, transportOffset, into);
      if (into.isFragment && !into.isFirstFragment) return "later-fragment";
    } else if (protocol !== PROTOCOL_AUTHENTICATION) {
      into.hasIpOptions = true;
    }
  }
  return "decoded";
}

function isExtension(protocol: number): boolean {
  return (
    protocol === PROTOCOL_HOP_BY_HOP ||
    protocol === PROTOCOL_ROUTING ||
    protocol === PROTOCOL_FRAGMENT ||
    protocol === PROTOCOL_AUTHENTICATION ||
    protocol === PROTOCOL_DESTINATION_OPTIONS
  );
}

/** Whole length of an extension header whose length field holds `lengthField`. */
function extensionBytes(protocol: number, lengthField: number): number {
  if (protocol === PROTOCOL_FRAGMENT) return IPV6_FRAGMENT_HEADER_BYTES;
  if (protocol === PROTOCOL_AUTHENTICATION) return (lengthField + 2) * 4;
  return (lengthField + 1) * 8;
}

function decodeFragmentHeader(bytes: Uint8Array, offset: number, into: PacketHeader): void {
  const fragmentation = uint16At(bytes, offset + 2);
  const isLaterFragment = fragmentation >>> 3 !== 0;
  into.ipIdentification = uint32At(bytes, offset + 4);
  into.isFragment = isLaterFragment || (fragmentation & IPV6_MORE_FRAGMENTS) !== 0;
  into.isFirstFragment = into.isFragment && !isLaterFragment;
}
