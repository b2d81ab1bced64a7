import { describe, expect, it } from "vitest";
import { isDone, type Outcome } from "../../src/model/order.ts";

describe("isDone", () => {
  it.each<{ outcome: Outcome; done: boolean }>([
    { outcome: { status: "applied" }, done: true },
    { outcome: { status: "already-applied" }, done: true },
    { outcome: { status: "refused", reason: "trusted" }, done: false },
    { outcome: { status: "failed", reason: "applied" }, done: false },
  ])("of $outcome.status is $done", ({ outcome, done }) => {
    expect(isDone(outcome)).toBe(done);
  });
});
