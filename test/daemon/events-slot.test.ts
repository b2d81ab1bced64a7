import { expect, it } from "vitest";
import { EventsSlot } from "../../src/daemon/events-slot.ts";
import { VedetteEvents } from "../../src/daemon/vedette-events.ts";
import { createLogger } from "../../src/logger.ts";
import type { HealthProblem } from "../../src/model/health.ts";
import { FakeClock } from "../support/fake-clock.ts";

const PROBLEM: HealthProblem = {
  code: "hook-failed",
  severity: "warning",
  text: "A hook failed.",
  action: "Look at it.",
  sinceEpochMs: 0,
};

it("EventsSlot tells listeners of all problems, and the log of the guard's own", () => {
  const clock = new FakeClock();
  const lines: string[] = [];
  const logger = createLogger("text", clock, (line) => lines.push(line));
  const slot = new EventsSlot(new VedetteEvents({ logger, clock, tells: "stories" }));
  const heard: string[] = [];
  slot.listen({ health: ({ code }, change) => heard.push(`${change} ${code}`) });
  slot.brokerHealth(PROBLEM, "raised");
  expect(lines).toEqual([]);
  slot.health({ ...PROBLEM, code: "probes-lost" }, "raised");
  expect(lines).toHaveLength(1);
  expect(heard).toEqual(["raised hook-failed", "raised probes-lost"]);
});
