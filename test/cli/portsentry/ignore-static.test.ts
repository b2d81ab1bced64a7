import {
  chmodSync,
  chownSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { runIgnoreCommand } from "../../../src/cli/portsentry/ignore-program.ts";
import { addIgnored, removeIgnored } from "../../../src/cli/portsentry/ignore-static.ts";
import { OperationalError } from "../../../src/errors.ts";
import { type Prefix, parsePrefix } from "../../../src/net/prefix.ts";
import { createFakeContext } from "../fake-context.ts";

let directory: string;
let path: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "vedette-static-"));
  path = join(directory, "portsentry.ignore.static");
});
afterEach(() => rmSync(directory, { recursive: true }));

const add = (word: string) => addIgnored(path, parsePrefix(word) as Prefix, word);
const remove = (word: string) => removeIgnored(path, parsePrefix(word) as Prefix);
const read = () => readFileSync(path, "latin1");

describe("addIgnored", () => {
  it.each([
    { before: "", word: "192.0.2.7", after: "192.0.2.7\n" },
    { before: "# mine\n", word: "192.0.2.0/24", after: "# mine\n192.0.2.0/24\n" },
    { before: "127.0.0.1/32", word: "2001:db8::7", after: "127.0.0.1/32\n2001:db8::7\n" },
    { before: "a\r\nb\r\n", word: "192.0.2.7", after: "a\r\nb\r\n192.0.2.7\n" },
    {
      before: "192.0.2.70\n1192.0.2.7\n",
      word: "192.0.2.7",
      after: "192.0.2.70\n1192.0.2.7\n192.0.2.7\n",
    },
    { before: "192.0.2.0/24\n", word: "192.0.2.7", after: "192.0.2.0/24\n192.0.2.7\n" },
    { before: "# caf\u00e9\n", word: "192.0.2.7", after: "# caf\u00e9\n192.0.2.7\n" },
  ])("makes $after of $before", ({ before, word, after }) => {
    writeFileSync(path, before, "latin1");
    expect(add(word)).toBe("changed");
    expect(read()).toBe(after);
  });

  it("makes the file where it is not there, for everybody to read", () => {
    expect(add("192.0.2.7")).toBe("changed");
    expect(read()).toBe("192.0.2.7\n");
    expect(statSync(path).mode & 0o777).toBe(0o644 & ~process.umask());
  });

  it.each([
    { before: "192.0.2.7\n", word: "192.0.2.7/32" },
    { before: "  192.0.2.7/32 # friend", word: "192.0.2.7" },
    { before: "192.0.2.99/24\n", word: "192.0.2.0/24" },
    { before: "2001:DB8:0::7\n", word: "2001:db8::7" },
  ])("leaves $before as it is, because it names $word already", ({ before, word }) => {
    writeFileSync(path, before);
    expect(add(word)).toBe("already");
    expect(read()).toBe(before);
    expect(readdirSync(directory)).toEqual(["portsentry.ignore.static"]);
  });

  it("keeps mode and owner", () => {
    writeFileSync(path, "");
    chmodSync(path, 0o640);
    if (process.getuid?.() === 0) chownSync(path, 1, 2);
    const { uid, gid } = statSync(path);
    add("192.0.2.7");
    expect(statSync(path)).toMatchObject({ uid, gid });
    expect(statSync(path).mode & 0o777).toBe(0o640);
  });

  it("changes what a symlink leads to, and leaves the link", () => {
    const real = join(directory, "real");
    writeFileSync(real, "");
    symlinkSync("real", path);
    add("192.0.2.7");
    expect(readlinkSync(path)).toBe("real");
    expect(lstatSync(real).isFile()).toBe(true);
    expect(readFileSync(real, "utf8")).toBe("192.0.2.7\n");
  });

  it("does not go on while somebody else is at it, and leaves theirs", () => {
    writeFileSync(`${path}.new`, "theirs");
    writeFileSync(path, "");
    expect(() => add("192.0.2.7")).toThrow(/portsentry\.ignore\.static\.new exists/);
    expect(readFileSync(`${path}.new`, "utf8")).toBe("theirs");
    expect(read()).toBe("");
  });

  it("says what is wrong with the file, and leaves nothing behind", () => {
    mkdirSync(path);
    expect(() => add("192.0.2.7")).toThrow(OperationalError);
    expect(() => add("192.0.2.7")).toThrow(/no regular file/);
    expect(readdirSync(directory)).toEqual(["portsentry.ignore.static"]);
    path = join(directory, "none", "list");
    expect(() => add("192.0.2.7")).toThrow(/cannot be changed: ENOENT/);
  });
});

