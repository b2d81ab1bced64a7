import { describe, expect, it } from "vitest";
import { nearestName } from "../../src/config/nearest-name.ts";
import { KEY_NAMES } from "../../src/config/schema.ts";

describe("nearestName", () => {
  it.each([
    { name: "HOLD_TIMES", nearest: "HOLD_TIME" },
    { name: "HOLDTIME", nearest: "HOLD_TIME" },
    { name: "HODL_TIME", nearest: "HOLD_TIME" },
    { name: "hold_time", nearest: "HOLD_TIME" },
    { name: "SCAN_TRIGER", nearest: "SCAN_TRIGGER" },
    { name: "TPC_MODE", nearest: "TCP_MODE" },
    { name: "MAILTO_ROOT", nearest: undefined },
    { name: "X", nearest: undefined },
    { name: "HOLD_TIME".repeat(20), nearest: undefined },
  ])("proposes $nearest for $name", ({ name, nearest }) => {
    expect(nearestName(name, KEY_NAMES)).toBe(nearest);
  });

  it.each([
    { name: "abcdefgh", slips: "three letters changed", nearest: "xyzdefgh" },
    { name: "abcdefgh", slips: "four letters changed", nearest: undefined },
  ])("allows three slips and not four: $slips", ({ name, nearest }) => {
    expect(nearestName(name, [nearest ?? "wxyzefgh"])).toBe(nearest);
  });

  it("allows half of a short name to be wrong and not more", () => {
    expect(nearestName("ABCD", ["ABXY"])).toBe("ABXY");
    expect(nearestName("ABCD", ["AXYZ"])).toBeUndefined();
  });

  it("counts two swapped letters as one slip", () => {
    expect(nearestName("BA", ["AB"])).toBe("AB");
  });
});
