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
  return { nft, bans: new BanInventory(nft, intervals, 64) };
}

const textsOf = (page: readonly { readonly prefix: string }[]) => page.map((ban) => ban.prefix);

describe("BanInventory", () => {
  it("names each ban with what is left of it, an IPv6 element by what it means", () => {
    const { bans } = inventory({
      banned4: { "192.0.2.7": " timeout 60s", "203.0.113.255": "" },
      banned6: { "2001:db8:77::": " timeout 1d", "2001:db8:78::1": "" },
    });
    expect([1, 2, 3, 4].map(() => bans.next(NOW_MS))).toEqual([
      [
        { prefix: "198.51.100.0/24", timeoutMs: 5000 },
        { prefix: "2001:db8:1::/48", timeoutMs: null },
      ],
      [
        { prefix: "192.0.2.7/32", timeoutMs: 60_000 },
        { prefix: "203.0.113.255/32", timeoutMs: null },
      ],
      [
        { prefix: "2001:db8:77::/64", timeoutMs: 86_400_000 },
        { prefix: "2001:db8:78::1/128", timeoutMs: null },
      ],
      [],
    ]);
  });

  it.each([0, 1, 2, 3, 301])(
    "has each of %i addresses once, however the kernel cuts them",
    (size) => {
      const addresses = Array.from(
        { length: size },
        (_, index) => `10.0.${index >> 8}.${index & 255}`,
      );
      const { bans, nft } = inventory({
        banned4: Object.fromEntries(addresses.map((each) => [each, ""])),
      });
      const seen: string[] = [];
      for (let page = bans.next(NOW_MS); page.length > 0; page = bans.next(NOW_MS)) {
        seen.push(...textsOf(page));
      }
      expect(seen.slice(2)).toEqual(addresses.map((each) => `${each}/32`));
      expect(nft.openPages).toBe(0);
    },
  );

  it("reads no further than it was asked, and names nobody who was let in meanwhile", () => {
    const elements = ["192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4", "192.0.2.5"];
    const { bans, nft } = inventory({
      banned4: Object.fromEntries(elements.map((each) => [each, ""])),
    });
    bans.next(NOW_MS);
    expect(textsOf(bans.next(NOW_MS))).toEqual(["192.0.2.1/32", "192.0.2.2/32"]);
    nft.sets.get("banned4")?.delete("192.0.2.4");
    expect(textsOf(bans.next(NOW_MS))).toEqual(["192.0.2.3/32", "192.0.2.5/32"]);
    expect(bans.next(NOW_MS)).toEqual([]);
  });

  it("leaves out what has run out before it is asked", () => {
    const { bans } = inventory({});
    expect(textsOf(bans.next(NOW_MS + 5000))).toEqual(["2001:db8:1::/48"]);
  });

  it("names nobody, and lets the kernel go, when it is closed", () => {
    const { bans, nft } = inventory({
      banned4: { "192.0.2.7": "", "192.0.2.8": "", "192.0.2.9": "" },
    });
    bans.next(NOW_MS);
    bans.next(NOW_MS);
    expect(nft.openPages).toBe(1);
    bans.close();
    bans.close();
    expect(nft.openPages).toBe(0);
    expect(bans.next(NOW_MS)).toEqual([]);
  });
});
