import { execFileSync } from "node:child_process";
import { mkdirSync, symlinkSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { readFile } from "../../../src/broker/trust/text-file.ts";
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
