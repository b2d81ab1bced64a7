/**
 * The default gateways of the main routing tables.
 *
 * The halves of the Internet (0.0.0.0/1 and 128.0.0.0/1, 2000::/3) count as default routes, because
 * VPNs lay them over the real one. Sources: proc(5) on /proc/net/route, whose addresses are
 * in the byte order of the machine; net/ipv6/route.c, rt6_info_route, on /proc/net/ipv6_route.
 */
import { endianness } from "node:os";
import { formatWords } from "../../net/address-words.ts";
import type { IpAddress } from "../../net/ip-address.ts";
import { hostPrefixOf } from "../../net/prefix.ts";
import { readFile } from "./text-file.ts";
import { readingOf, type TrustReading, type TrustSource } from "./trust-source.ts";

// linux/route.h
const RTF_UP = 0x1;
const RTF_GATEWAY = 0x2;

/** Longest prefix of a route that leads to most of the Internet. Bits. */
const DEFAULT_BITS = { 4: 1, 6: 3 } as const;

const HEX_WORD = /^[0-9a-fA-F]{8}$/;
const HEX_ADDRESS = /^[0-9a-f]{32}$/;

/** @returns the gateways in the text of /proc/net/route. */
export function parseIpv4Gateways(
  text: string,
  byteOrder: "BE" | "LE" = endianness(),
): IpAddress[] {
  return text.split("\n").flatMap((line) => {
    const [, , gateway = "", flags = "", , , , mask = ""] = line.split("\t");
    if (!HEX_WORD.test(gateway) || !HEX_WORD.test(mask)) return [];
    const maskBits = Buffer.from(mask, "hex").reduce((bits, byte) => bits + onesIn(byte), 0);
    if (!isGatewayRoute(Number.parseInt(flags, 16)) || maskBits > DEFAULT_BITS[4]) return [];
    const bytes = Buffer.from(gateway, "hex");
    const word = byteOrder === "LE" ? bytes.readUInt32LE() : bytes.readUInt32BE();
    return [formatWords(Uint32Array.of(0, 0, 0xffff, word))];
  });
}

/** @returns the gateways in the text of /proc/net/ipv6_route. */
export function parseIpv6Gateways(text: string): IpAddress[] {
  return text.split("\n").flatMap((line) => {
    const [, length = "", , , gateway = "", , , , flags = ""] = line.split(/ +/);
    if (!HEX_ADDRESS.test(gateway) || !isGatewayRoute(Number.parseInt(flags, 16))) return [];
    if (Number.parseInt(length, 16) > DEFAULT_BITS[6]) return [];
    const bytes = Buffer.from(gateway, "hex");
    return [formatWords(Uint32Array.from([0, 4, 8, 12], (at) => bytes.readUInt32BE(at)))];
  });
}

export class Gateways implements TrustSource {
  readonly name = "default gateways";
  readonly isVital = true;
  readonly #procRoot: string;

  /** @param procRoot where /proc is; tests have their own. */
  constructor(procRoot = "/proc") {
    this.#procRoot = procRoot;
  }

  read(): TrustReading {
    const ipv4 = readFile(`${this.#procRoot}/net/route`);
    const ipv6 = readFile(`${this.#procRoot}/net/ipv6_route`);
    for (const file of [ipv4, ipv6]) if (file.status === "unreadable") return file;
    // A kernel without the family has no such file, and no such gateway.
    const gateways = [
      ...(ipv4.status === "read" ? parseIpv4Gateways(ipv4.bytes.toString()) : []),
      ...(ipv6.status === "read" ? parseIpv6Gateways(ipv6.bytes.toString()) : []),
    ];
    const why = "default gateway";
    return readingOf(gateways.map((address) => ({ prefix: hostPrefixOf(address), why })));
  }
}

function isGatewayRoute(flags: number): boolean {
  return (flags & RTF_UP) !== 0 && (flags & RTF_GATEWAY) !== 0;
}

function onesIn(byte: number): number {
  let ones = 0;
  for (let rest = byte; rest > 0; rest &= rest - 1) ones += 1;
  return ones;
}
