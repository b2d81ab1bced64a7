import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { outermost, TrustedSet } from "../../src/broker/trusted-set.ts";
import { prefixesOverlap, prefixOf } from "../../src/net/prefix.ts";
import { address, prefix } from "./fakes.ts";

function trusting(...texts: string[]): TrustedSet {
  const set = new TrustedSet();
  set.replace(texts.map((text) => ({ prefix: prefix(text), why: `line of ${text}` })));
  return set;
}

describe("TrustedSet", () => {
  it.each([
    { asked: "192.0.2.1", why: "trusted: line of 192.0.2.1" },
    { asked: "::ffff:192.0.2.1", why: "trusted: line of 192.0.2.1" },
    { asked: "192.0.2.0/24", why: "overlaps 192.0.2.1/32, which is trusted: line of 192.0.2.1" },
    { asked: "0.0.0.0/0", why: "overlaps 192.0.2.1/32, which is trusted: line of 192.0.2.1" },
    { asked: "192.0.2.2", why: undefined },
    {
      asked: "2001:db8::/64",
      why: "overlaps 2001:db8::5/128, which is trusted: line of 2001:db8::5",
    },
    {
      asked: "198.51.100.7",
      why: "overlaps 198.51.100.0/24, which is trusted: line of 198.51.100.0/24",
    },
    { asked: "2001:db8:0:1::/64", why: undefined },
    { asked: "::/0", why: "overlaps 2001:db8::5/128, which is trusted: line of 2001:db8::5" },
  ])("$asked -> $why", ({ asked, why }) => {
    const set = trusting("192.0.2.1", "198.51.100.0/24", "2001:db8::5");
    expect(set.check(prefix(asked))).toBe(why);
  });

  it("refuses everything until it has been filled", () => {
    expect(new TrustedSet().check(prefix("192.0.2.7"))).toBe(
      "who is trusted has not been read yet",
    );
  });

  it("refuses everything while a vital source has never been read", () => {
    const set = new TrustedSet();
    set.replace([], "the ignore file cannot be read");
    expect(set.check(prefix("192.0.2.7"))).toBe("the ignore file cannot be read");
    set.replace([]);
    expect(set.check(prefix("192.0.2.7"))).toBeUndefined();
  });

  it("keeps the first reason of an entry that two sources have", () => {
    const set = new TrustedSet();
    const entries = ["own address", "ignore file"].map((why) => ({
      prefix: prefix("192.0.2.1"),
      why,
    }));
    set.replace(entries);
    expect(set.entries).toEqual([{ prefix: "192.0.2.1/32", why: "own address" }]);
  });

  it("tells whether anything is different", () => {
    const set = new TrustedSet();
    const entry = (why: string) => [{ prefix: prefix("192.0.2.1"), why }];
    expect(set.replace(entry("a"))).toBe(true);
    expect(set.replace(entry("a"))).toBe(false);
    expect(set.replace(entry("b"))).toBe(true);
    expect(set.replace([])).toBe(true);
  });

  it("lets no prefix pass that shares an address with an entry", () => {
    const prefixes = fc
      .tuple(fc.integer({ min: 0, max: 255 }), fc.integer({ min: 0, max: 32 }))
      .map(([octet, bits]) => prefixOf(address(`192.0.${octet % 4}.${octet}`), bits));
    fc.assert(
      fc.property(fc.array(prefixes, { maxLength: 8 }), prefixes, (entries, asked) => {
        const overlaps = entries.some((entry) => prefixesOverlap(entry, asked));
        expect(trusting(...entries).check(asked) !== undefined).toBe(overlaps);
      }),
    );
  });
});

describe("outermost", () => {
  it("leaves out what lies inside another block, and keeps neighbours apart", () => {
    const texts = [
      "10.1.0.0/16",
      "10.0.0.0/8",
      "192.0.2.1",
      "192.0.2.0/31",
      "192.0.2.2",
      "10.0.0.0/8",
    ];
    expect(outermost(texts.map(prefix))).toEqual(["10.0.0.0/8", "192.0.2.0/31", "192.0.2.2/32"]);
  });

  it("of everything leaves everything alone", () => {
    expect(outermost(["192.0.2.1", "0.0.0.0/0", "::/0", "2001:db8::/32"].map(prefix))).toEqual([
      "0.0.0.0/0",
      "::/0",
    ]);
  });
});