describe("removeIgnored", () => {
  it.each([
    { before: "192.0.2.7\n", word: "192.0.2.7", after: "" },
    { before: "a\n192.0.2.7 # friend\nb", word: "192.0.2.7/32", after: "a\nb" },
    { before: "192.0.2.7\n192.0.2.7/32\n192.0.2.8\n", word: "192.0.2.7", after: "192.0.2.8\n" },
    { before: "x\r\n192.0.2.0/24\r\ny\r\n", word: "192.0.2.9/24", after: "x\r\ny\r\n" },
  ])("makes $after of $before", ({ before, word, after }) => {
    writeFileSync(path, before);
    expect(remove(word)).toBe("changed");
    expect(read()).toBe(after);
  });

  it.each([
    { before: "192.0.2.70\n110.192.0.2\n", word: "192.0.2.7" },
    { before: "192.0.2.0/24\n", word: "192.0.2.7" },
    { before: "# 192.0.2.7\n", word: "192.0.2.7" },
    { before: "192.0.2.7\n", word: "192.0.2.0/24" },
  ])("leaves $before as it is, because nothing is exactly $word", ({ before, word }) => {
    writeFileSync(path, before);
    expect(remove(word)).toBe("already");
    expect(read()).toBe(before);
  });

  it("makes no file where there is none", () => {
    expect(remove("192.0.2.7")).toBe("already");
    expect(readdirSync(directory)).toEqual([]);
  });
});

describe("runIgnoreCommand", () => {
  function run(command: "portsentry-add-ip" | "portsentry-rm-ip", ...words: string[]) {
    const context = createFakeContext();
    const status = runIgnoreCommand(command, words, context);
    return { status, out: context.printed(), err: context.printedErrors() };
  }

  it("takes prefixes and IPv6 addresses as it takes an IPv4 address", () => {
    const words = ["192.0.2.7", "198.51.100.0/24", "2001:db8::7", "2001:db8:1::/48"];
    for (const word of words) expect(run("portsentry-add-ip", word, path).status).toBe(0);
    expect(read().split("\n")).toEqual([...words, ""]);
    for (const word of words) expect(run("portsentry-rm-ip", word, path).status).toBe(0);
    expect(read()).toBe("");
  });

  it("tells what it has done, and exits 0 also when there was nothing to do", () => {
    const added = run("portsentry-add-ip", "192.0.2.0/24", path);
    expect(added).toEqual({ status: 0, out: `192.0.2.0/24 is added to ${path}.\n`, err: "" });
    const again = run("portsentry-add-ip", "192.0.2.0/24", path);
    expect(again).toMatchObject({ status: 0, out: `192.0.2.0/24 stands already in ${path}.\n` });
    const taken = run("portsentry-rm-ip", "192.0.2.0/24", path);
    expect(taken).toMatchObject({ status: 0, out: `192.0.2.0/24 is taken from ${path}.\n` });
    const gone = run("portsentry-rm-ip", "192.0.2.0/24", path);
    expect(gone).toMatchObject({ status: 0, out: `192.0.2.0/24 does not stand in ${path}.\n` });
  });

  it.each([
    { words: [], said: /^usage: portsentry-add-ip ADDRESS\[\/BITS\] \[FILE\]\n/ },
    { words: ["--help"], said: /^usage: / },
    { words: ["192.0.2.7", "a", "b"], said: /^usage: / },
    {
      words: ["example.org"],
      said: /^portsentry-add-ip: example\.org is no address and no prefix\n$/,
    },
    { words: ["192.0.2.0/33"], said: /is no address and no prefix\n$/ },
    { words: ["192.0.2.7\u001b[2J"], said: /^portsentry-add-ip: 192\.0\.2\.7\\x1b\[2J is no/ },
  ])("exits 255 for $words", ({ words, said }) => {
    expect(run("portsentry-add-ip", ...words)).toEqual({
      status: 255,
      out: "",
      err: expect.stringMatching(said),
    });
  });

  it("exits as vedette does when the file cannot be changed", () => {
    const { status, err } = run("portsentry-add-ip", "192.0.2.7", join(directory, "none", "list"));
    expect(status).toBe(69);
    expect(err).toMatch(/^portsentry-add-ip: .*list cannot be changed: ENOENT/);
  });
});
