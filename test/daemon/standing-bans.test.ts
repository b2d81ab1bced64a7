import { describe, expect, it } from "vitest";
import type { KernelCounters } from "../../src/broker/protocol.ts";
import { adoptBans } from "../../src/daemon/standing-bans.ts";
import { MemoryJournal } from "../../src/journal/memory-journal.ts";
import type { Ban } from "../../src/model/ban.ts";
import type { BanOrder } from "../../src/model/ban-order.ts";
import { FakeClock } from "../broker/fakes.ts";
import { banOf, prefix } from "../conformance/journal.ts";

const HOUR_MS = 3_600_000;

const standing = (text: string, timeoutMs: number | null = HOUR_MS): BanOrder => ({
  prefix: prefix(text),
  timeoutMs,
});

const count = async (): Promise<KernelCounters> => ({}) as KernelCounters;

/** Adopts what stands in two pages, and gives the journal. */
async function adopt(journal: MemoryJournal, clock: FakeClock, ...bans: BanOrder[]) {
  const pages = [bans.slice(0, 1), bans.slice(1)].filter((page) => page.length > 0);
  const broker = { standing: async () => pages.shift() ?? [], count };
  return adoptBans(journal, broker, clock, () => {});
}

describe("adoptBans", () => {
  it("records what the journal does not know, with the time that is left", async () => {
    const journal = new MemoryJournal();
    const clock = new FakeClock();
    const adopted = await adopt(
      journal,
      clock,
      standing("192.0.2.7"),
      standing("2001:db8::/64", null),
    );
    expect(adopted).toBe(2);
    expect(journal.findActiveBan(prefix("192.0.2.7"))).toMatchObject({
      sinceEpochMs: clock.epochMs(),
      untilEpochMs: clock.epochMs() + HOUR_MS,
      origin: "unknown",
      means: ["nftables"],
      reason: "in force before the guard started; the journal did not know it",
    });
    expect(journal.findActiveBan(prefix("2001:db8::/64"))?.untilEpochMs).toBeUndefined();
  });

  it.each([
    { what: "as long as", leftMs: HOUR_MS, isAdopted: false },
    { what: "a minute longer than", leftMs: HOUR_MS + 60_000, isAdopted: false },
    { what: "over a minute longer than", leftMs: HOUR_MS + 60_001, isAdopted: true },
    { what: "for good and not as", leftMs: null, isAdopted: true },
    { what: "shorter than", leftMs: 1000, isAdopted: false },
  ])(
    "of a ban that the kernel has $what the journal says, goes by the kernel: $isAdopted",
    async ({ leftMs, isAdopted }) => {
      const clock = new FakeClock();
      const known = banOf("192.0.2.7", {
        sinceEpochMs: clock.epochMs() - 1000,
        untilEpochMs: clock.epochMs() + HOUR_MS,
      });
      const journal = new MemoryJournal({ inForce: [known] });
      expect(await adopt(journal, clock, standing("192.0.2.7", leftMs))).toBe(isAdopted ? 1 : 0);
      const untilEpochMs = leftMs === null ? undefined : clock.epochMs() + leftMs;
      expect(journal.findActiveBan(prefix("192.0.2.7"))).toEqual(
        isAdopted ? { ...known, untilEpochMs, origin: "unknown" } : known,
      );
    },
  );

  it("brings back after a loss of power what the journal took for a route, and the kernel has", async () => {
    const clock = new FakeClock();
    const known = banOf("192.0.2.7", {
      sinceEpochMs: clock.epochMs() - 1000,
      untilEpochMs: clock.epochMs() + HOUR_MS,
      means: ["route"],
    });
    const journal = new MemoryJournal({ inForce: [known] });
    expect(await adopt(journal, clock, standing("192.0.2.7"))).toBe(1);
    const both: Ban = { ...known, means: ["route", "nftables"] };
    expect(journal.findActiveBan(prefix("192.0.2.7"))).toEqual(both);
    expect(await adopt(journal, clock, standing("192.0.2.7"))).toBe(0);
  });

  it("goes by the kernel where an old copy of the journal takes a ban for ended", async () => {
    const clock = new FakeClock();
    const ended = banOf("192.0.2.7", {
      sinceEpochMs: clock.epochMs() - 2000,
      untilEpochMs: clock.epochMs() - 1000,
    });
    const journal = new MemoryJournal({ inForce: [ended, banOf("192.0.2.8")] });
    expect(await adopt(journal, clock, standing("192.0.2.7"))).toBe(1);
    expect(journal.activeBans(10, undefined)).toEqual([
      expect.objectContaining({ prefix: "192.0.2.7/32", origin: "unknown" }),
    ]);
  });

  it.each([
    { leftMs: 5000, isAdopted: false },
    { leftMs: 5001, isAdopted: true },
  ])(
    "leaves to the kernel what it ends late, after the journal has: with $leftMs ms left, adopted: $isAdopted",
    async ({ leftMs, isAdopted }) => {
      const journal = new MemoryJournal();
      const bans = [standing("192.0.2.7", leftMs)];
      expect(await adopt(journal, new FakeClock(), ...bans)).toBe(isAdopted ? 1 : 0);
    },
  );

  it("tells of progress after every ten thousand that stand, with an answer of the broker", async () => {
    const page = (block: number): BanOrder[] =>
      Array.from({ length: 5000 }, (_, index) =>
        standing(`10.${block}.${index >> 8}.${index & 255}`),
      );
    const pages = [1, 2, 3, 4, 5].map(page);
    const told: string[] = [];
    const broker = {
      standing: async () => {
        told.push("standing");
        return pages.shift() ?? [];
      },
      count: () => {
        told.push("count");
        return count();
      },
    };
    const known = [1, 2, 3, 4, 5].flatMap(page).map(({ prefix: each }) => banOf(each));
    const journal = new MemoryJournal({ inForce: known });
    await adoptBans(journal, broker, new FakeClock(), () => told.push("progress"));
    const step = ["standing", "standing", "count", "progress"];
    expect(told).toEqual([...step, ...step, "standing", "standing"]);
  });

  it.each([
    { what: "all of twenty thousand are known", missing: 0, pagesRead: 4 },
    { what: "one of twenty thousand is not", missing: 1, pagesRead: 7 },
  ])("reads $pagesRead pages of six where $what", async ({ missing, pagesRead }) => {
    const page = (block: number): BanOrder[] =>
      Array.from({ length: 5000 }, (_, index) =>
        standing(`10.${block}.${index >> 8}.${index & 255}`, null),
      );
    const blocks = [1, 2, 3, 4, 5, 6];
    const known = blocks.flatMap(page).slice(missing);
    const journal = new MemoryJournal({
      inForce: known.map(({ prefix: each }) => banOf(each, { untilEpochMs: undefined })),
    });
    let asked = 0;
    const broker = {
      standing: async () => {
        asked += 1;
        const block = blocks.shift();
        return block === undefined ? [] : page(block);
      },
      count,
    };
    expect(await adoptBans(journal, broker, new FakeClock(), () => {})).toBe(missing);
    expect(asked).toBe(pagesRead);
  });

  it("makes no offence of what it adopts", async () => {
    const journal = new MemoryJournal();
    const clock = new FakeClock();
    await adopt(journal, clock, standing("192.0.2.7"));
    expect(journal.countBansSince(prefix("192.0.2.7"), 0, "claimed")).toBe(0);
  });
});
