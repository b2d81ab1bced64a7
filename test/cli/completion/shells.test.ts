import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { defineCommandLine } from "../../../packaging/manual/command-line.ts";
import { describeCompletion } from "../../../src/cli/commands/completion.ts";

const directory = mkdtempSync(join(tmpdir(), "vedette-shells-"));
afterAll(() => rmSync(directory, { recursive: true }));

const INSTALLED: Readonly<Record<string, string>> = {
  bash: "packaging/bash-completion/vedette",
  zsh: "packaging/zsh-completion/_vedette",
  fish: "packaging/fish-completion/vedette.fish",
};

const isInstalled = (shell: string) => spawnSync(shell, ["--version"]).status === 0;

describe.each(Object.entries(INSTALLED))("describeCompletion of %s", (shell, path) => {
  const file = fileURLToPath(new URL(`../../../${path}`, import.meta.url));

  it("is what the Debian package installs", () => {
    // Run `node scripts/describe-manual.ts` when this fails.
    expect(readFileSync(file, "utf8")).toBe(describeCompletion(defineCommandLine(), shell));
  });

  it.skipIf(!isInstalled(shell))("is taken by the shell", () => {
    const { stderr, status } = spawnSync(shell, ["-n", file], { encoding: "utf8" });
    expect({ stderr, status }).toEqual({ stderr: "", status: 0 });
  });
});

describe.skipIf(!isInstalled("fish"))("describeFishCompletion", () => {
  it.each([
    { line: "vedette un", offered: "unban untrust" },
    { line: "vedette --run /run/x config ch", offered: "check" },
    { line: "vedette guard --on-stop ", offered: "keep-bans remove" },
    { line: "vedette guard --set SCAN_", offered: "SCAN_TRIGGER=" },
    { line: "vedette unban ", offered: "192.0.2.7 2001:db8::/64" },
  ])("offers for '$line': $offered", ({ line, offered }) => {
    const list = '[{"address":"192.0.2.7"},{"address":"2001:db8::/64"},{"address":"(id)"}]';
    writeFileSync(join(directory, "vedette"), `#!/bin/sh\necho '${list}'\n`, { mode: 0o755 });
    const file = fileURLToPath(new URL(`../../../${INSTALLED["fish"]}`, import.meta.url));
    const ask = "source $argv[1]; complete -C $argv[2]";
    const env = { PATH: `${directory}:${process.env["PATH"]}`, HOME: directory };
    const words = ["--no-config", "-c", ask, file, line];
    const { stdout } = spawnSync("fish", words, { encoding: "utf8", env });
    const names = stdout.split("\n").map((each) => each.split("\t")[0]);
    expect(names.filter(Boolean).join(" ")).toBe(offered);
  });
});
