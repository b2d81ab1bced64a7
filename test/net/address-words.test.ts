import { isIPv4, isIPv6 } from "node:net";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type AddressWords,
  formatWords,
  isIpv4Words,
  maskWords,
  parseWords,
  sharedBits,
  wordsOf,
} from "../../src/net/address-words.ts";
import type { IpAddress } from "../../src/net/ip-address.ts";

const word = fc.integer({ min: 0, max: 0xffffffff });
const words: fc.Arbitrary<AddressWords> = fc
  .tuple(word, word, word, word)
  .map((parts) => Uint32Array.from(parts));
/** Many zero groups, so that every way of shortening is met. */
const sparseWords: fc.Arbitrary<AddressWords> = fc
  .array(fc.oneof(fc.constant(0), fc.constant(0xffff), fc.integer({ min: 0, max: 0xffff })), {
    minLength: 8,
    maxLength: 8,
  })
  .map((groups) =>
    Uint32Array.from([0, 1, 2, 3], (index) => {
      return (groups[index * 2] as number) * 0x10000 + (groups[index * 2 + 1] as number);
    }),
  );
const anyWords = fc.oneof(
  words,
  sparseWords,
  word.map((ipv4) => Uint32Array.of(0, 0, 0xffff, ipv4)),
);

const bitsOf = (address: AddressWords): string =>
  [...address].map((part) => part.toString(2).padStart(32, "0")).join("");

describe("parseWords", () => {
  it.each([
    { text: "192.0.2.1", expected: [0, 0, 0xffff, 0xc0000201] },
    { text: "255.255.255.255", expected: [0, 0, 0xffff, 0xffffffff] },
    { text: "::ffff:192.0.2.1", expected: [0, 0, 0xffff, 0xc0000201] },
    { text: "::ffff:c000:201", expected: [0, 0, 0xffff, 0xc0000201] },
    // IPv4-compatible (RFC 4291 section 2.5.5.1): not the IPv4 address that it shows.
    { text: "::192.0.2.1", expected: [0, 0, 0, 0xc0000201] },
    { text: "64:ff9b::192.0.2.1", expected: [0x64ff9b, 0, 0, 0xc0000201] },
    { text: "2001:db8::1", expected: [0x20010db8, 0, 0, 1] },
    { text: "2001:DB8:0:0:0:0:0:1", expected: [0x20010db8, 0, 0, 1] },
    { text: "::", expected: [0, 0, 0, 0] },
  ])("reads $text", ({ text, expected }) => {
    expect([...(parseWords(text) ?? [])]).toEqual(expected);
  });

  it.each([
    "",
    "192.0.2",
    "192.0.2.1.5",
    "192.0.2.256",
    "192.0.2.01",
    "192.0.2.0x1",
    "3221225985",
    "0xc0000201",
    " 192.0.2.1",
    "192.0.2.1\n",
    "192.0.2.1 ",
    "192.0.2.-1",
    "::ffff:192.0.2.01",
    "::ffff:192.0.2.0x1",
    "::ffff:192.0.2.256",
    "::ffff:192.0.2",
    "192.0.2.1::",
    "2001:db8::1::2",
    "2001:db8:0:0:0:0:0:0:1",
    "2001:db8",
    "12345::",
    "fe80::1%eth0",
    "fe80::1%",
    "[2001:db8::1]",
    "2001:db8::g",
    ":::",
    ":",
    "scanner.example.org",
  ])("refuses %j", (text) => {
    expect(parseWords(text)).toBeUndefined();
  });

  it("agrees with Node on what an address is", () => {
    const lettersOfAddresses = fc.string({
      unit: fc.constantFrom(":", ":", ".", "0", "1", "25", "ff", "::", "192.0.2.7", "g"),
      maxLength: 12,
    });
    fc.assert(
      fc.property(fc.oneof(lettersOfAddresses, fc.ipV4(), fc.ipV6(), fc.string()), (text) => {
        const isAddress = (isIPv4(text) || isIPv6(text)) && !text.includes("%");
        expect(parseWords(text) !== undefined).toBe(isAddress);
      }),
      { numRuns: 2000 },
    );
  });
});

describe("formatWords", () => {
  it.each([
    { text: "2001:db8:0:0:1:0:0:1", expected: "2001:db8::1:0:0:1" },
    { text: "2001:db8:0:1:1:1:1:1", expected: "2001:db8:0:1:1:1:1:1" },
    { text: "2001:0DB8::0A", expected: "2001:db8::a" },
    { text: "1:0:0:2:0:0:0:3", expected: "1:0:0:2::3" },
    { text: "0:0:1:0:0:1:1:1", expected: "::1:0:0:1:1:1" },
    { text: "::192.0.2.1", expected: "::c000:201" },
    { text: "::ffff:0:0", expected: "0.0.0.0" },
    { text: "::fffe:c000:201", expected: "::fffe:c000:201" },
  ])("writes $text as $expected", ({ text, expected }) => {
    expect(formatWords(parseWords(text) as AddressWords)).toBe(expected);
  });

  it("writes IPv6 as URLs do", () => {
    fc.assert(
      fc.property(fc.oneof(words, sparseWords), (address) => {
        fc.pre(!isIpv4Words(address));
        const text = formatWords(address);
        expect(new URL(`http://[${text}]/`).hostname).toBe(`[${text}]`);
      }),
    );
  });

  it("is undone by wordsOf", () => {
    fc.assert(
      fc.property(anyWords, (address) => {
        expect(wordsOf(formatWords(address))).toEqual(address);
      }),
    );
  });
});

describe("wordsOf", () => {
  it("throws on text that no parser made", () => {
    expect(() => wordsOf("192.0.2" as IpAddress)).toThrow(TypeError);
  });
});

describe("maskWords", () => {
  it("keeps the first bits and clears the others", () => {
    fc.assert(
      fc.property(words, fc.integer({ min: 0, max: 128 }), (address, bits128) => {
        const masked = new Uint32Array(4);
        maskWords(address, bits128, masked);
        expect(bitsOf(masked)).toBe(bitsOf(address).slice(0, bits128).padEnd(128, "0"));
      }),
    );
  });

  it("may write over the address that it masks", () => {
    const address = Uint32Array.of(0x20010db8, 0xffffffff, 0xffffffff, 0xffffffff);
    maskWords(address, 48, address);
    expect([...address]).toEqual([0x20010db8, 0xffff0000, 0, 0]);
  });
});

describe("sharedBits", () => {
  it("is the length of the common beginning, up to the limit", () => {
    const limit = fc.integer({ min: 0, max: 128 });
    const flips = fc.array(fc.integer({ min: 0, max: 127 }), { maxLength: 2 });
    fc.assert(
      fc.property(words, flips, limit, (a, flipped, atMost) => {
        const b = Uint32Array.from(a);
        for (const bit of flipped)
          b[bit >>> 5] = (b[bit >>> 5] as number) ^ (1 << (31 - (bit & 31)));
        const [left, right] = [bitsOf(a), bitsOf(b)];
        let common = 0;
        while (common < atMost && left[common] === right[common]) common += 1;
        expect(sharedBits(a, b, atMost)).toBe(common);
      }),
    );
  });
});
