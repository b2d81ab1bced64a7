import { describe, expect, it } from "vitest";
import { type LossCounts, LossWatch, QUIET_MS } from "../../src/daemon/losses.ts";
import { HealthTracker } from "../../src/health/tracker.ts";
import { FakeClock } from "../support/fake-clock.ts";

const NONE: LossCounts = {
  ...{ lost: 0, unlogged: 0, full: 0, overBudget: 0, journalFailures: 0, untold: 0, refused: 0 },
};

function makeWatch() {
  const clock = new FakeClock();
  const health = new HealthTracker(() => clock.epochMs());
  const watch = new LossWatch(clock, health);
  watch.observe(NONE);
  return { clock, health, watch, codes: () => health.list().map(({ code }) => code) };
}

describe("LossWatch", () => {
  it("says nothing while nothing is lost", () => {
    const { watch, codes } = makeWatch();
    watch.observe(NONE);
    expect(codes()).toEqual([]);
  });

  it.each([
    { name: "lost", code: "probes-lost" },
    { name: "unlogged", code: "probes-unlogged" },
    { name: "full", code: "hold-set-full" },
    { name: "overBudget", code: "ban-budget" },
    { name: "journalFailures", code: "journal-failed" },
    { name: "refused", code: "answers-refused" },
  ])("raises $code when $name grows", ({ name, code }) => {
    const { watch, codes } = makeWatch();
    watch.observe({ ...NONE, [name]: 1 });
    expect(codes()).toEqual([code]);
  });

  it.each([
    { name: "journalFailures", one: "1 write to", many: "1,200 writes to" },
    { name: "lost", one: "1 probe was lost", many: "1,200 probes were lost" },
    { name: "untold", one: "1 change is not", many: "1,200 changes are not" },
  ])("says $one, and $many", ({ name, one, many }) => {
    const { health, watch } = makeWatch();
    for (const [count, text] of [
      [1, one],
      [1200, many],
    ] as const) {
      watch.observe({ ...NONE, [name]: count });
      expect(health.list()[0]?.text).toContain(text);
    }
  });

  it("takes a problem back when its count has rested long enough, and not before", () => {
    const { clock, watch, codes } = makeWatch();
    watch.observe({ ...NONE, full: 7 });
    clock.advance(QUIET_MS - 1);
    watch.observe({ ...NONE, full: 7 });
    expect(codes()).toEqual(["hold-set-full"]);
    clock.advance(1);
    watch.observe({ ...NONE, full: 7 });
    expect(codes()).toEqual([]);
  });

  it("counts the rest from the last growth", () => {
    const { clock, watch, codes } = makeWatch();
    watch.observe({ ...NONE, full: 7 });
    clock.advance(QUIET_MS - 1);
    watch.observe({ ...NONE, full: 8 });
    clock.advance(QUIET_MS - 1);
    watch.observe({ ...NONE, full: 8 });
    expect(codes()).toEqual(["hold-set-full"]);
  });

  it("takes what the kernel has counted before this guard for what was", () => {
    const clock = new FakeClock();
    const health = new HealthTracker(() => clock.epochMs());
    const watch = new LossWatch(clock, health);
    watch.observe({ ...NONE, full: 7, unlogged: 9 });
    expect(health.list()).toEqual([]);
    watch.observe({ ...NONE, full: 8, unlogged: 9 });
    expect(health.list().map(({ code }) => code)).toEqual(["hold-set-full"]);
  });

  it("sees growth after the kernel's counters have begun anew", () => {
    const { clock, watch, codes } = makeWatch();
    watch.observe({ ...NONE, full: 7 });
    clock.advance(QUIET_MS);
    watch.observe({ ...NONE, full: 7 });
    watch.observe(NONE);
    watch.observe({ ...NONE, full: 1 });
    expect(codes()).toEqual(["hold-set-full"]);
  });
});
