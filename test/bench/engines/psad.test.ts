import { describe, expect, it } from "vitest";
import { PSAD } from "../../../bench/engines/psad.ts";
import { PEER, ports, sight } from "../sights.ts";
import { convictionsOf } from "../verdicts.ts";

const YEAR_MS = 31_536_000_000;

describe("Psad", () => {
  it.each([
    { what: "five ports", sights: ports(1, 5, 10), convicts: [`${PEER}@5000`] },
    { what: "four ports", sights: ports(1, 4, 10), convicts: [] },
    { what: "five packets to one port", sights: Array(5).fill(sight()), convicts: [] },
    {
      what: "four packets to one port and one to the next",
      sights: [...Array(4).fill(sight()), sight({ port: 2 })],
      convicts: [`${PEER}@5000`],
    },
    {
      what: "a port a year",
      sights: ports(1, 5, YEAR_MS),
      convicts: [`${PEER}@${4 * YEAR_MS + 5000}`],
    },
    { what: "UDP", sights: ports(1, 5, 10, { flags: "udp" }), convicts: [`${PEER}@5000`] },
    { what: "ACKs", sights: ports(1, 40, 10, { flags: 0x10 }), convicts: [] },
    {
      what: "what the firewall lets in",
      sights: ports(1, 40, 10, { isAllowed: true }),
      convicts: [],
    },
    { what: "answers", sights: ports(1, 40, 10, { isAnswer: true }), convicts: [] },
  ])("convicts of $what: $convicts", ({ sights, convicts }) => {
    expect(convictionsOf(PSAD, sights)).toEqual(convicts);
  });

  it("looks at the log every five seconds, and tells then", () => {
    const late = ports(1, 5, 10, { atMs: 4980 });
    // The fifth comes at 5.02 s, after the look at 5 s.
    expect(convictionsOf(PSAD, late)).toEqual([`${PEER}@10000`]);
    expect(convictionsOf(PSAD, ports(1, 5, 10, { atMs: 4950 }))).toEqual([`${PEER}@5000`]);
  });
});
