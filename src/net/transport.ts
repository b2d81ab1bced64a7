/** The transports whose ports can be probed. */
export type Transport = "tcp" | "udp";

/**
 * What a probe comes over: a transport; or, without any port, ICMP of either family ("icmp") or
 * another protocol straight on IP ("ip"). Where a port belongs, the last two have a number of their
 * own: the type of the ICMP message, and the number of the protocol (IANA, "Assigned Internet
 * Protocol Numbers"), 0 to 255.
 */
export type ProbedProtocol = Transport | "icmp" | "ip";

/** @returns whether it has ports. */
export function hasPorts(protocol: ProbedProtocol): protocol is Transport {
  return protocol === "tcp" || protocol === "udp";
}
