import { describe, expect, it } from "vitest";
import { MemoryJournal } from "../../src/journal/memory-journal.ts";
import { banOf, describeJournal, prefix } from "../conformance/journal.ts";

describeJournal("MemoryJournal", () => new MemoryJournal());
describeJournal("MemoryJournal for a file without bans", () => {
  return new MemoryJournal({ inForce: [] });
});

describe("MemoryJournal", () => {
  it("forgets the oldest when it is full, and counts it as lost", () => {
    const journal = new MemoryJournal({ maxBans: 2 });
    for (const host of [1, 2]) journal.recordBan(banOf(`192.0.2.${host}`));
    journal.recordBan(banOf("192.0.2.2"));
    expect(journal.failures).toBe(0);
    journal.recordBan(banOf("192.0.2.3"));
    expect(journal.countActiveBans()).toBe(2);
    expect(journal.findActiveBan(prefix("192.0.2.1"))).toBeUndefined();
    expect(journal.countBansSince(prefix("192.0.2.1"), 0, "claimed")).toBe(0);
    expect(journal.failures).toBe(1);
  });

  it("counts every change as lost when it stands in for a file, but not what it began with", () => {
    const journal = new MemoryJournal({ inForce: [banOf("192.0.2.1")], isStandIn: true });
    expect(journal.failures).toBe(0);
    expect(journal.countActiveBans()).toBe(1);
    journal.recordBan(banOf("192.0.2.2"));
    journal.endBan(prefix("192.0.2.9"), "unbanned", 1);
    expect(journal.failures).toBe(1);
    journal.endAllBans("unbanned", 1);
    expect(journal.failures).toBe(3);
  });
});
