import { describe, expect, it } from "vitest";
import { NftablesExecutor } from "../../../src/broker/executors/nftables.ts";
import { TrustedSet } from "../../../src/broker/trusted-set.ts";
import { FakeClock, FakeNft, prefix } from "../fakes.ts";

function open({ trusted = [] as string[], shared = [] as string[] } = {}) {
  const nft = new FakeNft();
  const clock = new FakeClock();
  const set = new TrustedSet();
  set.replace(trusted.map((text) => ({ prefix: prefix(text), why: "a test" })));
  const executor = new NftablesExecutor(
    { ipv6PrefixBits: 64 },
    { nft, elements: nft, reader: nft, clock, trusted: set, sharedIpv6: () => shared.map(prefix) },
  );
  return { nft, reader: nft, clock, executor };
}

const order = (text: string, timeoutMs: number | null = 60_000) => ({
  prefix: prefix(text),
  timeoutMs,
});
const applied = { status: "applied" };

describe("NftablesExecutor", () => {
  it("bans by set, one transaction for all, and looks each up", () => {
    const { nft, executor } = open();
    const texts = ["192.0.2.7", "198.51.100.0/24", "2001:db8::/64", "2001:db8::"];
    expect(executor.ban(texts.map((text) => order(text)))).toEqual(texts.map(() => applied));
    expect(nft.elements("banned4")).toEqual(["192.0.2.7"]);
    expect(nft.elements("bannet4")).toEqual(["198.51.100.0/24"]);
    expect(nft.elements("banned6")).toEqual(["2001:db8::"]);
    expect(nft.elements("bannet6")).toEqual(["2001:db8::"]);
    expect(nft.runs.filter((commands) => commands.startsWith("add"))).toHaveLength(1);
  });

  it("renews a standing ban, longer or shorter", () => {
    const { nft, executor } = open();
    for (const [timeoutMs, expected] of [
      [60_000, " timeout 60s"],
      [3_600_000, " timeout 3600s"],
      [null, ""],
      [1000, " timeout 1s"],
    ] as const) {
      expect(executor.ban([order("192.0.2.7", timeoutMs)])).toEqual([applied]);
      expect(nft.timeoutOf("banned4", "192.0.2.7")).toBe(expected);
    }
  });

  it("takes time off what has an end, in every set, and ends what had less", () => {
    const { nft, clock, executor } = open();
    executor.ban([
      order("192.0.2.7", 3_600_000),
      order("192.0.2.8", 60_000),
      order("192.0.2.9", null),
      order("198.51.100.0/24", 3_600_000),
      order("203.0.113.0/24", 60_000),
      order("2001:db8::/64", 3_600_000),
      order("2001:db8:1::/48", 60_000),
    ]);
    expect(executor.age(60_000)).toEqual({ shortened: 3, ended: 3, failed: 0 });
    expect(nft.elements("banned4")).toEqual(["192.0.2.9", "192.0.2.7"]);
    expect(nft.timeoutOf("banned4", "192.0.2.7")).toBe(" timeout 3540s");
    expect(nft.timeoutOf("banned4", "192.0.2.9")).toBe("");
    expect(nft.timeoutOf("bannet4", "198.51.100.0/24")).toBe(" timeout 3540s");
    expect(nft.timeoutOf("banned6", "2001:db8::")).toBe(" timeout 3540s");
    expect(nft.elements("bannet6")).toEqual([]);
    // It is not taken for somebody's work, and what has ended overlaps nothing.
    expect(executor.isIntact()).toBe(true);
    expect(executor.ban([order("203.0.113.0/25")])).toEqual([applied]);
    expect(executor.ban([order("198.51.100.0/25")])).toMatchObject([{ status: "refused" }]);
    clock.advance(3_600_000);
    expect(executor.isIntact()).toBe(true);
  });

  it("takes time off nothing where there is no table", () => {
    const { nft, executor } = open();
    nft.isTableGone = true;
    expect(executor.age(60_000)).toEqual({ shortened: 0, ended: 0, failed: 0 });
  });

  it("counts the bans of a batch that the kernel refuses", () => {
    const { nft, executor } = open();
    executor.ban([
      order("192.0.2.7", 3_600_000),
      order("192.0.2.8", 60_000),
      order("198.51.100.0/24", 3_600_000),
    ]);
    nft.refused.add("192.0.2.7");
    expect(executor.age(60_000)).toEqual({ shortened: 1, ended: 0, failed: 2 });
  });

  it("makes one ban of two of the same prefix, the later one", () => {
    const { nft, executor } = open();
    const bans = [order("192.0.2.7", 60_000), order("192.0.2.7", 1000)];
    expect(executor.ban(bans)).toEqual([applied, applied]);
    expect(nft.timeoutOf("banned4", "192.0.2.7")).toBe(" timeout 1s");
  });

  it("refuses what is trusted, whatever was checked before", () => {
    const { nft, executor } = open({ trusted: ["192.0.2.1"] });
    expect(executor.ban([order("192.0.2.0/24"), order("192.0.3.7")])).toEqual([
      { status: "refused", reason: "overlaps 192.0.2.1/32, which is trusted: a test" },
      applied,
    ]);
    expect(nft.elements("bannet4")).toEqual([]);
    expect(executor.restore([order("192.0.2.1")])).toMatchObject([{ status: "refused" }]);
  });

  it("refuses a prefix that overlaps a banned one, in the same batch too", () => {
    const { executor } = open();
    expect(
      executor.ban([order("192.0.2.0/24"), order("192.0.2.128/25"), order("192.0.0.0/16")]),
    ).toEqual([
      applied,
      { status: "refused", reason: "overlaps 192.0.2.0/24, which is banned" },
      { status: "refused", reason: "overlaps 192.0.2.0/24, which is banned" },
    ]);
    expect(executor.ban([order("192.0.2.0/24", 1000)])).toEqual([applied]);
  });

  it("takes a prefix that overlapped one whose time is up", () => {
    const { nft, clock, executor } = open();
    executor.ban([order("192.0.2.0/24", 5000)]);
    clock.advance(6000);
    nft.sets.get("bannet4")?.clear();
    expect(executor.ban([order("192.0.2.0/25")])).toEqual([applied]);
  });

  it("knows the prefix bans that an earlier run has left", () => {
    const { nft, executor } = open();
    nft.run("add element inet vedette bannet4 { 192.0.2.0/24 timeout 60s }");
    expect(executor.ban([order("192.0.2.0/25")])).toEqual([
      { status: "refused", reason: "overlaps 192.0.2.0/24, which is banned" },
    ]);
    expect(executor.unban([prefix("192.0.2.0/24")])).toEqual([applied]);
  });

  it("takes 4,096 prefix bans and no more", () => {
    const { executor } = open();
    const bans = Array.from({ length: 4097 }, (_, index) =>
      order(`10.${index >> 8}.${index & 255}.0/24`),
    );
    const outcomes = executor.restore(bans);
    expect(outcomes.filter(({ status }) => status === "applied")).toHaveLength(4096);
    expect(outcomes.at(-1)).toMatchObject({ status: "refused" });
    expect(executor.ban([order("10.0.0.0/24")])).toEqual([applied]);
  });

  it("does not let one ban that the kernel refuses cost the others", () => {
    const { nft, executor } = open();
    nft.refused.add("198.51.100.0/24");
    const bans = [order("192.0.2.7"), order("198.51.100.0/24"), order("192.0.2.8")];
    expect(executor.ban(bans)).toEqual([
      applied,
      { status: "failed", reason: "Error: interval overlaps with an existing one" },
      applied,
    ]);
    nft.refused.clear();
    expect(executor.ban([order("198.51.100.0/25")])).toEqual([applied]);
  });

  it("reports a ban as failed that is not there afterwards", () => {
    const { nft, executor } = open();
    nft.lost.add("192.0.2.7");
    expect(executor.ban([order("192.0.2.6"), order("192.0.2.7"), order("192.0.2.8")])).toEqual([
      applied,
      { status: "failed", reason: "not in banned4 after it was put there" },
      applied,
    ]);
  });

  it("fails, and does not throw, while the table is gone", () => {
    const { nft, executor } = open();
    nft.isTableGone = true;
    expect(executor.ban([order("192.0.2.7")])).toEqual([
      { status: "failed", reason: "Error: No such file or directory" },
    ]);
    expect(executor.measure()).toMatchObject({ held: 0, counters: { holds: 0 } });
  });

  it("looks every ban up, and never by nft, which would load every element first", () => {
    const { nft, executor } = open();
    executor.ban(Array.from({ length: 300 }, (_, index) => order(`192.0.2.${index & 127}`)));
    expect(nft.lookUps).toHaveLength(128);
    expect(nft.runs.join("\n")).not.toMatch(/^get/m);
  });

  it("restores with one look-up a set", () => {
    const { nft, executor } = open();
    executor.restore(
      Array.from({ length: 500 }, (_, index) => order(`10.0.${index >> 8}.${index & 255}`)),
    );
    expect(nft.elements("banned4")).toHaveLength(500);
    expect(nft.lookUps).toEqual(["banned4 10.0.1.243"]);
  });

  describe("isIntact", () => {
    it("sees that somebody else has emptied a set, and only then", () => {
      const { nft, clock, executor } = open();
      expect(executor.isIntact()).toBe(true);
      executor.ban([order("192.0.2.7", 60_000), order("2001:db8::/64", 60_000)]);
      expect(executor.isIntact()).toBe(true);
      nft.run("flush set inet vedette banned6");
      expect(executor.isIntact()).toBe(false);
      clock.advance(59_500);
      expect(executor.isIntact()).toBe(true);
    });

    it("misses nothing that was unbanned", () => {
      const { executor } = open();
      executor.ban([order("192.0.2.7")]);
      executor.unban([prefix("192.0.2.7")]);
      expect(executor.isIntact()).toBe(true);
    });

    it("asks anew after a rebuilt table", () => {
      const { nft, executor } = open();
      executor.ban([order("192.0.2.7")]);
      nft.run("flush set inet vedette banned4");
      executor.forget();
      expect(executor.isIntact()).toBe(true);
    });
  });

  describe("unban", () => {
    it("releases what the kernel holds, banned or not, and the suspicion with it", () => {
      const { nft, executor } = open();
      for (const set of ["held4", "suspect4"]) {
        nft.run(`add element inet vedette ${set} { 192.0.2.7, 192.0.2.8 }`);
      }
      nft.run("add element inet vedette held6 { 2001:db8:: }");
      executor.ban([order("192.0.2.7")]);
      executor.unban([prefix("192.0.2.7"), prefix("2001:db8::/64")]);
      expect(nft.elements("held4")).toEqual(["192.0.2.8"]);
      expect(nft.elements("suspect4")).toEqual(["192.0.2.8"]);
      expect(nft.elements("held6")).toEqual([]);
    });

    it("releases nobody when a wide prefix is unbanned", () => {
      const { nft, executor } = open();
      nft.run("add element inet vedette held4 { 192.0.2.0 }");
      executor.ban([order("192.0.2.0/24")]);
      executor.unban([prefix("192.0.2.0/24")]);
      expect(nft.elements("held4")).toEqual(["192.0.2.0"]);
    });

    it("takes away what stands and says when nothing does", () => {
      const { nft, executor } = open();
      const texts = ["192.0.2.7", "198.51.100.0/24", "2001:db8::/64", "2001:db8:0:1::"];
      executor.ban(texts.map((text) => order(text)));
      expect(executor.unban(texts.map(prefix))).toEqual(texts.map(() => applied));
      expect(executor.unban(texts.map(prefix))).toEqual(
        texts.map(() => ({ status: "already-applied" })),
      );
      for (const set of ["banned4", "banned6", "bannet4", "bannet6"]) {
        expect(nft.elements(set)).toEqual([]);
      }
    });

    it("leaves the address in place when the block that it begins is unbanned", () => {
      const { nft, executor } = open();
      executor.ban([order("2001:db8::"), order("2001:db8::/64")]);
      expect(executor.unban([prefix("2001:db8::/64")])).toEqual([applied]);
      expect(nft.elements("bannet6")).toEqual(["2001:db8::"]);
    });

    it("names the wider ban that shuts an address out", () => {
      const { executor } = open();
      executor.ban([order("192.0.2.0/24"), order("2001:db8::/64")]);
      expect(executor.unban([prefix("192.0.2.7"), prefix("2001:db8::7")])).toEqual([
        { status: "refused", reason: "shut out as part of 192.0.2.0/24: unban that" },
        { status: "refused", reason: "shut out as part of 2001:db8::/64: unban that" },
      ]);
    });

    it("finds a block where it stands, though what is shared has changed since", () => {
      const shared: string[] = [];
      const { nft, executor } = open({ shared });
      executor.ban([order("2001:db8::/64")]);
      shared.push("2001:db8::/64");
      expect(executor.unban([prefix("2001:db8::/64")])).toEqual([applied]);
      expect(nft.elements("banned6")).toEqual([]);
    });
  });

  it("tells what stood when the table is rebuilt, and counts anew", () => {
    const { nft, clock, executor } = open();
    executor.ban([order("192.0.2.7"), order("198.51.0.0/16", null), order("203.0.113.7", 1000)]);
    clock.advance(120_000);
    nft.sets.clear();
    expect(executor.forget()).toEqual({ bans: 1, wide: 1 });
    expect(executor.forget()).toEqual({ bans: 0, wide: 0 });
    expect(executor.ban([order("198.51.100.0/24")])).toEqual([applied]);
  });

  it("keeps refusing overlaps with what stood through a rebuilding", () => {
    const { executor } = open();
    executor.ban([order("192.0.2.0/24")]);
    executor.forget();
    expect(executor.ban([order("192.0.2.0/25")])).toMatchObject([{ status: "refused" }]);
  });
});
