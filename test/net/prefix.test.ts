import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { wordsOf } from "../../src/net/address-words.ts";
import { type IpAddress, parseIpAddress } from "../../src/net/ip-address.ts";
import {
  bits128Of,
  familyOfPrefix,
  firstAddressOf,
  formatPrefix,
  hostPrefixOf,
  lengthOf,
  type Prefix,
  parsePrefix,
  prefixContains,
  prefixesOverlap,
  prefixOf,
  prefixOfWords,
} from "../../src/net/prefix.ts";

const address = (text: string) => parseIpAddress(text) as IpAddress;
const prefix = (text: string) => parsePrefix(text) as Prefix;

const anyAddress = fc.oneof(fc.ipV4(), fc.ipV6()).map(address);
const anyPrefix = fc
  .tuple(anyAddress, fc.nat(128))
  .map(([host, bits]) => prefixOf(host, host.includes(":") ? bits : bits % 33));

describe("hostPrefixOf", () => {
  it("is the block of that address alone, as prefixOf has it", () => {
    expect(hostPrefixOf(address("192.0.2.7"))).toBe("192.0.2.7/32");
    expect(hostPrefixOf(address("2001:db8::7"))).toBe("2001:db8::7/128");
    fc.assert(
      fc.property(anyAddress, (host) => {
        expect(hostPrefixOf(host)).toBe(prefixOf(host, host.includes(":") ? 128 : 32));
      }),
    );
  });
});

describe("parsePrefix", () => {
  it.each([
    { text: "192.0.2.0/24", expected: "192.0.2.0/24" },
    { text: "192.0.2.255/24", expected: "192.0.2.0/24" },
    { text: "192.0.2.255/25", expected: "192.0.2.128/25" },
    { text: "192.0.2.7", expected: "192.0.2.7/32" },
    { text: "192.0.2.7/32", expected: "192.0.2.7/32" },
    { text: "192.0.2.7/0", expected: "0.0.0.0/0" },
    { text: "2001:db8::7", expected: "2001:db8::7/128" },
    { text: "2001:DB8:0:1::7/64", expected: "2001:db8:0:1::/64" },
    { text: "2001:db8::7/0", expected: "::/0" },
    { text: "::ffff:192.0.2.7", expected: "192.0.2.7/32" },
    { text: "::ffff:192.0.2.7/120", expected: "192.0.2.0/24" },
    { text: "::ffff:192.0.2.7/96", expected: "0.0.0.0/0" },
    // One bit shorter than the mapped block: half of it is no IPv4 address.
    { text: "::ffff:192.0.2.7/95", expected: "::fffe:0:0/95" },
  ])("$text -> $expected", ({ text, expected }) => {
    expect(parsePrefix(text)).toBe(expected);
  });

  it.each([
    "",
    "/24",
    "192.0.2.0/",
    "192.0.2.0/33",
    "2001:db8::/129",
    "192.0.2.0/024",
    "192.0.2.0/-1",
    "192.0.2.0/1e1",
    "192.0.2.0/255.255.255.0",
    "192.0.2.0/24/24",
    "192.0.2/24",
    "192.0.2.0 /24",
    "fe80::%eth0/64",
  ])("refuses %j", (text) => {
    expect(parsePrefix(text)).toBeUndefined();
  });

  it("reads back what prefixOf made", () => {
    fc.assert(
      fc.property(anyPrefix, (made) => {
        expect(parsePrefix(made)).toBe(made);
        expect(parsePrefix(formatPrefix(made))).toBe(made);
        expect(prefixOf(firstAddressOf(made), lengthOf(made))).toBe(made);
      }),
    );
  });
});

describe("prefixOf", () => {
  it.each([
    { host: "192.0.2.7", bits: 33 },
    { host: "192.0.2.7", bits: -1 },
    { host: "192.0.2.7", bits: 24.5 },
    { host: "2001:db8::7", bits: 129 },
  ])("throws on $host with $bits bits", ({ host, bits }) => {
    expect(() => prefixOf(address(host), bits)).toThrow(RangeError);
  });
});

