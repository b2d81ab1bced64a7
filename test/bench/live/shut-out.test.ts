import { describe, expect, it } from "vitest";
import { shutOutMs } from "../../../bench/live/shut-out.ts";
import { type Segment, TCP_ACK, TCP_SYN } from "../../support/pcap.ts";

const QUESTION = { scanner: "203.0.113.10", service: 80 };

/** "11@5": a SYN to port 11 after 5 ms; "80!7": that port's SYN+ACK after 7 ms. */
function segmentsOf(trace: string): Segment[] {
  return trace.split(" ").map((word) => {
    const [, port, mark, atMs] = /^(\d+)([@!])(\d+)$/.exec(word) ?? [];
    const isAnswer = mark === "!";
    const [theirs, ours] = [40_000, Number(port)];
    return {
      source: isAnswer ? "198.51.100.10" : QUESTION.scanner,
      destination: isAnswer ? QUESTION.scanner : "198.51.100.10",
      sourcePort: isAnswer ? ours : theirs,
      destinationPort: isAnswer ? theirs : ours,
      sequence: 0,
      acknowledgement: 0,
      flags: isAnswer ? TCP_SYN | TCP_ACK : TCP_SYN,
      seenAtEpochMs: Number(atMs),
    };
  });
}

describe("shutOutMs", () => {
  it.each([
    { trace: "80@0 80!0 11@1 15@2 80@3 80@1000", delayMs: 0 },
    { trace: "80@0 80!0 11@1 15@2 80@3 80!9 80@1000", delayMs: 8 },
    { trace: "80@0 80!0 11@1 11@2 15@5 80!9 80@509", delayMs: 8 },
    { trace: "80@0 11@1 80!1 80@1000", delayMs: 0 },
    { trace: "11@1 15@2 15!4 80@600", delayMs: 0 },
  ])("of $trace is $delayMs", ({ trace, delayMs }) => {
    expect(shutOutMs(segmentsOf(trace), QUESTION)).toBe(delayMs);
  });

  it.each([
    { what: "the service answers to the end", trace: "11@1 15@2 80@3 80!501 80@1000" },
    { what: "no unused port was probed", trace: "80@0 80!0 80@1000" },
  ])("is unknown where $what", ({ trace }) => {
    expect(shutOutMs(segmentsOf(trace), QUESTION)).toBeUndefined();
  });
});
