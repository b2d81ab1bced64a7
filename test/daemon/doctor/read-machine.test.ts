import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { readDisk, readFileFact } from "../../../src/daemon/doctor/read-machine.ts";

const folder = mkdtempSync(join(tmpdir(), "vedette-doctor-"));
afterAll(() => rmSync(folder, { recursive: true }));

describe("readFileFact", () => {
  it("tells the permissions and the owner of a file that is there", () => {
    const path = join(folder, "there");
    writeFileSync(path, "");
    chmodSync(path, 0o642);
    const fact = readFileFact(path, "a list", { isRequired: true });
    expect(fact).toMatchObject({ path, what: "a list", status: "there", mode: 0o642 });
    expect(fact).toMatchObject({ uid: process.geteuid?.(), isDirectory: false, isRequired: true });
  });

  it("tells the same of a directory, sticky bit included", () => {
    const path = join(folder, "directory");
    mkdirSync(path);
    chmodSync(path, 0o1777);
    const fact = readFileFact(path, "a directory", { kind: "directory" });
    expect(fact).toMatchObject({ status: "there", mode: 0o1777, isDirectory: true });
  });

  it.each(["absent", "there/below-a-file"])("says that %s is absent", (name) => {
    expect(readFileFact(join(folder, name), "a list")).toMatchObject({ status: "absent" });
  });

  it("does not take a directory for a list, nor a list for a directory", () => {
    expect(readFileFact(folder, "a list")).toMatchObject({ status: "unreadable" });
    const path = join(folder, "list");
    writeFileSync(path, "");
    const fact = readFileFact(path, "a directory", { kind: "directory" });
    expect(fact).toMatchObject({ status: "unreadable" });
  });

  it("does not take a device for a list", () => {
    expect(readFileFact("/dev/null", "a list")).toMatchObject({ status: "unreadable" });
  });
});

describe("readDisk", () => {
  it("asks the nearest directory that is there", () => {
    const disk = readDisk(join(folder, "not", "yet"));
    expect(disk).toMatchObject({ status: "read", value: { path: folder } });
  });
});
