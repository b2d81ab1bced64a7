import { describe, expect, it } from "vitest";
import { bansWithin } from "../../src/daemon/remembered-bans.ts";
import { MemoryJournal } from "../../src/journal/memory-journal.ts";
import type { Ban } from "../../src/model/ban.ts";
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

describe("bansWithin", () => {
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
    expect([...bansWithin(entries, journal)].sort()).toEqual(found);
  });

  it("lets go of no ban that reaches beyond what is trusted", () => {
    const journal = new MemoryJournal();
    journal.recordBan(ban("198.51.100.0/24"));
    const entries = [{ prefix: prefix("198.51.100.0/25"), why: "a test" }];
    expect(bansWithin(entries, journal)).toEqual([]);
  });
});
