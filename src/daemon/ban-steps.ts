/**
 * How long bans last by their evidence, as PROOF and the BAN_TIME keys say together.
 *
 * One reading for both processes: the guard's policy takes the steps, the broker refuses what is
 * longer than any of them.
 */
import type { BanLimits } from "../broker/evidence-rules.ts";
import type { Settings } from "../config/schema.ts";
import { EVIDENCE_LEVELS } from "../model/evidence.ts";
import type { BanSteps } from "../policy/escalation.ts";
import { LONGEST_CLAIMED_MS } from "../policy/options.ts";

/** The keys that say how long bans last. */
type BanTimes = Pick<Settings, "PROOF" | "BAN_TIME_CLAIMED" | "BAN_TIME_ALIVE" | "BAN_TIME_PROVEN">;

/** @returns what a verdict leads to by its evidence. */
export function banStepsOf(values: BanTimes): BanSteps {
  const { PROOF, BAN_TIME_CLAIMED, BAN_TIME_ALIVE, BAN_TIME_PROVEN: proven } = values;
  switch (PROOF) {
    case "none":
      return { claimed: BAN_TIME_CLAIMED, alive: BAN_TIME_ALIVE, proven };
    case "alive":
      return { claimed: aMinuteAtMost(BAN_TIME_CLAIMED), alive: BAN_TIME_ALIVE, proven };
    case "handshake":
      return { claimed: undefined, alive: undefined, proven };
  }
}

/** @returns the longest ban that the guard may ask for in a detector's name. */
export function banLimitsOf(values: BanTimes): BanLimits {
  const steps = banStepsOf(values);
  const limits = EVIDENCE_LEVELS.map((evidence) => {
    const stepsMs = steps[evidence];
    if (stepsMs === undefined) return [evidence, "none"];
    return [evidence, stepsMs.length === 0 ? "for-good" : Math.max(...stepsMs)];
  });
  return Object.fromEntries(limits) as BanLimits;
}

function aMinuteAtMost(stepsMs: readonly number[]): readonly number[] {
  if (stepsMs.length === 0) return [LONGEST_CLAIMED_MS];
  return stepsMs.map((stepMs) => Math.min(stepMs, LONGEST_CLAIMED_MS));
}
