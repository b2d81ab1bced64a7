import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { type DaemonWays, launchRequest } from "../../../src/cli/portsentry/launch-request.ts";
import { runPortsentryCommandLine } from "../../../src/cli/portsentry/program.ts";
import type { PortsentryRequest } from "../../../src/cli/portsentry/request.ts";
import type { SharedGuardOptions } from "../../../src/daemon/shared-guard.ts";
import { OperationalError } from "../../../src/errors.ts";
import { createFakeContext } from "../fake-context.ts";

const SAMPLE = new URL("../../config/samples/2.x/portsentry.conf", import.meta.url).pathname;
const directory = mkdtempSync(join(tmpdir(), "vedette-portsentry-bin-"));
afterAll(() => rmSync(directory, { recursive: true }));

async function run(line: string, act: (request: PortsentryRequest) => Promise<number>) {
  const context = createFakeContext();
  const status = await runPortsentryCommandLine(line.split(" "), context, act);
  return { status, out: context.printed(), err: context.printedErrors() };
}

const nothing = async () => {
  throw new Error("nothing was to be run");
};

describe("runPortsentryCommandLine", () => {
  it("hands the request on, and exits as it was done", async () => {
    const requests: PortsentryRequest[] = [];
    const act = async (request: PortsentryRequest) => {
      requests.push(request);
      return 7;
    };
    expect(await run("-audp -c my.conf", act)).toEqual({ status: 7, out: "", err: "" });
    expect(requests).toMatchObject([
      { udpMode: "audp", configPath: join(process.cwd(), "my.conf") },
    ]);
  });

  it.each([
    { line: "-tcp -udp", status: 255, out: /^Portsentry.*\n\nusage: /s, err: /^$/ },
    { line: "--connect --stealth", status: 1, out: /^$/, err: /^portsentry: only one mode .*\n$/ },
    { line: "-\u001b[2J", status: 1, out: /^$/, err: /^portsentry: unknown option -\\x1b; .*\n$/ },
    { line: "--help", status: 0, out: /\n {2}-D, --daemon /, err: /^$/ },
    { line: "-V", status: 0, out: /^Portsentry, .*\n$/, err: /^$/ },
  ])("answers $line itself and exits $status", async ({ line, status, out, err }) => {
    expect(await run(line, nothing)).toEqual({
      status,
      out: expect.stringMatching(out),
      err: expect.stringMatching(err),
    });
  });

  it("ends as vedette does when what is asked cannot be done", async () => {
    const act = async () => {
      throw new OperationalError("ERR_CONFIG_INVALID", "the configuration is invalid:\na: b");
    };
    expect(await run("-tcp", act)).toEqual({
      status: 78,
      out: "",
      err: "portsentry: the configuration is invalid:\na: b\n",
    });
  });

  it("does not catch a bug", async () => {
    await expect(run("-tcp", nothing)).rejects.toThrow("nothing was to be run");
  });
});

describe("launchRequest", () => {
  const launched: SharedGuardOptions[] = [];
  const launch = async (options: SharedGuardOptions) => {
    launched.push(options);
    return 0;
  };

  it("runs a guard in the foreground on PortSentry's file", async () => {
    const context = createFakeContext({
      env: { VEDETTE_RUN_DIR: "/run/a", VEDETTE_STATE_DIR: "/b" },
    });
    const line = ["--stealth", "-c", SAMPLE];
    const act = (request: PortsentryRequest) => launchRequest(request, context, launch);
    expect(await runPortsentryCommandLine(line, context, act)).toBe(0);
    expect(launched).toMatchObject([
      { runDirectory: "/run/a", stateDirectory: "/b", onStop: undefined, watchOnly: false },
    ]);
    expect(launched[0]?.configuration).toMatchObject({ path: SAMPLE, profile: "portsentry" });
  });

  it("says that -L changes nothing, and goes on", async () => {
    const context = createFakeContext();
    const act = (request: PortsentryRequest) => launchRequest(request, context, launch);
    const line = ["--stealth", "-L", "-i", "any", "-c", SAMPLE];
    expect(await runPortsentryCommandLine(line, context, act)).toBe(0);
    expect(context.printedErrors()).toContain("-L changes nothing");
    expect(launched.at(-1)?.configuration.values).toMatchObject({
      SENSE_LOOPBACK: true,
      INTERFACES: [],
    });
  });

  /** Ways that only tell what they were asked. */
  function fakeWays(isDetached: boolean, told: string[]): DaemonWays {
    return {
      isDetached: () => isDetached,
      detach: async (writeError) => {
        writeError("said by the daemon\n");
        return 78;
      },
      becomeDaemon: (title) => void told.push(title),
      reportReady: () => void told.push("ready"),
    };
  }

  it("ends as the daemon's start has ended, with its words, and launches nothing itself", async () => {
    launched.length = 0;
    const context = createFakeContext();
    const act = (request: PortsentryRequest) =>
      launchRequest(request, context, launch, fakeWays(false, []));
    const line = ["--stealth", "-D", "-c", "/there/is/no/portsentry.conf"];
    expect(await runPortsentryCommandLine(line, context, act)).toBe(78);
    expect(context.printedErrors()).toBe("said by the daemon\n");
    expect(launched).toEqual([]);
  });

  it.each([
    { line: "-stcp", title: "/usr/sbin/portsentry -stcp", pidFile: "portsentry-stcp.pid" },
    { line: "-sudp", title: "/usr/sbin/portsentry -sudp", pidFile: "portsentry-sudp.pid" },
    { line: "-D", title: "/usr/sbin/portsentry -D", pidFile: "portsentry.pid" },
  ])("as the daemon of $line reports once it is ready, and leaves its pid", async (given) => {
    const told: string[] = [];
    const context = createFakeContext({ env: { VEDETTE_RUN_DIR: directory } });
    const pidPath = join(directory, given.pidFile);
    const launchReady = async ({ onReady }: SharedGuardOptions) => {
      expect(told).toEqual([given.title]);
      onReady?.();
      expect(readFileSync(pidPath, "utf8")).toBe(`${process.pid}\n`);
      return 0;
    };
    const act = (request: PortsentryRequest) =>
      launchRequest(request, context, launchReady, fakeWays(true, told));
    const line = [given.line, "-c", SAMPLE];
    expect(await runPortsentryCommandLine(line, context, act)).toBe(0);
    expect(told).toEqual([given.title, "ready"]);
    expect(existsSync(pidPath)).toBe(false);
  });
});

describe("bin/portsentry", () => {
  const start = (program: string, args: readonly string[]) =>
    new Promise<{ status: unknown; out: string; err: string }>((resolve) => {
      execFile(program, args, (error, out, err) => resolve({ status: error?.code ?? 0, out, err }));
    });

  it.each([
    { name: "portsentry", args: ["-tcp", "-udp"], status: 255, said: "usage: portsentry [-tcp" },
    {
      name: "portsentry-add-ip",
      args: ["a  b*"],
      status: 255,
      said: "portsentry-add-ip: a  b* is",
    },
    { name: "portsentry-rm-ip", args: [], status: 255, said: "usage: portsentry-rm-ip" },
  ])("$name runs through a symlink, with its words as they are", async (given) => {
    const program = join(import.meta.dirname, "../../../bin", given.name);
    symlinkSync(program, join(directory, given.name));
    const { status, out, err } = await start(join(directory, given.name), given.args);
    expect(status).toBe(given.status);
    expect(out + err).toContain(given.said);
  });
});
