import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { describe, expect, it } from "vitest";
import { AppendFile } from "../../../src/broker/legacy/append-file.ts";
import { TemporaryFolder } from "./temporary-folder.ts";

function open(folder: TemporaryFolder, name = "log", ownDirectory?: string): AppendFile {
  return new AppendFile({ path: folder.join(name), modeBits: 0o600, ownDirectory });
}

describe("AppendFile", () => {
  it("makes the file with its bits and adds a line a call", () => {
    using folder = new TemporaryFolder();
    const file = open(folder);
    expect(file.append("one")).toEqual({ status: "applied" });
    expect(file.append("two")).toEqual({ status: "applied" });
    file.close();
    expect(file.append("three")).toEqual({ status: "applied" });
    file.close();
    expect(readFileSync(folder.join("log"), "utf8")).toBe("one\ntwo\nthree\n");
    expect(statSync(folder.join("log")).mode & 0o777).toBe(0o600);
  });

  it("leaves what stands in a file, and its bits", () => {
    using folder = new TemporaryFolder();
    writeFileSync(folder.join("log"), "old\n");
    chmodSync(folder.join("log"), 0o644);
    const file = open(folder);
    file.append("new");
    file.close();
    expect(readFileSync(folder.join("log"), "utf8")).toBe("old\nnew\n");
    expect(statSync(folder.join("log")).mode & 0o777).toBe(0o644);
  });

  it("ends a line that was cut short before it begins its own", () => {
    using folder = new TemporaryFolder();
    writeFileSync(folder.join("log"), "whole\nhal");
    const file = open(folder);
    file.append("new");
    file.append("newer");
    file.close();
    expect(readFileSync(folder.join("log"), "utf8")).toBe("whole\nhal\nnew\nnewer\n");
  });

  it("goes on in the new file after a rotation, and after a removal", () => {
    using folder = new TemporaryFolder();
    const file = open(folder);
    file.append("one");
    renameSync(folder.join("log"), folder.join("log.1"));
    file.append("two");
    rmSync(folder.join("log"));
    file.append("three");
    file.close();
    expect(readFileSync(folder.join("log.1"), "utf8")).toBe("one\n");
    expect(readFileSync(folder.join("log"), "utf8")).toBe("three\n");
  });

  it("writes one line whatever the text holds", () => {
    using folder = new TemporaryFolder();
    const file = open(folder);
    file.append("a\nb\r\0\x1b[2J\u2028\u202ec\ud800");
    file.close();
    expect(readFileSync(folder.join("log"), "utf8")).toBe("a?b???[2J??c?\n");
  });

  it("makes its own folder and no other", () => {
    using folder = new TemporaryFolder();
    const own = open(folder, "own/log", folder.join("own"));
    expect(own.append("one").status).toBe("applied");
    own.close();
    const other = open(folder, "other/log", folder.join("own"));
    expect(other.append("one")).toEqual({
      status: "failed",
      reason: `${folder.join("other/log")} cannot be written: ENOENT`,
    });
    expect(existsSync(folder.join("other"))).toBe(false);
  });

  it("counts its failures and goes on when the cause is gone", () => {
    using folder = new TemporaryFolder();
    const file = open(folder, "late/log");
    expect([file.append("one").status, file.append("two").status]).toEqual(["failed", "failed"]);
    mkdirSync(folder.join("late"));
    expect(file.append("three").status).toBe("applied");
    file.close();
    expect(file.failures).toBe(2);
  });

  it("writes to no device", () => {
    const file = new AppendFile({ path: "/dev/full", modeBits: 0o600 });
    expect(file.append("one")).toEqual({
      status: "failed",
      reason: "/dev/full cannot be written: it is no file",
    });
  });

  it.each([
    { what: "a folder", make: (path: string) => mkdirSync(path) },
    { what: "a link to a folder", make: (path: string) => symlinkSync("/", path) },
  ])("fails where $what stands in its place", ({ make }) => {
    using folder = new TemporaryFolder();
    make(folder.join("log"));
    expect(open(folder).append("one").status).toBe("failed");
  });

  it("follows a link that only its owner can have laid", () => {
    using folder = new TemporaryFolder();
    symlinkSync(folder.join("target"), folder.join("log"));
    const file = open(folder);
    expect([file.append("one").status, file.append("two").status]).toEqual(["applied", "applied"]);
    file.close();
    expect(readFileSync(folder.join("target"), "utf8")).toBe("one\ntwo\n");
  });

  it.each([
    { what: "follows no link", lay: symlinkSync },
    { what: "writes no file with a second name", lay: linkSync },
  ])("$what where others may write the folder", ({ lay }) => {
    using folder = new TemporaryFolder();
    mkdirSync(folder.join("open"));
    chmodSync(folder.join("open"), 0o777);
    writeFileSync(folder.join("victim"), "untouched");
    lay(folder.join("victim"), folder.join("open/log"));
    const file = open(folder, "open/log");
    expect(file.append("one").status).toBe("failed");
    expect(readFileSync(folder.join("victim"), "utf8")).toBe("untouched");
  });

  it("leaves a file that a link took the place of while it was open", () => {
    using folder = new TemporaryFolder();
    mkdirSync(folder.join("open"));
    chmodSync(folder.join("open"), 0o777);
    const file = open(folder, "open/log");
    file.append("one");
    rmSync(folder.join("open/log"));
    writeFileSync(folder.join("victim"), "untouched");
    symlinkSync(folder.join("victim"), folder.join("open/log"));
    expect(file.append("two").status).toBe("failed");
    expect(readFileSync(folder.join("victim"), "utf8")).toBe("untouched");
  });

  it("is made when it is opened, and nothing is counted where that fails", () => {
    using folder = new TemporaryFolder();
    const file = open(folder);
    expect(file.open()).toEqual({ status: "applied" });
    expect(readFileSync(folder.join("log"), "utf8")).toBe("");
    file.close();
    const misplaced = open(folder, "missing/log");
    const reason = `${folder.join("missing/log")} cannot be written: ENOENT`;
    expect(misplaced.open()).toEqual({ status: "failed", reason });
    expect(misplaced.failures).toBe(0);
  });
});
