import { expect, it } from "vitest";
import { answeredQuestions } from "../../../bench/live/answered-questions.ts";
import { type Segment, TCP_ACK, TCP_SYN } from "../../support/pcap.ts";

const US = "198.51.100.10";

function segment(fields: Partial<Segment>): Segment {
  return {
    ...{ source: US, destination: US, sourcePort: 40_000, destinationPort: 40_000 },
    ...{ flags: TCP_SYN, sequence: 1, acknowledgement: 0, seenAtEpochMs: 0 },
    ...fields,
  } as Segment;
}

const asks = (source: string, destinationPort: number) => segment({ source, destinationPort });
const answers = (destination: string, sourcePort: number) =>
  segment({ destination, sourcePort, flags: TCP_SYN | TCP_ACK });

it.each([
  { what: "an answer", segments: [asks("10.0.0.1", 80), answers("10.0.0.1", 80)], count: 1 },
  {
    what: "an answer that is sent again",
    segments: [asks("10.0.0.1", 80), answers("10.0.0.1", 80), answers("10.0.0.1", 80)],
    count: 1,
  },
  {
    what: "two services, and one of another source",
    segments: [
      ...[asks("10.0.0.1", 80), answers("10.0.0.1", 80), asks("10.0.0.1", 443)],
      ...[answers("10.0.0.1", 443), asks("10.0.1.1", 80), answers("10.0.1.1", 80)],
    ],
    count: 3,
  },
  {
    what: "a challenge from an unused port",
    segments: [asks("10.0.0.1", 11), answers("10.0.0.1", 11)],
    count: 0,
  },
  {
    what: "an answer to somebody who has not asked",
    segments: [answers("10.0.0.1", 80)],
    count: 0,
  },
  { what: "a question without an answer", segments: [asks("10.0.0.1", 80)], count: 0 },
])("answeredQuestions counts $count of $what", ({ segments, count }) => {
  expect(answeredQuestions(segments, [80, 443])).toBe(count);
});
