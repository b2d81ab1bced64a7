import {
  appendFileSync,
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { describe, expect, it } from "vitest";
import { HostsDeny } from "../../../src/broker/executors/hosts-deny.ts";
import { prefix } from "../fakes.ts";
import { FakeFiles } from "../trust/fake-files.ts";

const LINE = "ALL: 192.0.2.7 : DENY";
const TEMPLATE = "ALL: $TARGET$ : DENY";
const isRoot = process.getuid?.() === 0;

/** @param beforeRename called where others may change the file: before it is looked at again. */
function open(content?: string | Buffer, beforeRename: () => void = () => {}) {
  const files = new FakeFiles();
  const path =
    content === undefined ? files.path("hosts.deny") : files.write("hosts.deny", content);
  const file = new HostsDeny(path, async () => beforeRename());
  return { files, path, file };
}

describe("HostsDeny", () => {
  it("adds a line once and removes it, leaving the rest", async () => {
    const { files, path, file } = open("# mine\r\nsshd: 198.51.100.9");
    using _ = files;
    expect(await file.add(LINE)).toEqual({ status: "applied" });
    expect(readFileSync(path, "utf8")).toBe(`# mine\r\nsshd: 198.51.100.9\n${LINE}\n`);
    expect(await file.add(LINE)).toEqual({ status: "already-applied" });
    expect(await file.remove(LINE)).toEqual({ status: "applied" });
    expect(await file.remove(LINE)).toEqual({ status: "already-applied" });
    expect(readFileSync(path, "utf8")).toBe("# mine\r\nsshd: 198.51.100.9\n");
    expect(readdirSync(files.folder)).toEqual(["hosts.deny"]);
  });

  it("keeps every byte of others, also those that are no UTF-8", async () => {
    const content = Buffer.from([0x23, 0xff, 0xc3, 0x28, 0x0d, 0x0a]);
    const { files, path, file } = open(content);
    using _ = files;
    await file.add("ALL: 192.0.2.7 # größer");
    expect(readFileSync(path)).toEqual(
      Buffer.concat([content, Buffer.from("ALL: 192.0.2.7 # größer\n")]),
    );
    expect(file.read()).toMatchObject({ lines: [expect.any(String), "ALL: 192.0.2.7 # größer"] });
    await file.remove("ALL: 192.0.2.7 # größer");
    expect(readFileSync(path)).toEqual(content);
  });

  it("makes the file for all to read, whatever the umask", async () => {
    const { files, path, file } = open();
    using _ = files;
    const umask = process.umask(0o077);
    try {
      expect(await file.add(LINE)).toEqual({ status: "applied" });
    } finally {
      process.umask(umask);
    }
    expect(statSync(path).mode & 0o7777).toBe(0o644);
    expect(readFileSync(path, "utf8")).toBe(`${LINE}\n`);
  });

  it("removes nothing from no file, and does not make one", async () => {
    const { files, path, file } = open();
    using _ = files;
    expect(await file.remove(LINE)).toEqual({ status: "already-applied" });
    expect(existsSync(path)).toBe(false);
  });

  it.skipIf(!isRoot)("keeps owner, group and mode", async () => {
    const { files, path, file } = open("a\n");
    using _ = files;
    chownSync(path, 1234, 2345);
    chmodSync(path, 0o640);
    await file.add(LINE);
    const { uid, gid, mode } = statSync(path);
    expect({ uid, gid, mode: mode & 0o7777 }).toEqual({ uid: 1234, gid: 2345, mode: 0o640 });
  });

  it("edits what a link leads to, and leaves the link", async () => {
    const { files, file, path } = open();
    using _ = files;
    files.write("real/deny", "a\n");
    symlinkSync("real/deny", path);
    expect(await file.add(LINE)).toEqual({ status: "applied" });
    expect(lstatSync(path).isSymbolicLink()).toBe(true);
    expect(readFileSync(files.path("real/deny"), "utf8")).toBe(`a\n${LINE}\n`);
  });

  it("refuses a file whose folder others can write", async () => {
    const { files, file, path } = open("a\n");
    using _ = files;
    chmodSync(files.folder, 0o777);
    expect(await file.add(LINE)).toMatchObject({
      status: "refused",
      reason: expect.stringContaining("can be written by others"),
    });
    expect(readFileSync(path, "utf8")).toBe("a\n");
  });

  it("takes an edit that others make meanwhile into its own", async () => {
    let edits = 0;
    const { files, path, file } = open("a\n", () => {
      edits += 1;
      if (edits <= 4) appendFileSync(path, `other ${edits}\n`);
    });
    using _ = files;
    expect(await file.add(LINE)).toEqual({ status: "applied" });
    const others = "a\nother 1\nother 2\nother 3\nother 4\n";
    expect(readFileSync(path, "utf8")).toBe(`${others}${LINE}\n`);
  });

  it.each([
    {
      what: "another file of the same bytes in its place",
      edit(path: string) {
        writeFileSync(`${path}.tmp`, "a\n");
        renameSync(`${path}.tmp`, path);
      },
    },
    { what: "its removal", edit: (path: string) => rmSync(path) },
  ])("notices $what", async ({ edit }) => {
    let edits = 0;
    const { files, path, file } = open("a\n", () => {
      edits += 1;
      if (edits === 1) edit(path);
    });
    using _ = files;
    expect(await file.add(LINE)).toEqual({ status: "applied" });
    expect(edits).toBe(2);
    expect(readFileSync(path, "utf8").endsWith(`${LINE}\n`)).toBe(true);
  });

  it("gives up when others change the file all the time", async () => {
    let edits = 0;
    const { files, path, file } = open("a\n", () => {
      edits += 1;
      appendFileSync(path, "other\n");
    });
    using _ = files;
    expect(await file.add(LINE)).toMatchObject({
      status: "failed",
      reason: expect.stringContaining("changed by others all the time"),
    });
    expect(edits).toBe(5);
    expect(readFileSync(path, "utf8")).toBe(`a\n${"other\n".repeat(5)}`);
    expect(readdirSync(files.folder)).toEqual(["hosts.deny"]);
  });

  it("is told of a disk that fails, and leaves the file and nothing beside it", async () => {
    const { files, path, file } = open("a\n", () => {
      throw Object.assign(new Error("no space"), { code: "ENOSPC" });
    });
    using _ = files;
    expect(await file.add(LINE)).toEqual({
      status: "failed",
      reason: `${path} cannot be changed: ENOSPC`,
    });
    expect(readFileSync(path, "utf8")).toBe("a\n");
    expect(readdirSync(files.folder)).toEqual(["hosts.deny"]);
  });

  it("does not take a folder for a file", async () => {
    const { files, file, path } = open();
    using _ = files;
    mkdirSync(path);
    expect(await file.add(LINE)).toMatchObject({ status: "refused" });
    expect(file.read()).toMatchObject({ status: "failed" });
    expect(file.find(prefix("192.0.2.7"), TEMPLATE)).toEqual([]);
  });

  it("makes changes that are asked for together one after another", async () => {
    const { files, path, file } = open();
    using _ = files;
    const hosts = Array.from({ length: 50 }, (_each, index) => `ALL: 192.0.2.${index}`);
    const outcomes = await Promise.all(hosts.map((line) => file.add(line)));
    expect(outcomes).toEqual(hosts.map(() => ({ status: "applied" })));
    expect(readFileSync(path, "utf8")).toBe(`${hosts.join("\n")}\n`);
  });

  it("finds the lines of one host, in every spelling, and of no other", () => {
    const { files, file } = open(
      "ALL: 192.0.2.7 : DENY\nALL: 192.0.2.77 : DENY\nALL: 192.0.2.7\n" +
        "ALL: 2001:db8::7 : DENY\nALL: [2001:db8::7] : DENY\n# ALL: 192.0.2.7 : DENY\n",
    );
    using _ = files;
    expect(file.find(prefix("192.0.2.7"), TEMPLATE)).toEqual(["ALL: 192.0.2.7 : DENY"]);
    expect(file.find(prefix("2001:db8::7"), TEMPLATE)).toEqual([
      "ALL: 2001:db8::7 : DENY",
      "ALL: [2001:db8::7] : DENY",
    ]);
    expect(file.find(prefix("192.0.2.8"), TEMPLATE)).toEqual([]);
    expect(file.denied(TEMPLATE)).toHaveLength(4);
  });
});
