import { describe, expect, it } from "vitest";
import type { BanListRequest } from "../../src/api/operator.ts";
import { BanLists } from "../../src/daemon/ban-list.ts";
import { MemoryJournal } from "../../src/journal/memory-journal.ts";
import type { Ban } from "../../src/model/ban.ts";
import { prefix } from "../broker/fakes.ts";

const BAN: Ban = {
  prefix: prefix("192.0.2.7"),
  sinceEpochMs: 1000,
  untilEpochMs: undefined,
  evidence: "alive",
  origin: "detector",
  reason: "a test",
  ruleId: undefined,
  campaignId: undefined,
  means: ["nftables"],
  configRevision: "",
};

async function listOf(bans: readonly Partial<Ban>[], request: Partial<BanListRequest> = {}) {
  const journal = new MemoryJournal();
  for (const ban of bans) journal.recordBan({ ...BAN, ...ban });
  const lists = new BanLists(journal);
  const { tag, text } = await lists.list({ evidence: "alive", family: undefined, ...request });
  let whole = "";
  for await (const piece of text()) whole += piece;
  return { tag, lines: whole.split("\n").slice(0, -1), whole };
}

const of = (text: string, more: Partial<Ban> = {}) => ({ prefix: prefix(text), ...more });

describe("BanLists", () => {
  it("lists bans in the order of their addresses, each once, IPv4 first", async () => {
    const texts = ["2001:db8::/64", "192.0.2.128/25", "192.0.2.10", "192.0.2.9", "192.0.2.200"];
    const { whole } = await listOf([...texts, "2001:db8:0:2::7"].map((text) => of(text)));
    expect(whole).toBe("192.0.2.9\n192.0.2.10\n192.0.2.128/25\n2001:db8::/64\n2001:db8:0:2::7\n");
  });

  it.each([
    { evidence: "claimed", lines: ["192.0.2.1", "192.0.2.4", "192.0.2.8", "192.0.2.20"] },
    { evidence: "alive", lines: ["192.0.2.4", "192.0.2.8", "192.0.2.20"] },
    { evidence: "proven", lines: ["192.0.2.8", "192.0.2.20"] },
  ] as const)("leaves out what stands on less than $evidence, but by command", async (expected) => {
    const bans = [
      of("192.0.2.1", { evidence: "claimed" }),
      of("192.0.2.4", { evidence: "alive" }),
      of("192.0.2.8", { evidence: "proven" }),
      of("192.0.2.20", { evidence: "claimed", origin: "operator" }),
    ];
    const { lines } = await listOf(bans, { evidence: expected.evidence });
    expect(lines).toEqual(expected.lines);
  });

  it.each([
    { family: 4, lines: ["192.0.2.1"] },
    { family: 6, lines: ["2001:db8::1"] },
  ] as const)("lists IPv$family alone where it is asked for", async ({ family, lines }) => {
    expect((await listOf([of("192.0.2.1"), of("2001:db8::1")], { family })).lines).toEqual(lines);
  });

  it("has another tag for another list, and the same for the same", async () => {
    const [one, same, other, none] = await Promise.all([
      listOf([of("192.0.2.1")]),
      listOf([of("192.0.2.1", { reason: "another" })]),
      listOf([of("192.0.2.2")]),
      listOf([]),
    ]);
    expect(same.tag).toBe(one.tag);
    expect(new Set([one.tag, other.tag, none.tag]).size).toBe(3);
    expect(none.whole).toBe("");
  });

  it("writes many in pieces", async () => {
    const bans = Array.from({ length: 5000 }, (_, at) => of(`9.0.${at >> 7}.${(at & 127) * 2}`));
    const { lines } = await listOf(bans);
    expect(lines).toHaveLength(5000);
    expect(lines.at(-1)).toBe("9.0.39.14");
  });
});
