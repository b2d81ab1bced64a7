import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { describe, expect, it } from "vitest";
import {
  describeFailure,
  MAX_OUTPUT_BYTES,
  runCommand,
} from "../../../src/broker/executors/command-runner.ts";
import { waitFor } from "../../support/wait-for.ts";
import { settled } from "../fakes.ts";
import { FakeFiles } from "../trust/fake-files.ts";

const LONG_MS = 30_000;

/** How many pipes and sockets this process holds; libuv's children write to the latter. */
function openPipes(): number {
  const targets = readdirSync("/proc/self/fd").map((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`);
    } catch {
      // The one that the listing itself was read with.
      return "";
    }
  });
  return targets.filter((target) => /^(?:pipe|socket):/.test(target)).length;
}

/** Its own parent is dead, so that it may stand as a zombie until somebody reaps it. */
function isDead(pid: string): boolean {
  try {
    return /\) Z /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return true;
  }
}

describe("runCommand", () => {
  it.each([
    { line: "true", failure: undefined },
    { line: "false || true", failure: undefined },
    { line: "echo fine", failure: undefined },
    { line: "exit 1", failure: "exit status 1" },
    { line: "echo no route >&2; exit 7", failure: "exit status 7: no route" },
    { line: "echo first; echo last; exit 2", failure: "exit status 2: last" },
    { line: "/nonexistent/command", failure: /^exit status 127 \(not found\): .*not found$/ },
    { line: "/etc/passwd", failure: /^exit status 126 \(cannot be executed\)/ },
    { line: "kill -TERM $$", failure: "ended by SIGTERM" },
    { line: "kill -KILL $$", failure: "ended by SIGKILL" },
    { line: "(kill -KILL $(sh -c 'echo $PPID')); exit $?", failure: /SIGKILL/ },
    { line: "printf 'a\\033[2Jb\\377' >&2; exit 1", failure: /^exit status 1: a\?\[2Jb\?$/ },
    { line: "this is ( no shell", failure: /^exit status 2/ },
  ])("tells how `$line` ended: $failure", async ({ line, failure }) => {
    const told = describeFailure(await runCommand(line, LONG_MS));
    if (failure instanceof RegExp) expect(told).toMatch(failure);
    else expect(told).toBe(failure);
  });

  it("gives a line a clean environment, / as its folder and no input", async () => {
    process.env["VEDETTE_TEST_SECRET"] = "x";
    const outcome = await runCommand("env; pwd; cat", LONG_MS);
    delete process.env["VEDETTE_TEST_SECRET"];
    expect(outcome).toMatchObject({ status: "ended", exitStatus: 0 });
    const stdout = outcome.status === "ended" ? outcome.output.stdout : "";
    expect(stdout).toContain("PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\n");
    expect(stdout).toMatch(/\n\/\n$/);
    expect(stdout).not.toContain("VEDETTE_TEST_SECRET");
  });

  it("ends everything that a line has started when it takes too long", async () => {
    using files = new FakeFiles();
    const pidFile = files.path("pid");
    const line = `trap '' TERM; sleep 100 & echo $! > ${pidFile}; wait`;
    const outcome = await runCommand(line, 300);
    expect(outcome).toMatchObject({ status: "timed-out", afterMs: 300 });
    expect(describeFailure(outcome)).toBe("did not end within 300 ms and was killed");
    const pid = readFileSync(pidFile, "utf8").trim();
    await waitFor("the end of what was killed", 30_000, () => isDead(pid));
  });

  it("does not wait for what a line leaves in the background, nor keep its pipes", async () => {
    const startedAtMs = performance.now();
    const pipes = openPipes();
    const outcome = await runCommand("sleep 5 & echo done", LONG_MS);
    expect(outcome).toMatchObject({ status: "ended", exitStatus: 0 });
    expect(performance.now() - startedAtMs).toBeLessThan(4000);
    await settled();
    expect(openPipes()).toBe(pipes);
  });

  it("keeps the end of each output, and as much of it as is asked for", async () => {
    const line = "yes x | head -c 1000000; printf '%s' end; yes y | head -c 5000 >&2";
    const short = await runCommand(line, LONG_MS);
    const long = await runCommand(line, LONG_MS, 2_000_000);
    if (short.status !== "ended" || long.status !== "ended") throw new Error("did not end");
    expect(short.output.stdout).toHaveLength(MAX_OUTPUT_BYTES);
    expect(short.output.stdout.endsWith("x\nend")).toBe(true);
    expect(short.output.stderr).toHaveLength(MAX_OUTPUT_BYTES);
    expect(long.output.stdout).toHaveLength(1_000_003);
    expect(long.output.stderr).toHaveLength(5000);
  });

  it("says that a line with a NUL could not be started", async () => {
    const outcome = await runCommand("echo a\0b", LONG_MS);
    expect(outcome.status).toBe("not-started");
    expect(describeFailure(outcome)).toMatch(/^could not be started: /);
  });
});
