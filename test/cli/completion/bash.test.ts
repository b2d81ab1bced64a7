import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { defineCommandLine } from "../../../packaging/manual/command-line.ts";
import { describeCompletion } from "../../../src/cli/commands/completion.ts";

const directory = mkdtempSync(join(tmpdir(), "vedette-completion-"));
afterAll(() => rmSync(directory, { recursive: true }));

const script = join(directory, "completion.bash");

/** A guard's answers, and one that somebody made up who would like to run a command here. */
const COMMAND = `#!/bin/sh
echo "$*" >> ${directory}/asked
case "$*" in
  *"bans --json") echo '[{"address":"192.0.2.7"},{"address":"2001:db8:0:1::/64"},{"address":"$(id)"}]' ;;
  *"trusted --json") echo '[{"address":"203.0.113.9","why":"its \\"address\\": \\"192.0.2.99\\""}]' ;;
  *) exit 69 ;;
esac
`;

beforeAll(() => {
  writeFileSync(script, describeCompletion(defineCommandLine(), "bash"));
  writeFileSync(join(directory, "vedette"), COMMAND);
  chmodSync(join(directory, "vedette"), 0o755);
});

/** bash's way to ask: what is offered with the cursor at the end of `line`, sorted. */
function complete(line: string): string {
  const ask = `
    compopt() { echo "compopt $*"; }
    source ${script}
    COMP_WORDBREAKS=$' \\t\\n"\\'><=;|&(:' COMP_LINE=$1 COMP_POINT=\${#1}
    _vedette vedette
    printf '%s\\n' "\${COMPREPLY[@]}"`;
  const env = { PATH: `${directory}:${process.env["PATH"]}` };
  const { stdout, stderr } = spawnSync("bash", ["--norc", "-c", ask, "bash", line], {
    env,
    encoding: "utf8",
  });
  expect(stderr).toBe("");
  return stdout.split("\n").filter(Boolean).join(" ");
}

describe("describeBashCompletion", () => {
  it.each([
    { line: "vedette un", offered: "unban untrust" },
    { line: "vedette config ", offered: "check show init import help" },
    { line: "vedette config ch", offered: "check" },
    { line: "vedette --json --run /run/x sta", offered: "status" },
    { line: "vedette guard --on", offered: "--on-stop" },
    { line: "vedette guard --on-stop ", offered: "keep-bans remove" },
    { line: "vedette guard --on-stop=k", offered: "keep-bans" },
    { line: "vedette guard -v --confirm ", offered: "" },
    { line: "vedette config show --profile p", offered: "portsentry" },
    { line: "vedette help doc", offered: "doctor" },
    { line: "vedette status ", offered: "" },
    { line: "vedette nonsense --no-such=", offered: "" },
  ])("offers for '$line': $offered", ({ line, offered }) => {
    expect(complete(line)).toBe(offered);
  });

  it.each([
    { line: "vedette guard --set SCAN_", offered: "compopt -o nospace SCAN_TRIGGER=" },
    { line: "vedette guard --set=SCAN_", offered: "compopt -o nospace SCAN_TRIGGER=" },
    { line: "vedette guard --set SCAN_TRIGGER=", offered: "compopt -o nospace" },
    { line: "vedette replay ", offered: "compopt -o default" },
    { line: "vedette guard -c ", offered: "compopt -o default" },
    { line: "vedette --state ", offered: "compopt -o dirnames" },
  ])("leaves the value of '$line' to be typed on", ({ line, offered }) => {
    expect(complete(line)).toBe(offered);
  });

  it("offers the banned addresses to unban, and runs nothing that a list may hold", () => {
    expect(complete("vedette unban ")).toBe("192.0.2.7 2001:db8:0:1::/64");
  });

  it("offers of an address what follows its last colon, where bash cuts it", () => {
    expect(complete("vedette unban 192.0.2.7 2001:db8:0")).toBe("0:1::/64");
  });

  it("offers those to untrust that are trusted, and asks the guard that the line names", () => {
    expect(complete("vedette --run /run/x --state=/s untrust ")).toBe("203.0.113.9");
    const asked = readFileSync(join(directory, "asked"), "utf8").trimEnd().split("\n");
    expect(asked.at(-1)).toBe("--run /run/x --state=/s trusted --json");
  });
});
