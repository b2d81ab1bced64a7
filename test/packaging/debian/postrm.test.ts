import { execFileSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { removeState, STATE_FILES } from "../../../src/daemon/removal.ts";

/** Nothing of the machine's own is to be called by the script. */
const STUBS = ["systemctl", "deb-systemd-helper", "deluser", "delgroup"];

const JOURNAL_FILES = [
  "journal.sqlite",
  "journal.sqlite-wal",
  "journal.sqlite-shm",
  "journal.sqlite.corrupt-20260101T000000Z",
  "history.sqlite",
  "history.sqlite-wal",
  "history.sqlite-shm",
  "history.sqlite.corrupt-20260101T000000Z",
  "sources.saved",
  "sources.saved.new",
];

let folder: string;
let stateDirectory: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "vedette-postrm-"));
  stateDirectory = join(folder, "state");
  mkdirSync(join(stateDirectory, "journal"), { recursive: true });
  for (const name of STATE_FILES) writeFileSync(join(stateDirectory, name), "");
  for (const name of JOURNAL_FILES) writeFileSync(join(stateDirectory, "journal", name), "");
  mkdirSync(join(folder, "bin"));
  for (const name of STUBS) {
    writeFileSync(join(folder, "bin", name), "#!/bin/sh\n");
    chmodSync(join(folder, "bin", name), 0o755);
  }
});
afterEach(() => rmSync(folder, { recursive: true }));

function runScript(argument: string): void {
  const text = readFileSync("packaging/debian/postrm", "utf8");
  const script = text.replace(/^state=.*$/m, `state=${stateDirectory}`);
  expect(script).not.toBe(text);
  execFileSync("/bin/sh", ["-c", script, "postrm", argument], {
    env: { PATH: `${join(folder, "bin")}:/usr/bin:/bin` },
  });
}

describe("postrm", () => {
  it("deletes with a purge what vedette remove would have", () => {
    runScript("purge");
    expect(existsSync(stateDirectory)).toBe(false);
  });

  it.each(["remove", "upgrade", "disappear"])("deletes nothing with %s", (argument) => {
    const before = readdirSync(stateDirectory, { recursive: true });
    runScript(argument);
    expect(readdirSync(stateDirectory, { recursive: true })).toEqual(before);
  });

  it.each(["", "journal"])("leaves somebody else's file in %s/", (place) => {
    writeFileSync(join(stateDirectory, place, "notes.txt"), "mine");
    runScript("purge");
    expect(readdirSync(join(stateDirectory, place))).toEqual(["notes.txt"]);
  });

  it("is content where nothing is", () => {
    removeState({ stateDirectory });
    expect(() => runScript("purge")).not.toThrow();
  });
});
