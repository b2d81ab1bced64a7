import { describe, expect, it } from "vitest";
import { CROWDSEC } from "../../../bench/engines/crowdsec.ts";
import { PEER, ports } from "../sights.ts";
import { convictionsOf } from "../verdicts.ts";

describe("Crowdsec", () => {
  it.each([
    { what: "sixteen ports at once", sights: ports(1, 16, 0), convicts: [`${PEER}@0`] },
    { what: "fifteen ports at once", sights: ports(1, 15, 0), convicts: [] },
    {
      what: "sixteen, of which one came twice",
      sights: [...ports(1, 15, 0), ...ports(15, 15, 0)],
      convicts: [],
    },
    // After n ports at a second each, n - (n - 1) / 5 are in the bucket.
    {
      what: "nineteen ports, one a second",
      sights: ports(1, 19, 1000),
      convicts: [`${PEER}@18000`],
    },
    { what: "eighteen ports, one a second", sights: ports(1, 18, 1000), convicts: [] },
    { what: "a port every five seconds", sights: ports(1, 500, 5000), convicts: [] },
    { what: "UDP", sights: ports(1, 40, 0, { flags: "udp" }), convicts: [] },
    { what: "ACKs", sights: ports(1, 16, 0, { flags: 0x10 }), convicts: [`${PEER}@0`] },
    {
      what: "what the firewall lets in",
      sights: ports(1, 40, 0, { isAllowed: true }),
      convicts: [],
    },
    { what: "answers", sights: ports(1, 40, 0, { isAnswer: true }), convicts: [] },
    {
      what: "fifteen, a pause of 75 s, and the same fifteen and one",
      sights: [...ports(1, 15, 0), ...ports(1, 16, 0, { atMs: 75_000 })],
      convicts: [],
    },
    {
      what: "fifteen, a pause of 75.001 s, and the same fifteen and one",
      sights: [...ports(1, 15, 0), ...ports(1, 16, 0, { atMs: 75_001 })],
      convicts: [`${PEER}@75001`],
    },
    {
      what: "two scans with 59.999 s between",
      sights: [...ports(1, 16, 0), ...ports(1, 16, 0, { atMs: 59_999 })],
      convicts: [`${PEER}@0`],
    },
    {
      what: "two scans with a minute between",
      sights: [...ports(1, 16, 0), ...ports(1, 16, 0, { atMs: 60_000 })],
      convicts: [`${PEER}@0`, `${PEER}@60000`],
    },
  ])("convicts of $what: $convicts", ({ sights, convicts }) => {
    expect(convictionsOf(CROWDSEC, sights)).toEqual(convicts);
  });
});
