/**
 * What is one source to the kernel: how its key is read from a packet.
 *
 * IPv4: the address. IPv6: the first bits of it, because whoever has a /64 has a fresh address for
 * every probe; except in the prefixes of the set `single6`, where a /64 is many people.
 */

/** One kind of source key, and the sets in which it is kept. */
export interface SourceKey {
  /** Suffix of the chains that are made for each kind. */
  readonly chain: "4" | "6" | "6_single";
  /** Suffix of the sets. */
  readonly version: 4 | 6;
  /** The nftables expression of the key. */
  readonly expression: string;
}

export interface SourceKeys {
  readonly ipv4: SourceKey;
  readonly ipv6: SourceKey;
  /** In `single6`; undefined when every IPv6 source is one address anyway. */
  readonly single: SourceKey | undefined;
}

/** @param ipv6PrefixBits bits of an IPv6 address that make one source. 48 to 128. */
export function planSourceKeys(ipv6PrefixBits: number): SourceKeys {
  const isWhole = ipv6PrefixBits === 128;
  const prefix = isWhole ? "ip6 saddr" : `ip6 saddr & ${encodeIpv6Mask(ipv6PrefixBits)}`;
  return {
    ipv4: { chain: "4", version: 4, expression: "ip saddr" },
    ipv6: { chain: "6", version: 6, expression: prefix },
    single: isWhole ? undefined : { chain: "6_single", version: 6, expression: "ip6 saddr" },
  };
}

/** "ffff:ffff:ffff:ffff::" for 64. */
export function encodeIpv6Mask(bits: number): string {
  const groups = Array.from({ length: 8 }, (_, index) => {
    const ones = Math.min(16, Math.max(0, bits - index * 16));
    return ((0xffff << (16 - ones)) & 0xffff).toString(16);
  });
  const used = groups.findLastIndex((group) => group !== "0") + 1;
  return used === 8 ? groups.join(":") : `${groups.slice(0, used).join(":")}::`;
}
