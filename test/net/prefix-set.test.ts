import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type IpAddress, parseIpAddress } from "../../src/net/ip-address.ts";
import {
  lengthOf,
  type Prefix,
  parsePrefix,
  prefixContains,
  prefixesOverlap,
  prefixOf,
} from "../../src/net/prefix.ts";
import { PrefixSet } from "../../src/net/prefix-set.ts";

const address = (text: string) => parseIpAddress(text) as IpAddress;
const prefix = (text: string) => parsePrefix(text) as Prefix;
const setOf = (...texts: string[]) => {
  const set = new PrefixSet<string>();
  for (const text of texts) set.add(prefix(text), text);
  return set;
};

// Few addresses, so that blocks lie in each other and the same block comes again.
const host = fc
  .oneof(
    fc.nat(15).map((last) => `192.0.2.${last * 16}`),
    fc.nat(15).map((last) => `2001:db8::${last.toString(16)}`),
    fc.constantFrom("255.255.255.255", "0.0.0.0", "::", "ffff::"),
  )
  .map(address);
const block = fc
  .tuple(host, fc.oneof(fc.constantFrom(0, 24, 28, 32, 64, 124, 126, 128), fc.nat(128)))
  .map(([first, bits]) => prefixOf(first, first.includes(":") ? bits : bits % 33));

describe("PrefixSet", () => {
  it("finds the longest of the blocks that hold an address", () => {
    const set = setOf("192.0.2.0/24", "192.0.2.0/28", "0.0.0.0/0");
    expect(set.covering(address("192.0.2.15"))?.label).toBe("192.0.2.0/28");
    expect(set.covering(address("192.0.2.16"))?.label).toBe("192.0.2.0/24");
    expect(set.covering(address("192.0.3.0"))?.label).toBe("0.0.0.0/0");
    expect(set.covering(address("2001:db8::1"))).toBeUndefined();
  });

  it("keeps the families apart", () => {
    const set = setOf("::/0");
    expect(set.covering(address("192.0.2.7"))).toBeUndefined();
    expect(set.overlapping(prefix("192.0.2.0/24"))).toBeUndefined();
    expect(set.covering(address("2001:db8::7"))?.prefix).toBe("::/0");
  });

  it("prefers, where a prefix overlaps, the block that holds it to one inside it", () => {
    const set = setOf("192.0.2.0/24", "192.0.2.128/32");
    expect(set.overlapping(prefix("192.0.2.128/25"))?.prefix).toBe("192.0.2.0/24");
    expect(set.overlapping(prefix("192.0.0.0/16"))?.prefix).toBe("192.0.2.0/24");
    expect(set.overlapping(prefix("192.0.2.128/32"))?.prefix).toBe("192.0.2.128/32");
    expect(set.overlapping(prefix("192.0.3.0/24"))).toBeUndefined();
  });

  it("replaces the label of a prefix that is in already", () => {
    const set = new PrefixSet<string>();
    set.add(prefix("192.0.2.0/24"), "ignore file");
    set.add(prefix("192.0.2.0/24"), "gateway");
    expect(set.size).toBe(1);
    expect([...set]).toEqual([{ prefix: "192.0.2.0/24", label: "gateway" }]);
  });

  it("leaves the blocks around and inside a deleted one", () => {
    const set = setOf("192.0.2.0/24", "192.0.2.0/28", "192.0.2.7/32");
    expect(set.delete(prefix("192.0.2.0/28"))).toBe(true);
    expect(set.delete(prefix("192.0.2.0/28"))).toBe(false);
    expect(set.covering(address("192.0.2.7"))?.prefix).toBe("192.0.2.7/32");
    expect(set.covering(address("192.0.2.8"))?.prefix).toBe("192.0.2.0/24");
    expect(set.size).toBe(2);
  });

  it("does not delete a fork of the tree, which is no prefix of the set", () => {
    const set = setOf("192.0.2.0/32", "192.0.2.1/32");
    expect(set.delete(prefix("192.0.2.0/31"))).toBe(false);
    expect(set.size).toBe(2);
    set.add(prefix("192.0.2.0/31"), "fork");
    expect(set.size).toBe(3);
    expect(set.delete(prefix("192.0.2.0/31"))).toBe(true);
    expect([...set].map((entry) => entry.prefix)).toEqual(["192.0.2.0/32", "192.0.2.1/32"]);
  });

  it("iterates in the order of addresses, IPv4 first, outer blocks first", () => {
    const set = setOf("2001:db8::/32", "203.0.113.0/24", "192.0.2.0/28", "192.0.2.0/24", "::/0");
    expect([...set].map((entry) => entry.prefix)).toEqual([
      "192.0.2.0/24",
      "192.0.2.0/28",
      "203.0.113.0/24",
      "::/0",
      "2001:db8::/32",
    ]);
  });

  it("answers as a plain list of prefixes would", () => {
    const change = fc.record({ isAdd: fc.boolean(), prefix: block, label: fc.nat() });
    fc.assert(
      fc.property(fc.array(change, { maxLength: 40 }), host, block, (changes, asked, around) => {
        const set = new PrefixSet<number>();
        const list = new Map<Prefix, number>();
        for (const { isAdd, prefix: changed, label } of changes) {
          if (isAdd) {
            set.add(changed, label);
            list.set(changed, label);
          } else {
            expect(set.delete(changed)).toBe(list.delete(changed));
          }
        }
        expect(set.size).toBe(list.size);
        expect(new Map([...set].map((entry) => [entry.prefix, entry.label]))).toEqual(list);

        const longest = (candidates: Prefix[]) =>
          candidates.sort((a, b) => lengthOf(b) - lengthOf(a))[0];
        const known = [...list.keys()];
        const covering = longest(known.filter((each) => prefixContains(each, asked)));
        expect(set.covering(asked)?.prefix).toBe(covering);
        expect(set.covering(asked)?.label).toBe(covering && list.get(covering));

        const overlapping = known.filter((each) => prefixesOverlap(each, around));
        const outer = longest(overlapping.filter((each) => lengthOf(each) <= lengthOf(around)));
        const found = set.overlapping(around)?.prefix;
        if (outer !== undefined) expect(found).toBe(outer);
        else if (overlapping.length > 0) expect(overlapping).toContain(found);
        else expect(found).toBeUndefined();
      }),
      { numRuns: 1000 },
    );
  });
});
