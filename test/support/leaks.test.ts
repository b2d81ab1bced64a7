/** The leak counter is an oracle, so it is tested itself: both sides of "has shown itself". */
import { describe, expect, it } from "vitest";
import { countLeaks } from "./leaks.ts";
import { type Segment, TCP_ACK, TCP_SYN } from "./pcap.ts";

const SCANNER = "203.0.113.2";
const TARGET = "198.51.100.10";
const SERVED = new Set([22, 80]);

/**
 * A trace is "80 80! 81 81?": a SYN to a port, with "!" the SYN+ACK that answers it, and with "?" one
 * that acknowledges something else.
 */
function parseTrace(trace: string): Segment[] {
  return trace.split(" ").map((step) => {
    const port = Number(step.replace(/[!?]/, ""));
    const common = { acknowledgement: 0, sequence: 0, seenAtEpochMs: 0 };
    return /[!?]$/.test(step)
      ? {
          ...common,
          source: TARGET,
          destination: SCANNER,
          sourcePort: port,
          destinationPort: 40_000,
          acknowledgement: step.endsWith("?") ? 77_777 : port + 1,
          flags: TCP_SYN | TCP_ACK,
        }
      : {
          ...common,
          source: SCANNER,
          destination: TARGET,
          sourcePort: 40_000,
          destinationPort: port,
          sequence: port,
          flags: TCP_SYN,
        };
  });
}

describe("countLeaks", () => {
  it.each([
    { what: "a service asked before any unused port", trace: "80 80! 1 2", leaked: [] },
    { what: "a service asked after one unused port", trace: "1 80 80! 2", leaked: [] },
    { what: "a service asked after two unused ports", trace: "1 2 80 80!", leaked: [80] },
    { what: "a service asked after one unused port twice", trace: "1 1 80 80!", leaked: [] },
    { what: "a service asked after one trap port", trace: "23 80 80!", leaked: [80] },
    { what: "a service asked after two ports of mail", trace: "993 143 80 80!", leaked: [] },
    { what: "a service asked after mail and another", trace: "993 1 80 80!", leaked: [80] },
    { what: "a port that is not watched and one unused", trace: "113 1 80 80!", leaked: [] },
    { what: "an early SYN that is answered late", trace: "80 1 2 80!", leaked: [] },
    { what: "a late SYN without an answer", trace: "1 2 80", leaked: [] },
    { what: "a late SYN that is challenged", trace: "1 2 80 80?", leaked: [] },
  ])("$what ($trace) -> leaked $leaked", ({ trace, leaked }) => {
    const count = countLeaks(parseTrace(trace), { scanner: SCANNER, served: SERVED });
    expect(count.leaked).toEqual(leaked);
  });

  it("counts every SYN and every answer of the scanner", () => {
    const segments = parseTrace("80 80! 80! 1 1? 2 2? 22 22!");
    const count = countLeaks(segments, { scanner: SCANNER, served: SERVED });
    expect(count).toMatchObject({ syns: 4, synAcks: 3, answered: [22, 80] });
  });
});
