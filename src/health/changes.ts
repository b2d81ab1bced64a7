/** What has changed between two looks at the list of problems. Bounded by the number of codes. */
import type { HealthChange, HealthProblem } from "../model/health.ts";

/**
 * One that goes on is no change, whatever its words; one that is over and back again is none either.
 * @returns what has begun or has another severity, and then what is over.
 */
export function healthChanges(
  before: readonly HealthProblem[],
  after: readonly HealthProblem[],
): HealthChange[] {
  const severities = new Map(before.map(({ code, severity }) => [code, severity]));
  const standing = new Set(after.map(({ code }) => code));
  const raised = after.filter(({ code, severity }) => severities.get(code) !== severity);
  const cleared = before.filter(({ code }) => !standing.has(code));
  return [
    ...raised.map((problem) => ({ problem, change: "raised" }) as const),
    ...cleared.map((problem) => ({ problem, change: "cleared" }) as const),
  ];
}
