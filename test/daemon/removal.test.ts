import {
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  removeRunFiles,
  removeState,
  removeTable,
  requireNoGuard,
} from "../../src/daemon/removal.ts";
import { close } from "../../src/kernel/libc.ts";
import { openUnixListener } from "../../src/kernel/unix-listener.ts";

const NOBODY = 65_534;

const isRoot = process.getuid?.() === 0;

let folder: string;
let places: { readonly runDirectory: string; readonly stateDirectory: string };
const inJournal = (name = "") => join(places.stateDirectory, "journal", name);
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "vedette-removal-"));
  places = { runDirectory: join(folder, "run"), stateDirectory: join(folder, "state") };
  mkdirSync(places.runDirectory);
  mkdirSync(inJournal(), { recursive: true });
  for (const name of [
    "",
    "-wal",
    "-shm",
    ".corrupt-20260101T000000Z",
    ".corrupt-20260101T000000Z-wal",
  ]) {
    for (const file of ["journal", "history"])
      writeFileSync(inJournal(`${file}.sqlite${name}`), "");
  }
  for (const name of ["sources.saved", "sources.saved.new"]) writeFileSync(inJournal(name), "");
  for (const name of ["trusted", "trusted.new", "guard.json"]) {
    writeFileSync(join(places.stateDirectory, name), "");
  }
});
afterEach(() => rmSync(folder, { recursive: true }));

/** What `vedette remove` does to files. */
function removeFiles(from: typeof places): string[] {
  return [...removeRunFiles(from), ...removeState(from)];
}

describe("removeRunFiles", () => {
  it("takes nothing of the state", () => {
    writeFileSync(join(places.runDirectory, "portsentry-tcp.pid"), "1\n");
    const before = readdirSync(places.stateDirectory, { recursive: true });
    expect(removeRunFiles(places)).toEqual([join(places.runDirectory, "portsentry-tcp.pid")]);
    expect(existsSync(places.runDirectory)).toBe(false);
    expect(readdirSync(places.stateDirectory, { recursive: true })).toEqual(before);
  });
});

describe("removeRunFiles and removeState", () => {
  it("leaves no trace of what a guard has made, and says what is gone", () => {
    const removed = removeFiles(places);
    expect(readdirSync(folder)).toEqual([]);
    expect(removed).toContain(inJournal().replace(/\/$/, ""));
    expect(removed).toContain(join(places.stateDirectory, "guard.json"));
    expect(removeFiles(places)).toEqual([]);
  });

  it.each(["state/journal", "state", "run"])("leaves somebody else's file in %s", (where) => {
    const foreign = join(folder, where, "letter.txt");
    writeFileSync(foreign, "somebody's");
    removeFiles(places);
    expect(readdirSync(join(folder, where))).toEqual(["letter.txt"]);
  });

  it("follows no link and walks no directory of the guard's", () => {
    mkdirSync(join(folder, "victim"));
    writeFileSync(join(folder, "victim", "file"), "");
    rmSync(inJournal("journal.sqlite"));
    symlinkSync(join(folder, "victim", "file"), inJournal("journal.sqlite"));
    mkdirSync(inJournal("journal.sqlite.corrupt-x"));
    symlinkSync(join(folder, "victim"), inJournal("journal.sqlite.corrupt-x/journal.sqlite"));
    removeFiles(places);
    expect(existsSync(join(folder, "victim", "file"))).toBe(true);
    expect(readdirSync(inJournal())).toEqual(["journal.sqlite.corrupt-x"]);
  });

  it.skipIf(!isRoot)("removes from the guard's directory with the guard's rights", () => {
    chownSync(inJournal(), NOBODY, NOBODY);
    for (const path of [folder, places.stateDirectory]) chownSync(path, NOBODY, NOBODY);
    removeFiles(places);
    expect(existsSync(inJournal())).toBe(false);
  });
});

describe("requireNoGuard", () => {
  it("finds a guard by its socket, whatever it senses with", () => {
    expect(() => requireNoGuard(places)).not.toThrow();
    const [uid = 0, gid = 0] = [process.getuid?.(), process.getgid?.()];
    const fd = openUnixListener(join(places.runDirectory, "api.sock"), {
      modeBits: 0o600,
      uid,
      gid,
    });
    expect(() => requireNoGuard(places)).toThrow(expect.objectContaining({ code: "ERR_REFUSED" }));
    close(fd);
    expect(() => requireNoGuard(places)).not.toThrow();
  });
});

describe("removeTable", () => {
  it("does not say that the table is gone when the kernel keeps it", () => {
    const run = () => ({ status: "failed", reason: "Device or resource busy" }) as const;
    expect(() => removeTable({ run })).toThrow(expect.objectContaining({ code: "ERR_KERNEL" }));
  });
});
