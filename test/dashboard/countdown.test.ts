import { describe, expect, it } from "vitest";
import { isOver, knownBan, leftSeconds } from "../../src/dashboard/countdown.ts";
import { BAN } from "../api/fake-operator.ts";

describe("a ban", () => {
  it("counts the guard's seconds by the browser's clock, whatever that shows", () => {
    const known = knownBan({ ...BAN, remaining_seconds: 60 }, 1_000_000);
    expect(known.wholeSeconds).toBe(3600);
    expect(leftSeconds(known, 1_000_000)).toBe(60);
    expect(leftSeconds(known, 1_059_000)).toBe(1);
    expect(leftSeconds(known, 1_061_000)).toBe(0);
  });

  it("is over at its end, and not before", () => {
    const known = knownBan({ ...BAN, remaining_seconds: 60 }, 0);
    expect(isOver(known, 59_999)).toBe(false);
    expect(isOver(known, 60_000)).toBe(true);
  });

  it("for good never ends", () => {
    const known = knownBan({ ...BAN, until: null, remaining_seconds: null }, 0);
    expect(leftSeconds(known, Number.MAX_SAFE_INTEGER)).toBeNull();
    expect(isOver(known, Number.MAX_SAFE_INTEGER)).toBe(false);
    expect(known.wholeSeconds).toBeNull();
  });
});
