import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { textStartsInside } from "../../src/journal/prefix-text.ts";
import { wordsOf } from "../../src/net/address-words.ts";
import {
  bits128Of,
  familyOfPrefix,
  firstAddressOf,
  isInside,
  type Prefix,
  parsePrefix,
  prefixOfWords,
} from "../../src/net/prefix.ts";

const prefix = (text: string) => parsePrefix(text) as Prefix;

// Many zeros, so that runs of them are written "::" in every place.
const address = fc
  .array(fc.constantFrom("0", "0", "1", "db8", "ffff"), { minLength: 8, maxLength: 8 })
  .map((groups) => groups.join(":"));
const ipv6 = fc
  .tuple(address, fc.nat(128))
  .map(([text, bits]) => prefix(`${text}/${bits}`))
  .filter((each) => familyOfPrefix(each) === 6);
const ipv4 = fc.tuple(fc.ipV4(), fc.nat(32)).map(([text, bits]) => prefix(`${text}/${bits}`));

/** A prefix, and one that begins in it. */
const pairs = fc
  .tuple(
    fc.oneof(ipv4, ipv6),
    fc.array(fc.constantFrom(0, 0, 1, 0xdb8, 0xffff_ffff), { minLength: 4, maxLength: 4 }),
    fc.nat(32),
  )
  .map(([whole, below, more]): [Prefix, Prefix] => {
    const bits = bits128Of(whole);
    const words = wordsOf(firstAddressOf(whole)).map((word, index) => {
      const own = Math.min(32, Math.max(0, bits - index * 32));
      const mask = own === 32 ? 0 : 0xffff_ffff >>> own;
      return (word | ((below[index] ?? 0) & mask)) >>> 0;
    });
    const length = Math.min(128, bits + more) - (familyOfPrefix(whole) === 4 ? 96 : 0);
    return [whole, prefixOfWords(words, Math.min(length, familyOfPrefix(whole) === 4 ? 32 : 128))];
  })
  .filter(([whole, part]) => isInside(part, whole));

describe("beginnings of the texts inside a prefix", () => {
  it("are one of every prefix inside, and never more than one", () => {
    fc.assert(
      fc.property(pairs, ([whole, part]) => {
        const starts = textStartsInside(whole);
        expect(starts.length).toBeLessThanOrEqual(264);
        expect(starts.filter((start) => part.startsWith(start))).toHaveLength(1);
      }),
      { numRuns: 2000 },
    );
  });

  it.each([
    { of: "192.0.2.0/24", are: ["192.0.2."] },
    { of: "192.0.2.0/22", are: ["192.0.0.", "192.0.1.", "192.0.2.", "192.0.3."] },
    { of: "192.0.2.66/31", are: ["192.0.2."] },
    { of: "2001:db8::/32", are: ["2001:db8:"] },
    { of: "2001:db8:0:1::/64", are: ["2001:db8::", "2001:db8:0:1:"] },
    { of: "2000::/3", are: [""] },
  ])("of $of are $are", ({ of, are }) => {
    expect(textStartsInside(prefix(of))).toEqual(are);
  });
});