describe("prefixOfWords", () => {
  it("leaves the words as they are", () => {
    const words = wordsOf(address("2001:db8::7"));
    expect(prefixOfWords(words, 64)).toBe("2001:db8::/64");
    expect([...words]).toEqual([0x20010db8, 0, 0, 7]);
  });
});

describe("lengthOf and its like", () => {
  it.each([
    { text: "192.0.2.0/24", length: 24, bits128: 120, first: "192.0.2.0", family: 4 },
    { text: "0.0.0.0/0", length: 0, bits128: 96, first: "0.0.0.0", family: 4 },
    { text: "2001:db8::/32", length: 32, bits128: 32, first: "2001:db8::", family: 6 },
    { text: "::/0", length: 0, bits128: 0, first: "::", family: 6 },
  ])("take $text apart", ({ text, length, bits128, first, family }) => {
    expect(lengthOf(prefix(text))).toBe(length);
    expect(bits128Of(prefix(text))).toBe(bits128);
    expect(firstAddressOf(prefix(text))).toBe(first);
    expect(familyOfPrefix(prefix(text))).toBe(family);
  });
});

describe("prefixContains", () => {
  it.each([
    { block: "192.0.2.0/24", host: "192.0.2.0", holds: true },
    { block: "192.0.2.0/24", host: "192.0.2.255", holds: true },
    { block: "192.0.2.0/24", host: "192.0.3.0", holds: false },
    { block: "192.0.2.0/24", host: "192.0.1.255", holds: false },
    { block: "192.0.2.7/32", host: "192.0.2.7", holds: true },
    { block: "192.0.2.7/32", host: "192.0.2.6", holds: false },
    { block: "0.0.0.0/0", host: "255.255.255.255", holds: true },
    { block: "0.0.0.0/0", host: "2001:db8::1", holds: false },
    { block: "::/0", host: "2001:db8::1", holds: true },
    { block: "::/0", host: "192.0.2.7", holds: false },
    { block: "2001:db8::/33", host: "2001:db8:7fff::1", holds: true },
    { block: "2001:db8::/33", host: "2001:db8:8000::1", holds: false },
  ])("$block holds $host: $holds", ({ block, host, holds }) => {
    expect(prefixContains(prefix(block), address(host))).toBe(holds);
  });

  it("holds every address from which the prefix was made", () => {
    fc.assert(
      fc.property(anyAddress, fc.nat(128), (host, bits) => {
        const block = prefixOf(host, host.includes(":") ? bits : bits % 33);
        expect(prefixContains(block, host)).toBe(true);
      }),
    );
  });
});

describe("prefixesOverlap", () => {
  it.each([
    { a: "192.0.2.0/24", b: "192.0.2.128/25", overlap: true },
    { a: "192.0.2.0/25", b: "192.0.2.128/25", overlap: false },
    { a: "192.0.2.0/24", b: "192.0.2.0/24", overlap: true },
    { a: "::/0", b: "192.0.2.0/24", overlap: false },
    { a: "::/0", b: "2001:db8::/32", overlap: true },
  ])("$a and $b: $overlap", ({ a, b, overlap }) => {
    expect(prefixesOverlap(prefix(a), prefix(b))).toBe(overlap);
    expect(prefixesOverlap(prefix(b), prefix(a))).toBe(overlap);
  });

  it("is true exactly when one block holds the first address of the other", () => {
    const close = fc.tuple(fc.nat(7), fc.integer({ min: 28, max: 32 }));
    const block = close.map(([host, bits]) => prefixOf(address(`192.0.2.${host}`), bits));
    fc.assert(
      fc.property(block, block, (a, b) => {
        const holds = prefixContains(a, firstAddressOf(b)) || prefixContains(b, firstAddressOf(a));
        expect(prefixesOverlap(a, b)).toBe(holds);
      }),
    );
  });
});

describe("formatPrefix", () => {
  it.each([
    { text: "192.0.2.7/32", expected: "192.0.2.7" },
    { text: "192.0.2.6/31", expected: "192.0.2.6/31" },
    { text: "2001:db8::7/128", expected: "2001:db8::7" },
    { text: "2001:db8::/32", expected: "2001:db8::/32" },
  ])("shows $text as $expected", ({ text, expected }) => {
    expect(formatPrefix(prefix(text))).toBe(expected);
  });
});
