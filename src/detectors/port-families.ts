/**
 * Ports that one honest act touches together.
 *
 * A mail program that looks for its server tries every mail port in a row, and Windows opens a file
 * share on 445 and 139 at once. Counting such ports apart would turn a mistyped host name into a
 * scan, so a family counts as one port. The price: a scanner gets a family for one. Likewise the
 * types of ICMP are ways to ask one thing, whether somebody has the address.
 */
import type { ProbedProtocol } from "../net/transport.ts";

/** TCP families; the first port of each stands for all. */
const TCP_FAMILIES: readonly (readonly [number, ...number[]])[] = [
  // Mail autoconfiguration: IMAP, POP3 and submission, each with and without TLS (RFC 8314).
  [993, 143, 995, 110, 465, 587],
  // SMB directly over TCP and over NetBIOS (RFC 1002 section 4.3).
  [445, 139],
];

/** One entry a TCP port: the port that it counts as. A table, because every probe asks. */
const TCP_REPRESENTATIVES = representativesOf(TCP_FAMILIES);

/** Stands for every type of ICMP. */
const ICMP_REPRESENTATIVE = 0;

/**
 * @returns the port that `port` counts as: two ports with one representative are one contact. A
 * port of no family, every UDP port, and every IP protocol is its own.
 */
export function familyRepresentative(transport: ProbedProtocol, port: number): number {
  if (transport === "icmp") return ICMP_REPRESENTATIVE;
  return transport === "tcp" ? (TCP_REPRESENTATIVES[port] ?? port) : port;
}

function representativesOf(families: typeof TCP_FAMILIES): Uint16Array {
  const representatives = Uint16Array.from({ length: 0x10000 }, (_, port) => port);
  for (const family of families) {
    for (const port of family) representatives[port] = family[0];
  }
  return representatives;
}
