import { describe, expect, it } from "vitest";
import { HourCounter } from "../../src/daemon/hour-counter.ts";
import type { HourCounts } from "../../src/model/hour-counts.ts";
import type { Order } from "../../src/model/order.ts";
import { banOf } from "../conformance/journal.ts";

const HOUR_MS = 3_600_000;

function open() {
  const kept: HourCounts[] = [];
  const clock = { nowMs: 5 * HOUR_MS - 1, epochMs: () => clock.nowMs };
  const counter = new HourCounter({ keepCounts: (counts) => void kept.push(counts) }, clock);
  return { kept, clock, counter };
}

const ban = (more: Partial<Extract<Order, { act: "ban" }>> = {}): Order => ({
  act: "ban",
  ban: banOf("192.0.2.7"),
  cause: undefined,
  ...more,
});

describe("HourCounter", () => {
  it("hands on what was counted, once, as of the hour of that moment", () => {
    const { kept, clock, counter } = open();
    for (let probe = 0; probe < 3; probe += 1) counter.probe();
    counter.verdict({} as never);
    counter.hand();
    counter.probe();
    clock.nowMs += 1;
    counter.hand();
    expect(kept).toEqual([
      { hourEpochMs: 4 * HOUR_MS, probes: 3, verdicts: 1, bans: 0 },
      { hourEpochMs: 5 * HOUR_MS, probes: 1, verdicts: 0, bans: 0 },
    ]);
  });

  it("hands on an hour of nothing once, so that it is known to be one", () => {
    const { kept, clock, counter } = open();
    counter.hand();
    counter.hand();
    clock.nowMs += 1;
    counter.hand();
    expect(kept.map(({ hourEpochMs, probes }) => [hourEpochMs / HOUR_MS, probes])).toEqual([
      [4, 0],
      [5, 0],
    ]);
  });

  it("counts bans that were made, and neither longer nor refused ones nor unbans", () => {
    const { kept, counter } = open();
    counter.outcome(ban(), { status: "applied" }, []);
    counter.outcome(ban({ raisedFrom: "claimed" }), { status: "applied" }, []);
    counter.outcome(ban(), { status: "refused", reason: "trusted" }, []);
    const unban: Order = { act: "unban", prefix: banOf("192.0.2.7").prefix, by: "operator" };
    counter.outcome(unban, { status: "applied" }, []);
    counter.hand();
    expect(kept).toMatchObject([{ bans: 1 }]);
  });
});
