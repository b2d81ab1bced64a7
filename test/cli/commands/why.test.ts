import { expect, it } from "vitest";
import { formatWhy } from "../../../src/cli/commands/why.ts";
import type { CliContext } from "../../../src/cli/context.ts";
import { WHY } from "../../api/fake-operator.ts";

const context = { timeZone: "UTC" } as CliContext;

it("names the one source that evidence and verdict are about, when asked about a prefix", () => {
  const [verdict] = WHY.history;
  const [latest] = WHY.campaigns;
  if (verdict === undefined || latest === undefined) throw new Error("the fake has no story");
  const other = { ...verdict, id: 99, address: "192.0.2.200" };
  const campaigns = [{ ...latest, address: "192.0.2.7" }];
  const history = [other, { ...verdict, address: "192.0.2.7" }];
  const told = formatWhy({ ...WHY, address: "192.0.2.0/24", campaigns, history }, context);
  expect(told).toContain("How sure it is who sent the latest of 192.0.2.7:");
  expect(told).toContain("How the latest verdict of 192.0.2.7 was reached:");
  const alone = formatWhy({ ...WHY, campaigns, history }, context);
  expect(alone).toContain("How sure it is who sent the latest:");
  expect(alone).toContain("How the latest verdict was reached:");
});

it("says when it was first seen, below the answer, and nothing of whom nobody has seen", () => {
  const [, second] = formatWhy(WHY, context).split("\n");
  expect(second).toBe("First seen: 2026-11-21 08:00:00");
  expect(formatWhy({ ...WHY, first_seen: null }, context)).not.toContain("First seen");
});
