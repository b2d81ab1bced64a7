import { describe, expect, it } from "vitest";
import { healthChanges } from "../../src/health/changes.ts";
import type { HealthCode, HealthProblem, Severity } from "../../src/model/health.ts";

const problem = (code: HealthCode, severity: Severity, text = "It fails."): HealthProblem => ({
  code,
  severity,
  text,
  action: "Look at it.",
  sinceEpochMs: 0,
});

const A = problem("hook-failed", "warning");
const B = problem("trust-unreadable", "warning");

describe("healthChanges", () => {
  it.each([
    { what: "nothing", before: [], after: [], told: [] },
    { what: "what begins", before: [A], after: [A, B], told: ["raised trust-unreadable warning"] },
    { what: "what is over", before: [A, B], after: [B], told: ["cleared hook-failed warning"] },
    {
      what: "other words of one that goes on",
      before: [A],
      after: [problem("hook-failed", "warning", "It fails again.")],
      told: [],
    },
    {
      what: "one that is worse",
      before: [A],
      after: [problem("hook-failed", "error")],
      told: ["raised hook-failed error"],
    },
  ])("tells of $what", ({ before, after, told }) => {
    const changes = healthChanges(before, after);
    expect(
      changes.map((each) => `${each.change} ${each.problem.code} ${each.problem.severity}`),
    ).toEqual(told);
  });
});
