/**
 * The key of a TCP flow in the table's sets: the other side's port and address, then ours.
 *
 * Read from a packet that comes in or from one that goes out, it is the same.
 */

/** In this order. */
export const FLOW_TYPES = {
  4: "inet_service . ipv4_addr . inet_service . ipv4_addr",
  6: "inet_service . ipv6_addr . inet_service . ipv6_addr",
} as const;

/** The flow of a segment that comes in. */
export const FLOWS_IN = {
  4: "tcp sport . ip saddr . tcp dport . ip daddr",
  6: "tcp sport . ip6 saddr . tcp dport . ip6 daddr",
} as const;

/** The flow of a segment that goes out. */
export const FLOWS_OUT = {
  4: "tcp dport . ip daddr . tcp sport . ip saddr",
  6: "tcp dport . ip6 daddr . tcp sport . ip6 saddr",
} as const;
