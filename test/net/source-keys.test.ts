import { describe, expect, it } from "vitest";
import { type AddressWords, formatWords, wordsOf } from "../../src/net/address-words.ts";
import { type IpAddress, parseIpAddress } from "../../src/net/ip-address.ts";
import { lengthOf, type Prefix, parsePrefix } from "../../src/net/prefix.ts";
import { SHARED_IPV6_PREFIXES, SourceKeys } from "../../src/net/source-keys.ts";

const words = (text: string): AddressWords => wordsOf(parseIpAddress(text) as IpAddress);
const prefix = (text: string) => parsePrefix(text) as Prefix;

describe("SourceKeys", () => {
  it.each([
    { host: "192.0.2.7", source: "192.0.2.7/32" },
    { host: "2001:db8:0:1::7", source: "2001:db8:0:1::/64" },
    { host: "2001:db8:0:1:ffff:ffff:ffff:ffff", source: "2001:db8:0:1::/64" },
    { host: "2001:db8:0:2::7", source: "2001:db8:0:2::/64" },
    // Both sides of each shared block's edges.
    { host: "fe7f:ffff:ffff:ffff:ffff:ffff:ffff:ffff", source: "fe7f:ffff:ffff:ffff::/64" },
    { host: "fe80::", source: "fe80::/128" },
    { host: "febf::1", source: "febf::1/128" },
    { host: "fec0::1", source: "fec0::/64" },
    { host: "2000:ffff::1", source: "2000:ffff::/64" },
    { host: "2001:0:ffff::1", source: "2001:0:ffff::1/128" },
    { host: "2001:1::1", source: "2001:1::/64" },
    { host: "64:ff9b::192.0.2.7", source: "64:ff9b::c000:207/128" },
    { host: "64:ff9b::1:0:0", source: "64:ff9b::/64" },
    { host: "64:ff9b:0:ffff::1", source: "64:ff9b:0:ffff::/64" },
    { host: "64:ff9b:1:ffff::1", source: "64:ff9b:1:ffff::1/128" },
    { host: "64:ff9b:2::1", source: "64:ff9b:2::/64" },
  ])("takes $host for a sign of $source", ({ host, source }) => {
    const keys = new SourceKeys({ ipv6PrefixBits: 64 });
    const key = new Uint32Array(4);
    keys.keyOf(words(host), key);
    expect(keys.prefixOf(words(host))).toBe(source);
    expect(keys.bitsOf(words(host))).toBe(lengthOf(prefix(source)));
    expect(`${formatWords(key)}/${lengthOf(prefix(source))}`).toBe(source);
  });

  it("judges every address of an on-link block alone, until the block goes", () => {
    const keys = new SourceKeys({ ipv6PrefixBits: 64 });
    keys.setSingle([prefix("2001:db8:0:1::/64"), prefix("192.0.2.0/24")]);
    expect(keys.bitsOf(words("2001:db8:0:1::7"))).toBe(128);
    expect(keys.bitsOf(words("2001:db8:0:2::7"))).toBe(64);
    expect(keys.bitsOf(words("fe80::7"))).toBe(128);
    expect(keys.bitsOf(words("192.0.2.7"))).toBe(32);
    keys.setSingle([]);
    expect(keys.bitsOf(words("2001:db8:0:1::7"))).toBe(64);
    expect(keys.bitsOf(words("fe80::7"))).toBe(128);
  });

  it("may write the key over the address", () => {
    const host = words("2001:db8:0:1::7");
    new SourceKeys({ ipv6PrefixBits: 64 }).keyOf(host, host);
    expect(formatWords(host)).toBe("2001:db8:0:1::");
  });

  it.each([
    { ipv6PrefixBits: 48, source: "2001:db8:1::/48" },
    { ipv6PrefixBits: 56, source: "2001:db8:1:2200::/56" },
    { ipv6PrefixBits: 128, source: "2001:db8:1:2233::7/128" },
  ])("judges blocks of $ipv6PrefixBits bits", ({ ipv6PrefixBits, source }) => {
    expect(new SourceKeys({ ipv6PrefixBits }).prefixOf(words("2001:db8:1:2233::7"))).toBe(source);
  });

  it.each([47, 129, 64.5, Number.NaN])("throws on blocks of %d bits", (ipv6PrefixBits) => {
    expect(() => new SourceKeys({ ipv6PrefixBits })).toThrow(RangeError);
  });
});

describe("SHARED_IPV6_PREFIXES", () => {
  it("are canonical", () => {
    expect(SHARED_IPV6_PREFIXES.map((each) => parsePrefix(each))).toEqual(SHARED_IPV6_PREFIXES);
  });
});
