import { describe, expect, it } from "vitest";
import { MAX_BATCH, type ScanRecord } from "../../src/broker/protocol.ts";
import { GATHER_MS, HistoryRecorder } from "../../src/daemon/history-recorder.ts";
import { OperationalError } from "../../src/errors.ts";
import { scanOf } from "./dialects/scans.ts";

function open(fails = false) {
  const batches: (readonly ScanRecord[])[] = [];
  const timers: { delayMs: number; run: () => void }[] = [];
  const recorder = new HistoryRecorder({
    record: async (records) => {
      batches.push(records);
      if (fails) throw new OperationalError("ERR_BROKER", "the broker is gone");
      return [];
    },
    results: new Set(["blocked", "watched"]),
    startTimer: (delayMs, run) => timers.push({ delayMs, run }),
  });
  const sizes = () => batches.map(({ length }) => length);
  return { recorder, batches, timers, sizes };
}

const blocked = { status: "blocked" } as const;

describe("HistoryRecorder", () => {
  it("hands on the first at once, with its result and without its mode", () => {
    const { recorder, batches } = open();
    recorder.take(scanOf(), blocked);
    const { mode: _mode, ...fields } = scanOf();
    expect(batches).toEqual([[{ ...fields, result: "blocked" }]]);
  });

  it("gathers what comes next, and hands it on after the pause", () => {
    const { recorder, timers, sizes } = open();
    for (let count = 0; count < 4; count += 1) recorder.take(scanOf(), blocked);
    expect(sizes()).toEqual([1]);
    expect(timers.map(({ delayMs }) => delayMs)).toEqual([GATHER_MS]);
    timers[0]?.run();
    expect(sizes()).toEqual([1, 3]);
    timers[1]?.run();
    recorder.take(scanOf(), blocked);
    expect(sizes()).toEqual([1, 3, 1]);
  });

  it(`leaves out what is beyond ${MAX_BATCH} in a pause`, () => {
    const { recorder, timers, sizes } = open();
    for (let count = 0; count < MAX_BATCH + 3; count += 1) recorder.take(scanOf(), blocked);
    timers[0]?.run();
    expect(sizes()).toEqual([1, MAX_BATCH]);
  });

  it("takes what the form of the file tells, and nothing of who is ignored", () => {
    const { recorder, sizes } = open();
    recorder.take(scanOf(), { status: "below-trigger" });
    recorder.take(scanOf(), { status: "ignored", ignoreFile: undefined });
    expect(sizes()).toEqual([]);
    recorder.take(scanOf(), { status: "watched" });
    expect(sizes()).toEqual([1]);
  });

  it("hands on what waits when it is to settle", async () => {
    const { recorder, sizes } = open();
    for (let count = 0; count < 3; count += 1) recorder.take(scanOf(), blocked);
    await recorder.settled();
    expect(sizes()).toEqual([1, 2]);
  });

  it("goes on when the broker is gone", async () => {
    const { recorder, timers, sizes } = open(true);
    recorder.take(scanOf(), blocked);
    await recorder.settled();
    timers[0]?.run();
    recorder.take(scanOf(), blocked);
    await recorder.settled();
    expect(sizes()).toEqual([1, 1]);
  });
});
