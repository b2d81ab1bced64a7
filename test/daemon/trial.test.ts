import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { candidatePathOf, leaveCandidate } from "../../src/config/candidate.ts";
import { type Configuration, requireConfiguration } from "../../src/config/load.ts";
import { Trial } from "../../src/daemon/trial.ts";
import type { ReloadOutcome } from "../../src/model/reload.ts";

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "vedette-trial-"));
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
  rmSync(directory, { recursive: true });
});

const OUTCOME: ReloadOutcome = {
  status: "reloaded",
  configRevision: "0123456789ab",
  changed: ["HOLD_TIME"],
  faults: [],
  warnings: [],
  guard: "kept",
  memory: "kept",
};

/** A trial over a reloader that remembers what it was asked. */
function scene() {
  const path = join(directory, "vedette.conf");
  writeFileSync(path, 'HOLD_TIME="10s"\n');
  const former = requireConfiguration({ path });
  const calls: string[] = [];
  const changes: (number | undefined)[] = [];
  const told: ReloadOutcome[] = [];
  const lines: string[] = [];
  const names: string[] = [];
  const reloader = {
    configuration: former as Configuration,
    isClosed: false,
    /** What comes of the next acts; afterwards each is done. */
    outcomes: [] as ReloadOutcome[],
    reload: async () => {
      calls.push("reload");
      return reloader.outcomes.shift() ?? OUTCOME;
    },
    tryOut: async (path: string, content: string) => {
      names.push(path);
      calls.push(`try ${content.trim()}`);
      return reloader.outcomes.shift() ?? OUTCOME;
    },
    putBack: async (configuration: Configuration) => {
      calls.push(`put back ${configuration === former ? "the former" : "another"}`);
      return reloader.outcomes.shift() ?? OUTCOME;
    },
    refusal: (fault: string): ReloadOutcome => ({ ...OUTCOME, status: "failed", faults: [fault] }),
  };
  const trial = new Trial({
    stateDirectory: directory,
    reloader,
    events: { note: (level, _event, text) => lines.push(`${level} ${text}`) },
    onReload: (outcome) => void outcome.then((each) => told.push(each)),
    onChange: (byEpochMs) => changes.push(byEpochMs),
  });
  const leave = (text: string) => leaveCandidate(directory, Buffer.from(text), "new.conf");
  return { trial, path, reloader, calls, changes, told, lines, names, leave };
}

const failed = (fault: string): ReloadOutcome => ({
  ...OUTCOME,
  status: "failed",
  faults: [fault],
});

