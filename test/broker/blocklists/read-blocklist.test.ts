import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { BlocklistReader, readBlocklist } from "../../../src/broker/blocklists/read-blocklist.ts";
import { formatWords, parseWords } from "../../../src/net/address-words.ts";
import { TemporaryFolder } from "../legacy/temporary-folder.ts";

/** Everything that a text lists, "ADDRESS/BITS line LINE". */
function read(...pieces: readonly string[]) {
  const reader = new BlocklistReader("/list");
  for (const piece of pieces) expect(reader.take(piece)).toBeUndefined();
  const reading = reader.finish();
  if (reading.status !== "read") return reading;
  const { rows, entries, bad, withheld, told } = reading.list;
  return { rows, entries, bad, withheld, told };
}

function isListed(text: string, address: string): boolean {
  const found = read(text);
  if (!("rows" in found)) throw new Error("unreadable");
  const words = parseWords(address) ?? new Uint32Array(4);
  const rows = found.rows[address.includes(":") ? 6 : 4];
  return [...rows.covering(words)].length > 0;
}

describe("BlocklistReader", () => {
  it("reads lines that come in pieces, with a byte order mark and any line ends", () => {
    const found = read("\xef\xbb\xbf192.0.", "2.7\r\n# a\n198.51.100.0/2", "4\n\n203.0.113.9");
    expect(found).toMatchObject({ entries: 3, bad: 0, withheld: 0 });
    const rows = "rows" in found ? found.rows[4] : undefined;
    const lines = ["192.0.2.7", "198.51.100.9", "203.0.113.9"].map(
      (text) => [...(rows?.covering(parseWords(text) as Uint32Array) ?? [])][0]?.origin,
    );
    expect(lines).toEqual([1, 3, 5]);
  });

  it("tells the first bad lines, with what is expected, and takes the others", () => {
    const found = read("192.0.2.1\n192.0.2.2\n192.0.2.3\n192.0.2.4\n\x1b[31m\nb\nc\nd\n");
    expect(found).toMatchObject({ entries: 4, bad: 4 });
    expect("told" in found && found.told).toEqual([
      expect.stringMatching(/^\/list:5: "\?\[31m" is no entry: expected an address, a prefix /),
      expect.stringMatching(/^\/list:6: "b" /),
      expect.stringMatching(/^\/list:7: "c" /),
    ]);
  });

  it("takes a text for a list as long as no more of its lines are bad than good", () => {
    expect(read("192.0.2.1\nx\n")).toMatchObject({ entries: 1, bad: 1 });
    expect(read("192.0.2.1\nx\ny\n")).toMatchObject({
      status: "unreadable",
      reason: expect.stringMatching(/^\/list is no blocklist, 2 of its lines are no entries: /),
    });
  });

  it("takes nothing for a failed download, and comments for a list that names nobody", () => {
    expect(read("")).toEqual({ status: "unreadable", reason: "/list is empty" });
    expect(read("# nobody today\n")).toMatchObject({ entries: 0, bad: 0 });
  });

  it.each([
    { characters: 4096, bad: 0 },
    { characters: 4097, bad: 1 },
  ])("bounds a line: $characters characters -> $bad bad", ({ characters, bad }) => {
    const line = `192.0.2.1 #${"x".repeat(characters - 11)}`;
    const halves = [line.slice(0, 5000), `${line.slice(5000)}\n192.0.2.2`];
    expect(read(...halves)).toMatchObject({ entries: 2 - bad, bad });
  });

  it("counts a line that never ends once, however long it is", () => {
    const pieces = Array.from({ length: 20 }, () => "y".repeat(5000));
    expect(read("192.0.2.1\n", ...pieces, "\n192.0.2.2")).toMatchObject({ entries: 2, bad: 1 });
  });

  it.each([
    { line: "10.0.0.0/8", listed: [], free: ["10.0.0.1"] },
    { line: "192.168.7.7", listed: [], free: ["192.168.7.7"] },
    { line: "127.0.0.0/8", listed: [], free: ["127.0.0.1"] },
    { line: "224.0.0.0/3", listed: [], free: ["255.255.255.255"] },
    { line: "0.0.0.0/0", listed: [], free: ["192.0.2.1"] },
    { line: "8.0.0.0/7", listed: [], free: ["8.8.8.8"] },
    { line: "8.0.0.0/8", listed: ["8.8.8.8"], free: ["9.0.0.0"] },
    { line: "8.0.0.0-10.255.255.255", listed: [], free: ["8.8.8.8", "9.9.9.9"] },
    {
      line: "192.0.0.0/8",
      listed: ["192.0.2.1", "192.167.255.255", "192.169.0.0"],
      free: ["192.168.0.0", "192.168.255.255"],
    },
    { line: "172.0.0.0/8", listed: ["172.15.0.1", "172.32.0.1"], free: ["172.16.0.1"] },
    { line: "::1", listed: [], free: ["::1"] },
    { line: "fe80::/16", listed: [], free: ["fe80::1"] },
    { line: "fd00::7", listed: [], free: ["fd00::7"] },
    { line: "2000::/15", listed: [], free: ["2001::1"] },
    { line: "2001::/16", listed: ["2001:db8::1"], free: ["2002::1"] },
    // A half of it is link-local.
    { line: "fe00::/16", listed: ["fe00::1"], free: ["fe80::1"] },
  ])("withholds private, reserved and too wide space of $line", ({ line, listed, free }) => {
    for (const address of listed) expect(isListed(line, address), address).toBe(true);
    for (const address of free) expect(isListed(line, address), address).toBe(false);
  });
});

describe("readBlocklist", () => {
  it("reads a file of root's, and its line numbers", async () => {
    using folder = new TemporaryFolder();
    const path = folder.join("list");
    writeFileSync(path, "# a\n192.0.2.7\n", { mode: 0o644 });
    const reading = await readBlocklist(path);
    if (reading.status !== "read") throw new Error(JSON.stringify(reading));
    expect(reading.list).toMatchObject({ path, entries: 1 });
    expect(formatWords(Uint32Array.of(0, 0, 0xffff, reading.list.rows[4].word(0, 0)))).toBe(
      "192.0.2.7",
    );
  });

  it.each([
    { what: "is not there", make: () => {}, reason: /does not exist$/ },
    { what: "is a folder", make: (path: string) => mkdirSync(path), reason: /is no file$/ },
    {
      what: "can be written by others",
      make: (path: string) => {
        writeFileSync(path, "192.0.2.7\n");
        chmodSync(path, 0o664);
      },
      reason: /can be written by others than root$/,
    },
    {
      what: "is a link that leads nowhere",
      make: (path: string) => symlinkSync(`${path}.gone`, path),
      reason: /does not exist$/,
    },
  ])("does not read one that $what", async ({ make, reason }) => {
    using folder = new TemporaryFolder();
    const path = folder.join("list");
    make(path);
    const reading = await readBlocklist(path);
    expect(reading).toMatchObject({ status: "unreadable", reason: expect.stringMatching(reason) });
  });

  it("does not read one in a folder that others can write in", async () => {
    using folder = new TemporaryFolder();
    mkdirSync(folder.join("open"));
    chmodSync(folder.join("open"), 0o777);
    writeFileSync(folder.join("open/list"), "192.0.2.7\n", { mode: 0o644 });
    const reading = await readBlocklist(folder.join("open/list"));
    expect(reading).toMatchObject({ status: "unreadable" });
  });
});
