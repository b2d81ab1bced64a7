import { describe, expect, it } from "vitest";
import { byUrgency, overallOf } from "../../../../src/dashboard/pages/health/overall.ts";

type Severity = "error" | "warning" | "notice";

const problem = (code: string, severity: Severity, since: string) => ({
  code,
  severity,
  text: "",
  action: "",
  since,
});
const LOST = problem("probes-lost", "warning", "2026-11-23T10:00:00Z");
const FULL = problem("set-full", "warning", "2026-11-23T12:00:00Z");
const GONE = problem("no-guard", "error", "2026-11-23T09:00:00Z");
const USER = problem("no-user", "notice", "2026-11-23T13:00:00Z");

describe("how the guard is", () => {
  it("lists the worst first, and of those the latest", () => {
    const problems = [USER, LOST, GONE, FULL];
    expect(byUrgency(problems)).toEqual([GONE, FULL, LOST, USER]);
    expect(problems[0]).toBe(USER);
  });

  it.each([
    { state: "guarding", health: [], tone: "green", title: "All is well" },
    { state: "watching", health: [], tone: "green", title: "All is well" },
    { state: "stopping", health: [], tone: "slate", title: "Not guarding" },
    { state: "guarding", health: [USER], tone: "slate", title: "One notice" },
    { state: "guarding", health: [USER, LOST], tone: "amber", title: "One warning" },
    { state: "guarding", health: [LOST, FULL], tone: "amber", title: "2 warnings" },
    { state: "guarding", health: [LOST, GONE, FULL], tone: "red", title: "One error" },
  ] as const)("is $tone, $title, when $state with $health.length problems", (given) => {
    const { state, health, tone, title } = given;
    expect(overallOf({ state, health: [...health] })).toEqual({ tone, title });
  });
});