describe("Trial", () => {
  it("puts the former one back in the millisecond in which nobody has confirmed", async () => {
    const { trial, path, calls, changes, leave } = scene();
    leave('HOLD_TIME="30s"\n');
    const nowEpochMs = Date.now();
    expect(await trial.apply(60_000)).toEqual(OUTCOME);
    expect(trial.byEpochMs).toBe(nowEpochMs + 60_000);
    expect(existsSync(candidatePathOf(directory))).toBe(false);
    await vi.advanceTimersByTimeAsync(59_999);
    expect(calls).toEqual(['try HOLD_TIME="30s"']);
    await vi.advanceTimersByTimeAsync(1);
    expect(calls).toEqual(['try HOLD_TIME="30s"', "put back the former"]);
    expect(changes).toEqual([nowEpochMs + 60_000, undefined]);
    expect(trial.confirm()).toBeUndefined();
    expect(readFileSync(path, "utf8")).toBe('HOLD_TIME="10s"\n');
  });

  it("names the file as whoever applies it did, and tells that it is on trial and until when", async () => {
    const { trial, names, lines, leave } = scene();
    leave('HOLD_TIME="30s"\n');
    const until = new Date(Date.now() + 60_000).toISOString();
    await trial.apply(60_000);
    expect(names).toEqual(["new.conf"]);
    expect(lines).toEqual([
      `notice new.conf is on trial until ${until}: the former configuration comes back unless confirmed`,
    ]);
    expect(readdirSync(directory)).toEqual(["vedette.conf"]);
  });

  it("names the candidate where no name was left that root alone could have written", async () => {
    const { trial, names, leave } = scene();
    leave("# one\n");
    chmodSync(join(directory, "candidate.name"), 0o666);
    await trial.apply(60_000);
    expect(names).toEqual([candidatePathOf(directory)]);
  });

  it("tells of each configuration that it puts in force, tries to put back, or reads", async () => {
    const { trial, reloader, told, leave } = scene();
    leave("# one\n");
    await trial.apply(60_000);
    expect(told).toEqual([OUTCOME]);
    expect(await trial.apply(60_000)).toMatchObject({ status: "failed" });
    expect(told).toEqual([OUTCOME]);
    reloader.outcomes.push(failed("the port is taken"));
    await vi.advanceTimersByTimeAsync(60_000);
    expect(told).toEqual([OUTCOME, failed("the port is taken")]);
    await vi.advanceTimersByTimeAsync(5000);
    expect(told).toEqual([OUTCOME, failed("the port is taken"), OUTCOME]);
    await trial.reload();
    expect(told).toHaveLength(4);
  });

  it("keeps what is confirmed, byte by byte, with the file's owner and mode", async () => {
    const { trial, path, calls, leave } = scene();
    chmodSync(path, 0o640);
    const before = statSync(path);
    const bytes = Buffer.from([0x23, 0xff, 0x0a]);
    leaveCandidate(directory, bytes, "new.conf");
    await trial.apply(60_000);
    leave("# somebody else's by now\n");
    expect(trial.confirm()).toEqual({ status: "applied" });
    expect(readFileSync(path)).toEqual(bytes);
    const { mode, uid, gid } = statSync(path);
    expect({ mode, uid, gid }).toEqual({ mode: before.mode, uid: before.uid, gid: before.gid });
    await vi.advanceTimersByTimeAsync(120_000);
    expect(calls).toHaveLength(1);
    expect(trial.confirm()).toBeUndefined();
  });

  it("overwrites no file that was edited meanwhile, and keeps what was on trial beside", async () => {
    const { trial, path, calls, lines, leave } = scene();
    leave('HOLD_TIME="30s"\n');
    await trial.apply(60_000);
    const edited = 'HOLD_TIME="10s"\n# edited meanwhile\n';
    writeFileSync(path, edited);
    const kept = join(directory, "unconfirmed.conf");
    expect(trial.confirm()).toEqual({
      status: "refused",
      reason:
        `${path} was edited after apply, and stays as it is; what is on trial is in ${kept}. ` +
        `Put what you want into ${path} and run: vedette reload. ` +
        "Else the former configuration comes back",
    });
    expect(readFileSync(path, "utf8")).toBe(edited);
    expect(readFileSync(kept, "utf8")).toBe('HOLD_TIME="30s"\n');
    expect(statSync(kept).mode & 0o777).toBe(0o600);
    expect(lines).toEqual([expect.stringContaining("new.conf is on trial")]);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(calls.at(-1)).toBe("put back the former");
  });

  it("confirms when the file was written again with the same words", async () => {
    const { trial, path, leave } = scene();
    leave("# new\n");
    await trial.apply(60_000);
    rmSync(path);
    writeFileSync(path, 'HOLD_TIME="10s"\n');
    expect(trial.confirm()).toEqual({ status: "applied" });
    expect(readFileSync(path, "utf8")).toBe("# new\n");
  });

  it("overwrites no file that was made after apply, and makes one that was removed", async () => {
    const { trial, path, leave } = scene();
    rmSync(path);
    leave("# new\n");
    await trial.apply(60_000);
    writeFileSync(path, "# made meanwhile\n");
    expect(trial.confirm()).toMatchObject({ status: "refused" });
    rmSync(path);
    expect(trial.confirm()).toEqual({ status: "applied" });
    expect(readFileSync(path, "utf8")).toBe("# new\n");
  });

  it("leaves a link in place, and writes where it points to", async () => {
    const { trial, path, leave } = scene();
    const real = join(directory, "real.conf");
    writeFileSync(real, "");
    rmSync(path);
    symlinkSync(real, path);
    leave("# new\n");
    await trial.apply(1000);
    trial.confirm();
    expect(readFileSync(real, "utf8")).toBe("# new\n");
  });

  it("takes it back all the same when the file cannot be written", async () => {
    const { trial, path, calls, leave } = scene();
    leave("# new\n");
    await trial.apply(60_000);
    rmSync(path);
    mkdirSync(path);
    expect(trial.confirm()).toMatchObject({
      status: "failed",
      reason: expect.stringMatching(/cannot be written \(EISDIR\), so the former .* comes back$/),
    });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(calls.at(-1)).toBe("put back the former");
  });

  it.each([
    { what: "faults", outcome: { ...OUTCOME, status: "invalid", faults: ["f"] } as const },
    { what: "nothing that differs", outcome: { ...OUTCOME, status: "unchanged" } as const },
  ])("waits for nothing when a candidate has $what", async ({ outcome }) => {
    const { trial, reloader, leave, changes, calls } = scene();
    leave("# new\n");
    reloader.outcomes = [outcome];
    expect(await trial.apply(1000)).toEqual(outcome);
    expect(existsSync(candidatePathOf(directory))).toBe(false);
    await vi.advanceTimersByTimeAsync(1000);
    expect(calls).toHaveLength(1);
    expect(changes).toEqual([]);
  });

  it("refuses a second one while the first waits, and changes nothing for it", async () => {
    const { trial, calls, leave } = scene();
    leave("# one\n");
    await trial.apply(60_000);
    leave("# two\n");
    expect(await trial.apply(60_000)).toMatchObject({
      status: "failed",
      faults: [expect.stringContaining("another configuration is on trial")],
    });
    expect(calls).toEqual(["try # one"]);
  });

  it("refuses a second one while the first is being put in force", async () => {
    const { trial, calls, leave } = scene();
    leave("# one\n");
    const first = trial.apply(60_000);
    expect(await trial.apply(60_000)).toMatchObject({ status: "failed" });
    expect(await first).toEqual(OUTCOME);
    expect(calls).toEqual(["try # one"]);
  });

  it("takes no candidate that others than root could have written, and none that is missing", async () => {
    const { trial, calls, leave } = scene();
    expect(await trial.apply(1000)).toMatchObject({
      faults: [`${candidatePathOf(directory)}: there is no such file`],
    });
    leave("# new\n");
    chmodSync(candidatePathOf(directory), 0o666);
    expect(await trial.apply(1000)).toMatchObject({
      faults: [expect.stringContaining("written by others than root")],
    });
    expect(calls).toEqual([]);
  });

  it("goes on trying to put the former one back until the machine goes along", async () => {
    const { trial, reloader, calls, leave } = scene();
    leave("# new\n");
    await trial.apply(1000);
    reloader.outcomes = [failed("port 1 is taken"), failed("port 1 is taken")];
    await vi.advanceTimersByTimeAsync(1000);
    leave("# another\n");
    expect(await trial.apply(1000)).toMatchObject({ status: "failed" });
    await vi.advanceTimersByTimeAsync(9999);
    expect(calls.slice(1)).toEqual(["put back the former", "put back the former"]);
    await vi.advanceTimersByTimeAsync(1);
    expect(calls).toHaveLength(4);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(calls).toHaveLength(4);
    leave("# another\n");
    expect(await trial.apply(1000)).toEqual(OUTCOME);
  });

  it("ends with a reload that reads the file, and not with one of a bad file", async () => {
    const { trial, reloader, calls, changes, leave } = scene();
    leave("# new\n");
    await trial.apply(60_000);
    reloader.outcomes = [{ ...OUTCOME, status: "invalid", faults: ["bad"] }];
    await trial.reload();
    expect(trial.byEpochMs).toBeDefined();
    await trial.reload();
    expect(trial.byEpochMs).toBeUndefined();
    expect(changes.at(-1)).toBeUndefined();
    await vi.advanceTimersByTimeAsync(120_000);
    expect(calls).toEqual(["try # new", "reload", "reload"]);
  });

  it("puts nothing back when the guard stops", async () => {
    const { trial, calls, leave } = scene();
    leave("# new\n");
    await trial.apply(1000);
    trial.stop();
    trial.stop();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(calls).toHaveLength(1);
  });
});
