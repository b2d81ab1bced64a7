import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync, symlinkSync, utimesSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { readFile, stampOf } from "../../../src/broker/trust/text-file.ts";
import { FakeFiles } from "./fake-files.ts";

describe("readFile", () => {
  it("reads a file, and what a link leads to", () => {
    using files = new FakeFiles();
    const path = files.write("a", "text");
    symlinkSync(path, files.path("b"));
    for (const name of ["a", "b"]) {
      expect(readFile(files.path(name))).toMatchObject({
        status: "read",
        bytes: Buffer.from("text"),
      });
    }
  });

  it("reads a file of /proc, which says that it is empty", () => {
    expect(readFile("/proc/self/status")).toMatchObject({ status: "read" });
  });

  it("tells what is absent from what cannot be read", () => {
    using files = new FakeFiles();
    mkdirSync(files.path("folder"));
    expect(readFile(files.path("nothing"))).toEqual({ status: "absent" });
    expect(readFile(files.path("folder"))).toMatchObject({ status: "unreadable" });
  });

  it("does not wait for the writer of a FIFO", () => {
    using files = new FakeFiles();
    execFileSync("mkfifo", [files.path("fifo")]);
    expect(readFile(files.path("fifo"))).toEqual({
      status: "unreadable",
      reason: `${files.path("fifo")} is no file`,
    });
  });

  it("does not read a file that is longer than 16 MiB", () => {
    using files = new FakeFiles();
    files.write("long", Buffer.alloc(16 * 1_048_576 + 1));
    expect(readFile(files.path("long"))).toMatchObject({ status: "unreadable" });
  });
});

describe("stampOf", () => {
  it("is another one when the file was written, and when it is gone", () => {
    using files = new FakeFiles();
    const stamps = new Set([stampOf(files.path("a"))]);
    files.write("a", "one");
    stamps.add(stampOf(files.path("a")));
    utimesSync(files.path("a"), 1, 1);
    stamps.add(stampOf(files.path("a")));
    expect(stamps.size).toBe(3);
    rmSync(files.path("a"));
    expect(stamps).toContain(stampOf(files.path("a")));
  });

  it.each([
    { what: "a loop of links", name: "loop", code: "ELOOP" },
    { what: "a file below a file", name: "file/below", code: "ENOTDIR" },
    { what: "a name that is too long", name: "x".repeat(300), code: "ENAMETOOLONG" },
  ])("of $what is the error, which is not thrown", ({ name, code }) => {
    using files = new FakeFiles();
    files.write("file", "");
    symlinkSync(files.path("loop"), files.path("loop"));
    expect(stampOf(files.path(name))).toBe(code);
  });
});
