/**
 * Looks up in the kernel's routing table whether a route stands.
 *
 * Read from /proc/net/route and /proc/net/ipv6_route, which show the main table alone; a look-up
 * searches the text and does not parse it, because a machine may have many routes. IPv6 shows
 * blackhole, unreachable and prohibit as one. Sources: net/ipv4/fib_trie.c (fib_route_seq_show),
 * net/ipv6/route.c (rt6_info_route), linux/route.h and linux/ipv6_route.h for the flags.
 */
import { readFile } from "node:fs/promises";
import { formatWords, wordsOf } from "../../net/address-words.ts";
import { familyOf, type IpAddress, type IpFamily, parseIpAddress } from "../../net/ip-address.ts";
import {
  familyOfPrefix,
  firstAddressOf,
  lengthOf,
  type Prefix,
  prefixOf,
} from "../../net/prefix.ts";

/** Where a route leads; `reject` answers with an error, `blackhole` does not. */
export type RouteTarget =
  | { readonly kind: "reject" }
  | { readonly kind: "blackhole" }
  | { readonly kind: "gateway"; readonly gateway: string }
  | { readonly kind: "device"; readonly device: string };

const RTF_GATEWAY = 0x0002;
const RTF_REJECT = 0x0200;

/** The kernel's tables as text, at one moment. */
export type RouteTables = Readonly<Record<IpFamily, string>>;

/** Reads both tables; one that the machine does not have is empty. */
export async function readRouteTables(): Promise<RouteTables> {
  const [ipv4, ipv6] = await Promise.all(["route", "ipv6_route"].map(readTable));
  return { 4: ipv4 ?? "", 6: ipv6 ?? "" };
}

/** @returns whether a route to exactly `destination` leads to `target`. */
export function hasRoute(tables: RouteTables, destination: Prefix, target: RouteTarget): boolean {
  const family = familyOfPrefix(destination);
  const text = tables[family];
  const sought = hexOf(destination);
  for (let at = text.indexOf(sought); at >= 0; at = text.indexOf(sought, at + 1)) {
    const route = parseRoute(lineAround(text, at), family);
    if (route?.destination === destination && leadsTo(route, target)) return true;
  }
  return false;
}

/** @returns the single addresses, as prefixes, to which a route leads to `target`. */
export function hostsRoutedTo(tables: RouteTables, target: RouteTarget): readonly Prefix[] {
  return ([4, 6] as const).flatMap((family) => {
    const routes = tables[family].split("\n").flatMap((line) => parseRoute(line, family) ?? []);
    return routes
      .filter((route) => route.length === (family === 4 ? 32 : 128) && leadsTo(route, target))
      .map(({ destination }) => destination);
  });
}

interface Route {
  readonly family: IpFamily;
  readonly destination: Prefix;
  /** The prefix length of the destination. */
  readonly length: number;
  readonly gateway: IpAddress;
  readonly flags: number;
  readonly device: string;
}

/** @returns undefined for the head of the table and for an empty line. */
function parseRoute(line: string, family: IpFamily): Route | undefined {
  const fields = line.trim().split(/\s+/);
  if (family === 4) {
    const [device = "", address = "", gateway = "", flags = "", , , , mask = ""] = fields;
    if (!/^[0-9A-F]{8}$/.test(mask)) return undefined;
    const bits = wordOf(mask).toString(2).replaceAll("0", "").length;
    return routeOf(ipv4Of(address), bits, ipv4Of(gateway), flags, device, family);
  }
  const [address = "", bits = "", , , gateway = "", , , , flags = "", device = ""] = fields;
  if (!/^[0-9a-f]{32}$/.test(address)) return undefined;
  return routeOf(ipv6Of(address), parseInt(bits, 16), ipv6Of(gateway), flags, device, family);
}

function routeOf(
  address: IpAddress,
  length: number,
  gateway: IpAddress,
  flags: string,
  device: string,
  family: IpFamily,
): Route | undefined {
  // An IPv4-mapped destination in the IPv6 table is nobody that we could have meant.
  if (familyOf(address) !== family) return undefined;
  const destination = prefixOf(address, length);
  return { family, destination, length, gateway, flags: parseInt(flags, 16), device };
}

function leadsTo({ family, gateway, flags, device }: Route, target: RouteTarget): boolean {
  const isReject = (flags & RTF_REJECT) !== 0;
  switch (target.kind) {
    case "reject":
      return isReject;
    case "blackhole":
      // In IPv4 it has no flag of its own, and no device.
      return family === 4 ? !isReject && device === "*" : isReject;
    case "gateway":
      return (flags & RTF_GATEWAY) !== 0 && gateway === parseIpAddress(target.gateway);
    case "device":
      return !isReject && device === target.device;
  }
}

function lineAround(text: string, at: number): string {
  const end = text.indexOf("\n", at);
  return text.slice(text.lastIndexOf("\n", at) + 1, end < 0 ? undefined : end);
}

/** The destination as the table writes it. */
function hexOf(destination: Prefix): string {
  const words = wordsOf(firstAddressOf(destination));
  const hex = (word: number): string => word.toString(16).padStart(8, "0");
  if (familyOfPrefix(destination) === 4) {
    return `\t${hex(swapped(words[3] ?? 0)).toUpperCase()}\t`;
  }
  const bits = lengthOf(destination).toString(16).padStart(2, "0");
  return `${[...words].map(hex).join("")} ${bits} `;
}

/** IPv4 addresses and masks stand there as the machine's own number: little-endian. */
function wordOf(hex: string): number {
  return swapped(parseInt(hex, 16));
}

function swapped(word: number): number {
  const view = new DataView(new ArrayBuffer(4));
  view.setUint32(0, word, true);
  return view.getUint32(0, false);
}

function ipv4Of(hex: string): IpAddress {
  return formatWords(Uint32Array.of(0, 0, 0xffff, wordOf(hex)));
}

function ipv6Of(hex: string): IpAddress {
  const words = hex.match(/.{8}/g) ?? [];
  return formatWords(Uint32Array.from(words, (word) => parseInt(word, 16)));
}

async function readTable(name: string): Promise<string> {
  try {
    return await readFile(`/proc/net/${name}`, "latin1");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return "";
    throw error;
  }
}
