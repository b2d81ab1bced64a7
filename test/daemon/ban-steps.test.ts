import { describe, expect, it } from "vitest";
import type { Settings } from "../../src/config/schema.ts";
import { banLimitsOf, banStepsOf } from "../../src/daemon/ban-steps.ts";

const TIMES = {
  BAN_TIME_CLAIMED: [30_000, 300_000],
  BAN_TIME_ALIVE: [600_000, 3_600_000],
  BAN_TIME_PROVEN: [],
};

const valuesOf = (PROOF: Settings["PROOF"], times: Partial<typeof TIMES> = {}) => ({
  PROOF,
  ...TIMES,
  ...times,
});

describe("banStepsOf", () => {
  it("takes the keys as they are with PROOF none", () => {
    expect(banStepsOf(valuesOf("none"))).toEqual({
      claimed: [30_000, 300_000],
      alive: [600_000, 3_600_000],
      proven: [],
    });
  });

  it("bans nobody who is claimed for more than a minute with PROOF alive", () => {
    expect(banStepsOf(valuesOf("alive")).claimed).toEqual([30_000, 60_000]);
    expect(banStepsOf(valuesOf("alive", { BAN_TIME_CLAIMED: [] })).claimed).toEqual([60_000]);
    expect(banStepsOf(valuesOf("alive")).alive).toEqual([600_000, 3_600_000]);
  });

  it("bans the proven alone with PROOF handshake", () => {
    expect(banStepsOf(valuesOf("handshake"))).toEqual({
      claimed: undefined,
      alive: undefined,
      proven: [],
    });
  });
});

describe("banLimitsOf", () => {
  it.each<{ proof: Settings["PROOF"]; claimed: unknown; alive: unknown }>([
    { proof: "none", claimed: 300_000, alive: 3_600_000 },
    { proof: "alive", claimed: 60_000, alive: 3_600_000 },
    { proof: "handshake", claimed: "none", alive: "none" },
  ])("is the longest step with PROOF $proof", ({ proof, claimed, alive }) => {
    expect(banLimitsOf(valuesOf(proof))).toEqual({ claimed, alive, proven: "for-good" });
  });
});
