import { describe, expect, it } from "vitest";
import { formatWords, wordsOf } from "../../src/net/address-words.ts";
import { type IpAddress, parseIpAddress } from "../../src/net/ip-address.ts";
import { networkBlockOf, networkPrefixOf } from "../../src/net/network-block.ts";

describe("networkBlockOf", () => {
  it.each([
    { host: "192.0.2.0", first: "192.0.2.0", prefix: "192.0.2.0/24" },
    { host: "192.0.2.255", first: "192.0.2.0", prefix: "192.0.2.0/24" },
    { host: "192.0.3.0", first: "192.0.3.0", prefix: "192.0.3.0/24" },
    { host: "2001:db8:1:ffff::7", first: "2001:db8:1::", prefix: "2001:db8:1::/48" },
    { host: "2001:db8:2::", first: "2001:db8:2::", prefix: "2001:db8:2::/48" },
  ])("takes $host for a part of $prefix", ({ host, first, prefix }) => {
    const words = wordsOf(parseIpAddress(host) as IpAddress);
    expect(networkPrefixOf(words)).toBe(prefix);
    networkBlockOf(words, words);
    expect(formatWords(words)).toBe(first);
  });
});
