import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BanBudget, isWide } from "../../src/broker/ban-budget.ts";
import { prefix, RULES } from "./fakes.ts";

const MINUTE_MS = 60_000;
const claimed = {
  prefix: prefix("192.0.2.7"),
  timeoutMs: 60_000,
  evidence: "claimed",
  origin: "detector",
} as const;
const proven = { ...claimed, evidence: "proven" } as const;
const operator = { ...claimed, origin: "operator" } as const;

const budget = (claimedBansPerMinute: number, bansPerMinute: number) =>
  new BanBudget({ claimedBansPerMinute, bansPerMinute, ...RULES });

describe("BanBudget", () => {
  it("refuses the claimed ban after the last one allowed, and goes on with proven ones", () => {
    const sut = budget(1, 10);
    expect(sut.charge(claimed, 0)).toBeUndefined();
    expect(sut.charge(claimed, MINUTE_MS - 1)).toBe("over the budget of 1 claimed bans a minute");
    expect(sut.charge(proven, MINUTE_MS - 1)).toBeUndefined();
    expect(sut.charge(claimed, MINUTE_MS)).toBeUndefined();
  });

  it("does not count an operator's ban as claimed", () => {
    const sut = budget(0, 10);
    expect(sut.charge(claimed, 0)).toBeDefined();
    expect(sut.charge(operator, 0)).toBeUndefined();
  });

  it("holds all bans of detectors together to one bound", () => {
    const sut = budget(10, 2);
    expect([sut.charge(proven, 0), sut.charge(claimed, 0)]).toEqual([undefined, undefined]);
    expect(sut.charge(proven, 0)).toBe("over the budget of 2 bans a minute");
  });

  it("lets an administrator ban when detectors have used up their bound", () => {
    const sut = budget(10, 1);
    sut.charge(proven, 0);
    expect(sut.charge(proven, 0)).toBeDefined();
    expect(sut.charge(operator, 0)).toBeUndefined();
  });

  it("holds bans by hand to a bound of their own, says when there is room, and leaves detectors theirs", () => {
    const sut = budget(10, 1);
    sut.charge(operator, 0);
    expect(sut.charge(operator, 17_500)).toBe(
      "over the budget of 1 bans by hand a minute; there is room again in 43 s",
    );
    expect(sut.charge(proven, 17_500)).toBeUndefined();
    expect(sut.charge(operator, MINUTE_MS)).toBeUndefined();
  });

  it("takes nothing from one bound when another refuses", () => {
    const sut = budget(1, 2);
    sut.charge(claimed, 0);
    for (let attempt = 0; attempt < 10; attempt += 1) sut.charge(claimed, 0);
    expect(sut.charge(proven, 0)).toBeUndefined();
  });

  it("takes nothing for what its evidence does not allow", () => {
    const sut = budget(1, 10);
    expect(sut.charge({ ...claimed, timeoutMs: null }, 0)).toContain("60 s at most");
    expect(sut.charge({ ...claimed, prefix: prefix("192.0.2.0/24") }, 0)).toContain("one source");
    expect(sut.charge(claimed, 0)).toBeUndefined();
  });

  it("holds wide prefixes to eight a minute", () => {
    const sut = budget(60, 600);
    const wide = (octet: number) => ({ ...operator, prefix: prefix(`${octet}.0.0.0/8`) });
    for (let octet = 1; octet <= 8; octet += 1) expect(sut.charge(wide(octet), 0)).toBeUndefined();
    expect(sut.charge(wide(9), MINUTE_MS - 1)).toBe(
      "over the budget of 8 wide bans a minute; there is room again in 1 s",
    );
    expect(sut.charge(wide(9), MINUTE_MS)).toBeUndefined();
  });

  it("keeps its bound in every minute, whatever is asked when", () => {
    const kinds = fc.constantFrom(claimed, proven, operator);
    fc.assert(
      fc.property(
        fc.array(fc.tuple(kinds, fc.integer({ min: 0, max: 20_000 })), { maxLength: 100 }),
        (asked) => {
          const sut = budget(3, 7);
          let nowMs = 0;
          const paid: { atMs: number; isClaimed: boolean; isByHand: boolean }[] = [];
          for (const [item, pauseMs] of asked) {
            nowMs += pauseMs;
            if (sut.charge(item, nowMs) === undefined) {
              paid.push({
                atMs: nowMs,
                isClaimed: item === claimed,
                isByHand: item === operator,
              });
            }
          }
          for (const { atMs: startMs } of paid) {
            const inside = paid.filter(({ atMs }) => atMs >= startMs && atMs < startMs + MINUTE_MS);
            const byHand = inside.filter(({ isByHand }) => isByHand).length;
            expect(byHand).toBeLessThanOrEqual(7);
            expect(inside.length - byHand).toBeLessThanOrEqual(7);
            expect(inside.filter(({ isClaimed }) => isClaimed).length).toBeLessThanOrEqual(3);
          }
        },
      ),
    );
  });
});

describe("isWide", () => {
  it.each([
    { text: "192.0.2.0/24", wide: false },
    { text: "192.0.2.0/23", wide: true },
    { text: "2001:db8::/48", wide: false },
    { text: "2001:db8::/47", wide: true },
    { text: "192.0.2.7", wide: false },
    { text: "2001:db8::7", wide: false },
  ])("$text -> $wide", ({ text, wide }) => {
    expect(isWide(prefix(text))).toBe(wide);
  });
});
