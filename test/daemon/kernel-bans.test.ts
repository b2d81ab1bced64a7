import { describe, expect, it } from "vitest";
import { NftablesExecutor } from "../../src/broker/executors/nftables.ts";
import { KernelBans } from "../../src/daemon/kernel-bans.ts";
import type { Journal } from "../../src/journal/journal.ts";
import { MemoryJournal } from "../../src/journal/memory-journal.ts";
import { FakeClock, FakeNft, prefix } from "../broker/fakes.ts";
import { banOf } from "../conformance/journal.ts";

/** A kernel with the bans of `kernel`, and a journal with those of `known`, the oldest first. */
function open({
  kernel = [] as readonly string[],
  known = [] as readonly string[],
  hasTable = true,
} = {}) {
  const nft = new FakeNft();
  const clock = new FakeClock();
  const parts = {
    nft,
    elements: nft,
    reader: nft,
    trusted: { check: () => undefined },
    sharedIpv6: () => [],
    clock,
  };
  const executor = new NftablesExecutor({ ipv6PrefixBits: 64 }, parts);
  executor.ban(kernel.map((text) => ({ prefix: prefix(text), timeoutMs: null })));
  const journal = new MemoryJournal();
  known.forEach((text, index) => {
    journal.recordBan(banOf(text, { sinceEpochMs: index, untilEpochMs: undefined }));
  });
  nft.isTableGone = !hasTable;
  let isInJournal = false;
  const withJournal = <Result>(act: (journal: Journal) => Result): Result => {
    isInJournal = true;
    try {
      return act(journal);
    } finally {
      isInJournal = false;
    }
  };
  const ask = nft.hasAddress.bind(nft);
  // The kernel tells nothing to the journal's user.
  nft.hasAddress = (set, address) => {
    if (isInJournal) throw new Error("asked with the journal's rights");
    return ask(set, address);
  };
  const bans = new KernelBans({
    nft,
    reader: nft,
    executor,
    hasTable,
    ipv6PrefixBits: 64,
    withJournal,
    clock,
  });
  return { nft, journal, executor, bans };
}

const KINDS = ["192.0.2.7/32", "198.51.100.0/24", "2001:db8::/64", "2001:db8:1::/48"];

