import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import {
  runAlertProgram,
  type ToldAlert,
  whyNotRun,
} from "../../../src/broker/executors/alert-program.ts";
import { describeFailure } from "../../../src/broker/executors/command-runner.ts";
import { PROJECT } from "../../support/programs.ts";
import { prefix } from "../fakes.ts";

const LONG_MS = 30_000;

const folder = mkdtempSync(join(tmpdir(), "vedette-alert-program-"));
afterAll(() => rmSync(folder, { recursive: true }));

const ALERT: ToldAlert = {
  kind: "convicted",
  severity: "notice",
  source: prefix("192.0.2.7"),
  body: '{"title":"a `reboot` $(reboot) \'; reboot; \'"}',
};

let made = 0;

/** A program of its own name, because one that runs cannot be written. */
function program(lines: string, mode = 0o700): string {
  made += 1;
  const path = join(folder, `program-${made}`);
  writeFileSync(path, `#!/bin/sh\n${lines}\n`);
  chmodSync(path, mode);
  return path;
}

describe("runAlertProgram", () => {
  it("gives the alert on the standard input as it is, and no words", async () => {
    const outcome = await runAlertProgram(program('cat; echo "words: $#"'), ALERT, LONG_MS);
    expect(outcome).toMatchObject({
      status: "ended",
      exitStatus: 0,
      output: { stdout: `${ALERT.body}\nwords: 0\n`, stderr: "" },
    });
  });

  it("has nothing in its environment but what every hook has, and three words of ours", async () => {
    const outcome = await runAlertProgram("/usr/bin/env", ALERT, LONG_MS);
    if (outcome.status !== "ended") throw new Error(outcome.status);
    expect(outcome.output.stdout.trim().split("\n").toSorted()).toEqual([
      "HOME=/root",
      "LANG=C.UTF-8",
      "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
      "SHELL=/bin/sh",
      "VEDETTE_KIND=convicted",
      "VEDETTE_SEVERITY=notice",
      "VEDETTE_SOURCE=192.0.2.7",
    ]);
    const nobody = await runAlertProgram("/usr/bin/env", { ...ALERT, source: null }, LONG_MS);
    expect(nobody).toMatchObject({ output: { stdout: expect.stringContaining("SOURCE=\n") } });
  });

  it("is done with a program that does not read what it is given, however much it is", async () => {
    const body = `{"text":"${"x".repeat(1_000_000)}"}`;
    const outcome = await runAlertProgram(program("exit 0"), { ...ALERT, body }, LONG_MS);
    expect(describeFailure(outcome)).toBeUndefined();
  });

  it("ends what takes too long with all that it has started, and keeps the end of what it says", async () => {
    const late = await runAlertProgram(program("sleep 600 & sleep 600"), ALERT, 200);
    expect(late).toMatchObject({ status: "timed-out", afterMs: 200 });
    const loud = program("yes | head -c 1000000; echo last >&2; exit 3");
    const outcome = await runAlertProgram(loud, ALERT, LONG_MS);
    expect(describeFailure(outcome)).toBe("exit status 3: last");
    if (outcome.status === "ended") expect(outcome.output.stdout.length).toBe(2048);
  });

  it("writes a line of the system log by the example, of the alert's severity", () => {
    const bin = join(folder, "bin");
    mkdirSync(bin);
    writeFileSync(join(bin, "logger"), '#!/bin/sh\necho "logger $*"\n/bin/cat\n', { mode: 0o700 });
    const example = join(PROJECT, "examples/alert-command.sh");
    expect(whyNotRun(example) ?? "").not.toContain("executable");
    const said = execFileSync("/bin/sh", [example], {
      input: `${ALERT.body}\n`,
      env: { PATH: bin, VEDETTE_SEVERITY: "error", VEDETTE_KIND: "health", VEDETTE_SOURCE: "" },
      encoding: "utf8",
    });
    expect(said).toBe(`logger --tag vedette-alert --priority daemon.err\n${ALERT.body}\n`);
  });

  it("starts nothing that is not to be run", async () => {
    const outcome = await runAlertProgram(program("exit 0", 0o722), ALERT, LONG_MS);
    expect(describeFailure(outcome)).toMatch(/^could not be started: .* can be written by others/);
  });
});

describe("whyNotRun", () => {
  it.each([
    { what: "a program of root's alone", path: () => program(""), reason: undefined },
    { what: "one that everybody may read", path: () => program("", 0o755), reason: undefined },
    { what: "one that a group may write", path: () => program("", 0o770), reason: "written by" },
    { what: "one that cannot be run", path: () => program("", 0o644), reason: "not executable" },
    { what: "what is not there", path: () => join(folder, "none"), reason: "does not exist" },
    {
      what: "a directory",
      path: () => {
        mkdirSync(join(folder, "directory"));
        return join(folder, "directory");
      },
      reason: "is no file",
    },
    {
      what: "a link of root's",
      path: () => {
        const link = join(folder, "link");
        symlinkSync(program(""), link);
        return link;
      },
      reason: undefined,
    },
    {
      what: "one in a directory that everybody may write in",
      path: () => {
        const open = join(folder, "open");
        mkdirSync(open);
        const path = join(open, "program");
        writeFileSync(path, "#!/bin/sh\n", { mode: 0o700 });
        chmodSync(open, 0o777);
        return path;
      },
      reason: "can be written by others than root",
    },
  ])("$what: $reason", ({ path, reason }) => {
    if (reason === undefined) expect(whyNotRun(path())).toBeUndefined();
    else expect(whyNotRun(path())).toContain(reason);
  });
});
