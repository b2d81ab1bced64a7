/**
 * The machine's own addresses, and the IPv6 prefixes of its links.
 *
 * Own addresses are trusted because packets that claim to come from them are forged and a ban would
 * cut the machine off from itself; of 127.0.0.0/8 a program may take any address. On an on-link
 * prefix the neighbours are many people, so there one source is one address; they are not trusted
 * for being near.
 */
import { networkInterfaces } from "node:os";
import type { TrustedEntry } from "../../model/trusted-entry.ts";
import { type IpAddress, parseIpAddress } from "../../net/ip-address.ts";
import { hostPrefixOf, lengthOf, type Prefix, parsePrefix } from "../../net/prefix.ts";
import { fromMachine, type TrustReading, type TrustSource } from "./trust-source.ts";

const LOOPBACK = "127.0.0.0/8" as Prefix;

/** As Node lists them; `cidr` is null for a netmask that is no prefix. */
export type Interfaces = Readonly<
  Record<string, readonly { readonly address: string; readonly cidr: string | null }[] | undefined>
>;

/** @returns every address of every interface that is up, loopback included, none twice. */
export function ownAddressesOf(interfaces: Interfaces): IpAddress[] {
  const addresses = new Set<IpAddress>();
  for (const { address } of Object.values(interfaces).flatMap((all) => all ?? [])) {
    const parsed = parseIpAddress(address);
    if (parsed !== undefined) addresses.add(parsed);
  }
  return [...addresses];
}

/** @returns the IPv6 prefixes, longer than /0 and shorter than /128, that the links have. */
export function onLinkIpv6Of(interfaces: Interfaces): Prefix[] {
  const prefixes = new Set<Prefix>();
  for (const { cidr } of Object.values(interfaces).flatMap((all) => all ?? [])) {
    const prefix = cidr?.includes(":") ? parsePrefix(cidr) : undefined;
    if (prefix !== undefined && lengthOf(prefix) > 0 && lengthOf(prefix) < 128)
      prefixes.add(prefix);
  }
  return [...prefixes];
}

export class OwnAddresses implements TrustSource {
  readonly name = "own addresses";
  readonly isVital = true;
  readonly #readInterfaces: () => Interfaces;

  constructor(readInterfaces: () => Interfaces = networkInterfaces) {
    this.#readInterfaces = readInterfaces;
  }

  read(): TrustReading {
    return fromMachine(() => {
      const interfaces = this.#readInterfaces();
      const entries = ownAddressesOf(interfaces).map(
        (address): TrustedEntry => ({
          prefix: address.startsWith("127.") ? LOOPBACK : hostPrefixOf(address),
          why: "own address",
        }),
      );
      return { status: "read", entries, faults: [], sharedIpv6: onLinkIpv6Of(interfaces) };
    });
  }
}
