import { describe, expect, it } from "vitest";
import { BlockTimes, blockDelays } from "../../../bench/live/block-times.ts";
import { type Segment, TCP_ACK, TCP_SYN } from "../../support/pcap.ts";

describe("BlockTimes", () => {
  it.each([
    {
      what: "an element of the ban set",
      line: "add element inet vedette banned4 { 198.18.0.1 timeout 600s expires 599s }",
    },
    {
      what: "an element for good",
      line: "add element inet vedette banned4 { 198.18.0.1 }",
    },
    {
      what: "a rule of iptables",
      line: "insert rule ip filter INPUT ip saddr 198.18.0.1 counter packets 0 bytes 0 drop",
    },
  ])("knows $what", ({ line }) => {
    const times = new BlockTimes();
    times.read(`${line}\n`, 7);
    expect([...times.atEpochMs]).toEqual([["198.18.0.1", 7]]);
  });

  it.each([
    { what: "a hold", line: "add element inet vedette held4 { 198.18.0.1 timeout 10s }" },
    { what: "a rule that accepts", line: "add rule ip filter INPUT ip saddr 198.18.0.1 accept" },
    { what: "a chain", line: "add chain ip filter INPUT { type filter hook input priority 0; }" },
  ])("passes $what over", ({ line }) => {
    const times = new BlockTimes();
    times.read(`${line}\n`, 7);
    expect(times.atEpochMs.size).toBe(0);
  });

  it("takes the time at which a line is whole, and of two lines the first", () => {
    const times = new BlockTimes();
    times.read("add element inet vedette banned4 ", 7);
    times.read("{ 198.18.0.1 }\nadd element inet vedette banned4 { 198.18.0.1 }", 8);
    times.read("\n", 9);
    expect(times.atEpochMs.get("198.18.0.1")).toBe(8);
  });
});

/** "a1@5": a SYN of source a to port 1 after 5 ms; "a1!6": the SYN+ACK that answers it. */
function segmentsOf(trace: string): Segment[] {
  return trace.split(" ").map((word) => {
    const [, name = "", port, mark, atMs] = /^([a-z])(\d+)([@!])(\d+)$/.exec(word) ?? [];
    const isAnswer = mark === "!";
    const [theirs, ours] = [40_000, Number(port)];
    return {
      source: isAnswer ? "target" : name,
      destination: isAnswer ? name : "target",
      sourcePort: isAnswer ? ours : theirs,
      destinationPort: isAnswer ? theirs : ours,
      sequence: 0,
      acknowledgement: 0,
      flags: isAnswer ? TCP_SYN | TCP_ACK : TCP_SYN,
      seenAtEpochMs: Number(atMs),
    };
  });
}

describe("blockDelays", () => {
  const trace = segmentsOf("a1@0 b1@1 a1@2 a2@10 a2!10 b2@20 a3@30");

  it.each([
    { what: "the first port", convictsAfter: 1, delays: [50, 79] },
    { what: "the second, repeats left out", convictsAfter: 2, delays: [40, 60] },
    { what: "one that only one of them has probed", convictsAfter: 3, delays: [20] },
    { what: "more than were probed", convictsAfter: 4, delays: [] },
  ])("counts from $what", ({ convictsAfter, delays }) => {
    const blocked = new Map([
      ["a", 50],
      ["b", 80],
    ]);
    expect(blockDelays(trace, blocked, convictsAfter)).toEqual(delays);
  });

  it("has none of a source that is not blocked", () => {
    expect(blockDelays(trace, new Map([["b", 80]]), 1)).toEqual([79]);
  });

  it("is never before the probe", () => {
    expect(blockDelays(trace, new Map([["b", 19]]), 2)).toEqual([0]);
  });
});
