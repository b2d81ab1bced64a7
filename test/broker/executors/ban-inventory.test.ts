import { describe, expect, it } from "vitest";
import { BanInventory } from "../../../src/broker/executors/ban-inventory.ts";
import { FakeNft, prefix } from "../fakes.ts";

const NOW_MS = 1_000_000;

function inventory(sets: Readonly<Record<string, Readonly<Record<string, string>>>>) {
  const nft = new FakeNft();
  for (const [set, elements] of Object.entries(sets)) {
    nft.sets.set(set, new Map(Object.entries(elements)));
  }
  const intervals = [
    { prefix: prefix("198.51.100.0/24"), endsAtMs: NOW_MS + 5000 },
    { prefix: prefix("2001:db8:1::/48"), endsAtMs: Number.POSITIVE_INFINITY },
  ];
  return new BanInventory(nft, intervals, 64, NOW_MS);
}

describe("BanInventory", () => {
  it("names each ban with what is left of it, an IPv6 element by what it means", () => {
    const bans = inventory({
      banned4: { "192.0.2.7": " timeout 60s", "203.0.113.255": "" },
      banned6: { "2001:db8:77::": " timeout 1d", "2001:db8:78::1": "" },
    });
    expect(bans.next(100, NOW_MS)).toEqual([
      { prefix: "198.51.100.0/24", timeoutMs: 5000 },
      { prefix: "2001:db8:1::/48", timeoutMs: null },
      { prefix: "192.0.2.7/32", timeoutMs: 60_000 },
      { prefix: "203.0.113.255/32", timeoutMs: null },
      { prefix: "2001:db8:77::/64", timeoutMs: 86_400_000 },
      { prefix: "2001:db8:78::1/128", timeoutMs: null },
    ]);
    expect(bans.next(100, NOW_MS)).toEqual([]);
  });

  it.each([1, 2, 3, 7])("has each ban once in pages of %i", (limit) => {
    const addresses = Array.from(
      { length: 3000 },
      (_, index) => `10.0.${index >> 8}.${index & 255}`,
    );
    const bans = inventory({ banned4: Object.fromEntries(addresses.map((each) => [each, ""])) });
    const seen: string[] = [];
    for (;;) {
      const page = bans.next(limit, NOW_MS);
      if (page.length === 0) break;
      expect(page.length).toBeLessThanOrEqual(limit);
      seen.push(...page.map((ban) => ban.prefix));
    }
    expect(seen.slice(2)).toEqual(addresses.map((each) => `${each}/32`));
  });

  it("leaves out what has run out meanwhile, and tells less of what has not", () => {
    const bans = inventory({ banned4: { "192.0.2.7": " timeout 5s", "192.0.2.8": " timeout 6s" } });
    expect(bans.next(100, NOW_MS + 5000)).toEqual([
      { prefix: "2001:db8:1::/48", timeoutMs: null },
      { prefix: "192.0.2.8/32", timeoutMs: 1000 },
    ]);
  });
});
