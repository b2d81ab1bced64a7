/**
 * What became of the attempt to decode one packet.
 *
 * - `decoded`: TCP or UDP; every field of the header is valid.
 * - `other-protocol`: the IP fields are valid, `protocol` says what follows; of ICMP there is the
 *   type, too.
 * - `later-fragment`: not the first piece of a datagram, so there are no ports; IP fields are
 *   valid.
 * - `truncated`: the bytes end inside a header that the packet has, because the capture was cut
 *   there or because the packet is a first fragment too short for the transport header.
 * - `malformed`: the packet contradicts itself; no stack accepts it.
 */
export type DecodeOutcome =
  | "decoded"
  | "truncated"
  | "malformed"
  | "other-protocol"
  | "later-fragment";
