import { describe, expect, it } from "vitest";
import { countHeld, MAX_COUNTED, readCounters } from "../../../src/broker/executors/measure.ts";
import { FakeNft } from "../fakes.ts";

describe("countHeld", () => {
  it("counts the elements of both sets", () => {
    const nft = new FakeNft();
    expect(countHeld(nft)).toBe(0);
    nft.run("add element inet vedette held4 { 192.0.2.7, 192.0.2.8 }");
    nft.run("add element inet vedette held6 { 2001:db8:: }");
    expect(countHeld(nft)).toBe(3);
  });

  it("counts no further than is worth the time", () => {
    const counted = {
      counters: () => undefined,
      countElements: (_: string, limit: number) => limit,
    };
    expect(countHeld(counted)).toBe(2 * MAX_COUNTED);
  });
});

describe("readCounters", () => {
  it("gives the kernel's names ours, and 0 to what is not there", () => {
    const nft = new FakeNft();
    nft.packets = { holds: 1, refused: 2, shut_out: 3, trusted: 4, full: 5 };
    expect(readCounters(nft)).toEqual({
      holds: 1,
      refused: 2,
      shutOut: 3,
      trusted: 4,
      full: 5,
      unlogged: 0,
    });
  });

  it("gives zeros while there is no table", () => {
    const nft = new FakeNft();
    nft.isTableGone = true;
    expect(readCounters(nft)).toMatchObject({ holds: 0, full: 0 });
  });
});
