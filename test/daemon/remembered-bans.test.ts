import { describe, expect, it, vi } from "vitest";
import type { BanItem } from "../../src/broker/ban-schema.ts";
import type { KernelCounters } from "../../src/broker/protocol.ts";
import { bansReleased, restoreBans } from "../../src/daemon/remembered-bans.ts";
import { MemoryJournal } from "../../src/journal/memory-journal.ts";
import type { Ban } from "../../src/model/ban.ts";
import type { Outcome } from "../../src/model/order.ts";
import { type Prefix, parsePrefix } from "../../src/net/prefix.ts";

const prefix = (text: string) => parsePrefix(text) as Prefix;
const ban = (text: string): Ban => ({
  prefix: prefix(text),
  sinceEpochMs: 0,
  untilEpochMs: undefined,
  evidence: "claimed",
  origin: "detector",
  reason: "a test",
  ruleId: undefined,
  campaignId: undefined,
  means: ["nftables"],
  configRevision: "test",
});

describe("bansReleased", () => {
  it.each([
    { trusted: "192.0.2.7", found: ["192.0.2.7/32"] },
    { trusted: "192.0.2.0/24", found: ["192.0.2.7/32", "192.0.2.8/32"] },
    { trusted: "2001:db8::/48", found: ["2001:db8:0:1::/64"] },
    { trusted: "2001:db8:0:1::5", found: [] },
    { trusted: "203.0.113.0/24", found: [] },
  ])("trust in $trusted lets go of $found", ({ trusted, found }) => {
    const journal = new MemoryJournal();
    for (const text of ["192.0.2.7", "192.0.2.8", "198.51.100.0/24", "2001:db8:0:1::/64"]) {
      journal.recordBan(ban(text));
    }
    const entries = [{ prefix: prefix(trusted), why: "a test" }];
    expect([...bansReleased([], entries, journal)].sort()).toEqual(found);
  });

  it("lets go of no ban that reaches beyond what is trusted", () => {
    const journal = new MemoryJournal();
    journal.recordBan(ban("198.51.100.0/24"));
    const entries = [{ prefix: prefix("198.51.100.0/25"), why: "a test" }];
    expect(bansReleased([], entries, journal)).toEqual([]);
  });
});

describe("bansReleased among very many bans", () => {
  const trusted = [{ prefix: prefix("10.0.0.0/8"), why: "a test" }];

  it("reads every ban only where too many begin alike", () => {
    const journal = new MemoryJournal();
    for (const text of ["10.1.2.3", "10.1.2.0/24", "192.0.2.7"]) journal.recordBan(ban(text));
    const eachActiveBan = vi.spyOn(journal, "eachActiveBan");
    const inside = ["10.1.2.0/24", "10.1.2.3/32"];
    expect([...bansReleased([], trusted, journal)].sort()).toEqual(inside);
    expect(eachActiveBan).not.toHaveBeenCalled();
    vi.spyOn(journal, "activeBansInside").mockReturnValue({
      bans: [],
      count: { count: 0, isAtLeast: true },
    });
    expect([...bansReleased([], trusted, journal)].sort()).toEqual(inside);
  });

  it("lets go of a thousand at most", () => {
    const journal = new MemoryJournal();
    for (let place = 0; place < 1200; place += 1) {
      journal.recordBan(ban(`10.0.${place >> 8}.${place & 255}`));
    }
    expect(bansReleased([], trusted, journal)).toHaveLength(1000);
  });
});

/** A broker that answers when it is told to, and what it was asked. */
class SlowBroker {
  readonly asked: (readonly BanItem[])[] = [];
  readonly #answers: (() => void)[] = [];
  counted = 0;

  restore(items: readonly BanItem[]): Promise<Outcome[]> {
    this.asked.push(items);
    const { promise, resolve } = Promise.withResolvers<Outcome[]>();
    this.#answers.push(() => resolve(items.map(() => ({ status: "applied" }))));
    return promise;
  }

  async count(): Promise<KernelCounters> {
    this.counted += 1;
    return {} as KernelCounters;
  }

  /** Answers the next, and lets whoever waits go on as far as it can. */
  async answer(): Promise<void> {
    this.#answers.shift()?.();
    await new Promise(setImmediate);
  }
}

describe("restoreBans", () => {
  /** Bans that are for good. */
  function journalOf(bans: number): MemoryJournal {
    const journal = new MemoryJournal();
    for (let place = 0; place < bans; place += 1) {
      journal.recordBan(ban(`10.0.${place >> 8}.${place & 255}`));
    }
    return journal;
  }

  it("reads the next batch while the broker works on the one before, and no further", async () => {
    const broker = new SlowBroker();
    const restored = restoreBans(journalOf(3000), broker, () => {});
    await new Promise(setImmediate);
    expect(broker.asked).toHaveLength(1);
    await broker.answer();
    expect(broker.asked).toHaveLength(2);
    await broker.answer();
    await broker.answer();
    expect(await restored).toBe(3000);
  });

  it("lets a clock that is set meanwhile take no time from a ban", async () => {
    vi.useFakeTimers({ toFake: ["Date", "performance"] });
    try {
      const journal = new MemoryJournal();
      for (let place = 0; place < 3000; place += 1) {
        const untilEpochMs = Date.now() + 60_000;
        journal.recordBan({ ...ban(`10.0.${place >> 8}.${place & 255}`), untilEpochMs });
      }
      const broker = new SlowBroker();
      const restored = restoreBans(journal, broker, () => {});
      await new Promise(setImmediate);
      vi.advanceTimersByTime(5000);
      vi.setSystemTime(Date.now() + 86_400_000);
      for (let batch = 0; batch < 3; batch += 1) await broker.answer();
      await restored;
      // The second was read before.
      expect(broker.asked.map(([first]) => first?.timeoutMs)).toEqual([60_000, 60_000, 55_000]);
    } finally {
      vi.useRealTimers();
    }
  });

  it("tells of progress after every ten thousand that stand, with an answer of the broker", async () => {
    const broker = new SlowBroker();
    const heard: number[] = [];
    const restored = restoreBans(journalOf(20_001), broker, () => heard.push(broker.counted));
    await new Promise(setImmediate);
    for (let batch = 0; batch < 7; batch += 1) await broker.answer();
    expect(heard).toEqual([]);
    await broker.answer();
    expect(heard).toEqual([1]);
    for (let batch = 0; batch < 9; batch += 1) await broker.answer();
    expect(await restored).toBe(20_001);
    expect(heard).toEqual([1, 2]);
  });
});
