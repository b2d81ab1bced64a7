import { describe, expect, it } from "vitest";
import { AlertRunner } from "../../src/broker/alert-runner.ts";
import type { ToldAlert } from "../../src/broker/executors/alert-program.ts";
import type { CommandOutcome } from "../../src/broker/executors/command-runner.ts";
import { FakeClock, prefix } from "./fakes.ts";

const ALERT: ToldAlert = {
  kind: "convicted",
  severity: "notice",
  source: prefix("192.0.2.7"),
  body: "{}",
};

const output = { stdout: "", stderr: "" };

/** A runner whose programs end when the test says. */
function scene(path: string | undefined = "/usr/local/sbin/alert") {
  const runs: { readonly path: string; readonly end: (outcome: CommandOutcome) => void }[] = [];
  const clock = new FakeClock();
  const runner = new AlertRunner({
    path: () => path,
    isTrusted: () => false,
    timeoutMs: () => 1000,
    clock,
    run: (program) => {
      const { promise, resolve } = Promise.withResolvers<CommandOutcome>();
      runs.push({ path: program, end: resolve });
      return promise;
    },
  });
  return { runner, runs, clock };
}

describe("AlertRunner", () => {
  it("runs one at a time, and the next when that has ended", async () => {
    const { runner, runs } = scene();
    const first = runner.run(ALERT);
    expect(await runner.run(ALERT)).toEqual({
      status: "refused",
      reason: "ALERT_COMMAND runs already",
    });
    expect(runs).toHaveLength(1);
    runs[0]?.end({ status: "ended", exitStatus: 0, output });
    expect(await first).toEqual({ status: "applied" });
    const second = runner.run(ALERT);
    runs[1]?.end({ status: "ended", exitStatus: 75, output });
    expect(await second).toEqual({ status: "failed", reason: "exit status 75" });
  });

  it("is idle when what runs has ended", async () => {
    const { runner, runs } = scene();
    await runner.idle();
    const run = runner.run(ALERT);
    let isIdle = false;
    const idle = runner.idle().then(() => {
      isIdle = true;
    });
    // A turn of the loop: whatever was to be fulfilled without the program's end is.
    await new Promise((resolve) => setImmediate(resolve));
    expect(isIdle).toBe(false);
    runs[0]?.end({ status: "timed-out", afterMs: 1000, output });
    await Promise.all([run, idle]);
    expect(isIdle).toBe(true);
  });

  it("runs nothing where nothing is set", async () => {
    const clock = new FakeClock();
    const runner = new AlertRunner({
      path: () => undefined,
      isTrusted: () => false,
      timeoutMs: () => 1000,
      clock,
      run: () => Promise.reject(new Error("nothing was to be run")),
    });
    expect(await runner.run(ALERT)).toEqual({
      status: "refused",
      reason: "ALERT_COMMAND is not set",
    });
  });
});
