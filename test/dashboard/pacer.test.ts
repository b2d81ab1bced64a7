import { describe, expect, it } from "vitest";
import { createPacer } from "../../src/dashboard/pacer.ts";

const PAUSE_MS = 1000;

/** Time that goes on when told to; what is begun ends when told to. */
function createScene() {
  let nowMs = 0;
  const due: { act: () => void; atMs: number }[] = [];
  const begun: number[] = [];
  const ends: (() => void)[] = [];
  const timers = {
    nowMs: () => nowMs,
    later: (act: () => void, afterMs: number) => void due.push({ act, atMs: nowMs + afterMs }),
  };
  const act = () => {
    begun.push(nowMs);
    return new Promise<void>((resolve) => ends.push(resolve));
  };
  const pacer = createPacer(act, PAUSE_MS, timers);
  return {
    pacer,
    begun,
    goTo(atMs: number) {
      nowMs = atMs;
      for (const each of due.splice(0)) each.atMs <= nowMs ? each.act() : due.push(each);
    },
    async end() {
      ends.shift()?.();
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

describe("createPacer", () => {
  it("begins at once, and once however often it is wanted meanwhile", async () => {
    const { pacer, begun, goTo, end } = createScene();
    for (let count = 0; count < 100; count += 1) pacer.want();
    goTo(0);
    for (let count = 0; count < 100; count += 1) pacer.want();
    goTo(5000);
    expect(begun).toEqual([0]);
    await end();
    goTo(5000 + PAUSE_MS - 1);
    expect(begun).toEqual([0]);
    goTo(5000 + PAUSE_MS);
    expect(begun).toEqual([0, 5000 + PAUSE_MS]);
  });

  it("does nothing that nobody has wanted since it began", async () => {
    const { pacer, begun, goTo, end } = createScene();
    pacer.want();
    goTo(0);
    await end();
    goTo(60_000);
    expect(begun).toEqual([0]);
    pacer.want();
    goTo(60_000);
    expect(begun).toEqual([0, 60_000]);
  });

  it("goes on after one that failed", async () => {
    const faults: unknown[] = [];
    const due: (() => void)[] = [];
    const timers = { nowMs: () => 0, later: (act: () => void) => void due.push(act) };
    let begun = 0;
    const act = async (): Promise<void> => {
      begun += 1;
      if (begun === 1) throw new Error("a defect");
    };
    const onFault = (fault: unknown): void => void faults.push(fault);
    const pacer = createPacer(act, 0, timers);
    const others = process.listeners("unhandledRejection");
    process.removeAllListeners("unhandledRejection");
    process.on("unhandledRejection", onFault);
    try {
      for (let turn = 0; turn < 2; turn += 1) {
        pacer.want();
        due.shift()?.();
        await new Promise((resolve) => setImmediate(resolve));
      }
    } finally {
      process.removeListener("unhandledRejection", onFault);
      for (const each of others) process.on("unhandledRejection", each);
    }
    expect([begun, faults.length]).toEqual([2, 1]);
  });

  it("begins nothing after it was stopped, waiting or under way", async () => {
    const waiting = createScene();
    waiting.pacer.want();
    waiting.pacer.stop();
    waiting.goTo(60_000);
    expect(waiting.begun).toEqual([]);

    const running = createScene();
    running.pacer.want();
    running.goTo(0);
    running.pacer.want();
    running.pacer.stop();
    await running.end();
    running.goTo(60_000);
    expect(running.begun).toEqual([0]);
  });
});
