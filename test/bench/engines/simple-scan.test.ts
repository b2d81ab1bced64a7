import { describe, expect, it } from "vitest";
import { SIMPLE_SCAN } from "../../../bench/engines/simple-scan.ts";
import { PEER, ports, sight } from "../sights.ts";
import { convictionsOf } from "../verdicts.ts";

const RST_ACK = 0x14;
const SYN_ACK = 0x12;

/** SYNs to ports 1 to `count`, each answered at once with these flags. */
const answered = (count: number, gapMs: number, flags: number) =>
  ports(1, count, gapMs).flatMap((syn, index) => [
    syn,
    sight({ direction: "out", port: index + 1, flags, atMs: index * gapMs }),
  ]);

const addresses = (count: number) =>
  Array.from({ length: count }, (_, index) => sight({ ours: `198.51.100.${index}`, port: 445 }));

describe("SimpleScan", () => {
  it.each([
    { what: "25 refusals", sights: answered(25, 10, RST_ACK), convicts: [`${PEER}@240`] },
    { what: "24 refusals", sights: answered(24, 10, RST_ACK), convicts: [] },
    { what: "25 without an answer", sights: ports(1, 25, 10), convicts: [`${PEER}@5240`] },
    { what: "24 without an answer", sights: ports(1, 24, 10), convicts: [] },
    { what: "25 accepted", sights: answered(25, 10, SYN_ACK), convicts: [] },
    { what: "25 of UDP", sights: ports(1, 25, 10, { flags: "udp" }), convicts: [] },
    { what: "25 FINs", sights: ports(1, 25, 10, { flags: 0x01 }), convicts: [] },
    { what: "25 SYN and ACK", sights: ports(1, 25, 10, { flags: SYN_ACK }), convicts: [] },
    { what: "20 addresses on a port", sights: addresses(20), convicts: [`${PEER}@5000`] },
    { what: "19 addresses on a port", sights: addresses(19), convicts: [] },
    {
      what: "pauses of fifteen minutes",
      sights: answered(25, 900_000, RST_ACK),
      convicts: [`${PEER}@${24 * 900_000}`],
    },
    { what: "longer pauses", sights: answered(60, 900_001, RST_ACK), convicts: [] },
  ])("convicts of $what: $convicts", ({ sights, convicts }) => {
    expect(convictionsOf(SIMPLE_SCAN, sights)).toEqual(convicts);
  });

  it("says nothing again of a scanner for an hour", () => {
    const again = (atMs: number) => [
      ...answered(25, 0, RST_ACK),
      ...ports(1, 25, 0, { atMs: atMs - 5000 }),
    ];
    expect(convictionsOf(SIMPLE_SCAN, again(3_599_999))).toEqual([`${PEER}@0`]);
    expect(convictionsOf(SIMPLE_SCAN, again(3_600_000))).toEqual([`${PEER}@0`, `${PEER}@3600000`]);
  });
});