describe("KernelBans", () => {
  it("counts without listing", () => {
    const { nft, bans } = open({ kernel: KINDS });
    nft.runs.length = 0;
    expect(bans.count()).toBe(4);
    expect(nft.runs).toEqual([]);
  });

  it("lists what the journal knows, the newest first, and then what only the kernel has", () => {
    const { bans } = open({
      kernel: [...KINDS, "203.0.113.2/32", "203.0.113.1/32"],
      known: [...KINDS, "192.0.2.99/32"],
    });
    expect(bans.page(100, undefined).map((ban) => `${ban.prefix} ${ban.origin}`)).toEqual([
      ...KINDS.toReversed().map((text) => `${text} detector`),
      "203.0.113.1/32 unknown",
      "203.0.113.2/32 unknown",
    ]);
  });

  it("looks up no more than its page", () => {
    const known = Array.from({ length: 200 }, (_, index) => `192.0.2.${index}/32`);
    const { nft, bans } = open({ kernel: known, known });
    nft.runs.length = 0;
    nft.lookUps.length = 0;
    expect(bans.page(5, undefined)).toHaveLength(5);
    expect(nft.lookUps).toHaveLength(5);
    expect(nft.runs).toEqual([]);
  });

  it.each([1, 2, 3, 100])("has each ban once in pages of %i, and comes to an end", (limit) => {
    const kernel = [...KINDS, "203.0.113.1/32", "203.0.113.2/32"];
    const { bans } = open({ kernel, known: [...KINDS, "192.0.2.99/32"] });
    const seen: string[] = [];
    for (let after = undefined, pages = 0; pages < 20; pages += 1) {
      const page = bans.page(limit, after);
      if (page.length === 0) break;
      seen.push(...page.map((ban) => ban.prefix));
      after = page.at(-1)?.prefix;
    }
    expect(seen.toSorted()).toEqual(kernel.toSorted());
  });

  it.each([
    { gone: "the journal knew", after: "192.0.2.7/32", next: ["203.0.113.1/32", "203.0.113.2/32"] },
    { gone: "only the kernel had", after: "203.0.113.1/32", next: ["203.0.113.2/32"] },
  ])("does not begin again behind a ban that $gone and that ended meanwhile", ({ after, next }) => {
    const kernel = [...KINDS, "203.0.113.1/32", "203.0.113.2/32"];
    const { bans } = open({ kernel, known: KINDS });
    bans.unban(prefix(after));
    expect(bans.page(100, prefix(after)).map((ban) => ban.prefix)).toEqual(next);
  });

  it("goes on in what only the kernel has, behind a ban of which the journal knows the end", () => {
    const { journal, bans } = open({ kernel: [...KINDS, "203.0.113.1/32"], known: KINDS });
    // The journal of a file lists those that are older than a ban that has ended.
    journal.activeBans = () => [banOf("192.0.2.7")];
    expect(bans.page(100, prefix("203.0.113.1/32"))).toEqual([]);
  });

  it("without a table lists and counts what would come back", () => {
    const { bans } = open({ known: KINDS, hasTable: false });
    expect(bans.count()).toBe(0);
    expect(bans.countWaiting()).toBe(4);
    expect(bans.page(2, undefined).map((ban) => ban.prefix)).toEqual(KINDS.slice(2).toReversed());
  });

  it("tells a ban from an address inside of one", () => {
    const { bans } = open({ kernel: KINDS, known: ["192.0.2.99/32"] });
    const has = (text: string) => bans.has(prefix(text));
    expect([...KINDS, "192.0.2.99"].map(has)).toEqual([true, true, true, true, true]);
    expect(["198.51.100.7", "2001:db8::7", "192.0.2.0/24"].map(has)).toEqual([false, false, false]);
  });

  it("ends a ban in the journal only when the kernel has let go of it", () => {
    const { nft, journal, bans } = open({ kernel: KINDS, known: [...KINDS, "192.0.2.99/32"] });
    expect(bans.unban(prefix("192.0.2.7"))).toEqual({ status: "applied" });
    expect(bans.unban(prefix("192.0.2.7"))).toEqual({ status: "already-applied" });
    expect(bans.unban(prefix("192.0.2.99"))).toEqual({ status: "applied" });
    nft.run = () => ({ status: "failed", reason: "Error: busy" });
    expect(bans.unban(prefix("198.51.100.0/24"))).toMatchObject({ status: "failed" });
    expect(journal.findActiveBan(prefix("198.51.100.0/24"))).toBeDefined();
  });

  it("ends all bans in one transaction, and those that only the journal has", () => {
    const { nft, journal, executor, bans } = open({
      kernel: [...KINDS, "203.0.113.1/32"],
      known: [...KINDS, "192.0.2.99/32"],
    });
    nft.runs.length = 0;
    expect(bans.unbanAll()).toBe(6);
    expect(nft.runs).toHaveLength(1);
    expect(bans.count()).toBe(0);
    expect(journal.countActiveBans()).toBe(0);
    expect(executor.standing()).toEqual({ bans: 0, wide: 0 });
    expect(bans.unbanAll()).toBe(0);
  });

  it("ends none in the journal when the kernel keeps them", () => {
    const { nft, journal, bans } = open({ kernel: KINDS, known: KINDS });
    nft.run = () => ({ status: "failed", reason: "Error: busy" });
    expect(() => bans.unbanAll()).toThrow(expect.objectContaining({ code: "ERR_KERNEL" }));
    expect(journal.countActiveBans()).toBe(4);
  });
});
