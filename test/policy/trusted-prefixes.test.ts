import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { IpAddress } from "../../src/net/ip-address.ts";
import { type Prefix, parsePrefix, prefixesOverlap } from "../../src/net/prefix.ts";
import { TrustedPrefixes } from "../../src/policy/trusted-prefixes.ts";

const prefix = (text: string) => parsePrefix(text) as Prefix;

function trusting(...texts: string[]): TrustedPrefixes {
  const trusted = new TrustedPrefixes();
  trusted.replace(texts.map((text) => ({ prefix: prefix(text), why: `because ${text}` })));
  return trusted;
}

describe("TrustedPrefixes", () => {
  it.each([
    { target: "192.0.2.7/32", entry: "192.0.2.7/32" },
    { target: "192.0.2.7", entry: "192.0.2.7/32" },
    { target: "192.0.2.255/32", entry: "192.0.2.0/24" },
    { target: "192.0.3.0/32", entry: "192.0.2.0/24", isSaved: false },
    { target: "2001:db8::/64", entry: "2001:db8::7/128" },
    { target: "2001:db8:0:1::/64", entry: "2001:db8::7/128", isSaved: false },
    { target: "2001:db8::7", entry: "2001:db8::/32" },
    { target: "192.0.2.7/32", entry: "::/0", isSaved: false },
  ])("of $target, with $entry trusted", ({ target, entry, isSaved = true }) => {
    expect(trusting(entry).why(target as Prefix)).toBe(isSaved ? `because ${entry}` : undefined);
  });

  it("trusts nobody before it is told whom", () => {
    expect(new TrustedPrefixes().why("192.0.2.7" as IpAddress)).toBeUndefined();
  });

  it("replaces the whole list", () => {
    const trusted = trusting("192.0.2.7/32", "192.0.2.8/32");
    expect(trusted.size).toBe(2);
    trusted.replace([{ prefix: prefix("192.0.2.9/32"), why: "gateway" }]);
    expect(trusted.why(prefix("192.0.2.7/32"))).toBeUndefined();
    expect(trusted.why(prefix("192.0.2.9/32"))).toBe("gateway");
    expect(trusted.size).toBe(1);
  });

  it("tells who holds all of a prefix from who is a part of it", () => {
    const trusted = trusting("192.0.2.0/24", "192.0.2.7/32", "192.0.2.200/32", "2001:db8::7/128");
    const inside = (text: string, limit = 9) =>
      trusted.inside(prefix(text), limit).map((entry) => entry.prefix);
    expect(trusted.whyWhole(prefix("192.0.2.0/25"))).toBe("because 192.0.2.0/24");
    expect(trusted.whyWhole(prefix("192.0.0.0/16"))).toBeUndefined();
    expect(inside("192.0.2.0/25")).toEqual(["192.0.2.7/32"]);
    expect(inside("192.0.0.0/16")).toEqual(["192.0.2.0/24", "192.0.2.7/32", "192.0.2.200/32"]);
    expect(inside("0.0.0.0/0", 1)).toEqual(["192.0.2.0/24"]);
    expect(inside("192.0.2.7/32")).toEqual([]);
    expect(inside("::/0")).toEqual(["2001:db8::7/128"]);
    expect(inside("2001:db8:1::/48")).toEqual([]);
  });

  it("takes what is no address for a bug", () => {
    expect(() => trusting().why("localhost" as IpAddress)).toThrow(TypeError);
  });

  it("saves exactly what has an address in common with an entry", () => {
    // Small numbers, so that blocks often meet.
    const block = fc
      .tuple(fc.nat(15), fc.integer({ min: 26, max: 32 }))
      .map(([host, bits]) => prefix(`192.0.2.${host}/${bits}`));
    fc.assert(
      fc.property(fc.array(block, { maxLength: 5 }), block, (entries, target) => {
        const isSaved = trusting(...entries).why(target) !== undefined;
        expect(isSaved).toBe(entries.some((entry) => prefixesOverlap(entry, target)));
      }),
    );
  });
});
