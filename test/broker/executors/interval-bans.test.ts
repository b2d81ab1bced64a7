import { describe, expect, it } from "vitest";
import { IntervalBans } from "../../../src/broker/executors/interval-bans.ts";
import { prefix } from "../fakes.ts";

describe("IntervalBans", () => {
  it("finds a standing ban around, inside, and the same", () => {
    const bans = new IntervalBans();
    bans.add(prefix("192.0.2.0/24"), null, 0);
    for (const text of ["192.0.2.0/25", "192.0.0.0/16", "192.0.2.0/24"]) {
      expect(bans.overlapping(prefix(text), 0)).toBe("192.0.2.0/24");
    }
    expect(bans.overlapping(prefix("192.0.3.0/24"), 0)).toBeUndefined();
  });

  it("forgets a ban a second after it is over: the kernel counts later than we do", () => {
    const bans = new IntervalBans();
    bans.add(prefix("192.0.2.0/24"), 5000, 0);
    expect(bans.overlapping(prefix("192.0.2.0/25"), 5999)).toBe("192.0.2.0/24");
    expect(bans.overlapping(prefix("192.0.2.0/25"), 6000)).toBeUndefined();
    expect(bans.size).toBe(0);
  });

  it("finds a standing ban behind one that is over", () => {
    const bans = new IntervalBans();
    bans.add(prefix("192.0.2.0/25"), 1000, 0);
    bans.add(prefix("192.0.2.128/25"), null, 0);
    expect(bans.overlapping(prefix("192.0.2.0/24"), 10_000)).toBe("192.0.2.128/25");
    expect(bans.standing(10_000)).toEqual(["192.0.2.128/25"]);
  });
});
