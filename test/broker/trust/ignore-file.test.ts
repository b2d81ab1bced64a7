import { chmodSync, rmSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { HostNames } from "../../../src/broker/trust/host-names.ts";
import { IgnoreFile, parseIgnoreFile } from "../../../src/broker/trust/ignore-file.ts";
import type { IpAddress } from "../../../src/net/ip-address.ts";
import { type Prefix, prefixContains } from "../../../src/net/prefix.ts";
import { FakeClock } from "../fakes.ts";
import { FakeFiles, prefixesOf } from "./fake-files.ts";

describe("parseIgnoreFile", () => {
  it.each([
    { text: "192.0.2.7\n", entries: ["192.0.2.7/32 f:1"] },
    { text: "192.0.2.7", entries: ["192.0.2.7/32 f:1"] },
    { text: "\n\n192.0.2.7/16\n", entries: ["192.0.0.0/16 f:3"] },
    { text: "  \t192.0.2.7  \n", entries: ["192.0.2.7/32 f:1"] },
    { text: "192.0.2.7\r\n192.0.2.8\r\n", entries: ["192.0.2.7/32 f:1", "192.0.2.8/32 f:2"] },
    { text: "192.0.2.7 # a friend\n", entries: ["192.0.2.7/32 f:1"] },
    { text: "192.0.2.7# a friend\n", entries: ["192.0.2.7/32 f:1"] },
    { text: "# 192.0.2.7\n   #192.0.2.8\n", entries: [] },
    { text: "0.0.0.0/0\n::/0\n", entries: ["0.0.0.0/0 f:1", "::/0 f:2"] },
    { text: "2001:DB8::7/32\n", entries: ["2001:db8::/32 f:1"] },
    { text: "fe80::1%eth0\n", entries: ["fe80::1/128 f:1"] },
    { text: "::ffff:192.0.2.7\n", entries: ["192.0.2.7/32 f:1"] },
    { text: "\uFEFF192.0.2.7\n", entries: ["192.0.2.7/32 f:1"] },
    { text: "", entries: [] },
  ])("$text -> $entries", ({ text, entries }) => {
    const parsed = parseIgnoreFile(text, "f");
    expect(parsed.entries.map(({ prefix, why }) => `${prefix} ${why}`)).toEqual(entries);
    expect(parsed.faults).toEqual([]);
  });

  const ignored = (text: string) => parseIgnoreFile(text, "f").entries.map(({ prefix }) => prefix);

  it("reads the last line whole, also without a newline: its host, and no other", () => {
    expect(ignored("192.0.2.7\n198.51.100.21")).toEqual(["192.0.2.7/32", "198.51.100.21/32"]);
  });

  it("takes an address with host bits and a length for the block that it lies in", () => {
    expect(ignored("192.0.2.7/24\n2001:db8::7/64\n")).toEqual(["192.0.2.0/24", "2001:db8::/64"]);
  });

  it("takes a length of 0 for everybody of the family", () => {
    const [ipv4, ipv6] = ["0.0.0.0/0", "::/0"].flatMap(ignored) as [Prefix, Prefix];
    expect(prefixContains(ipv4, "255.255.255.255" as IpAddress)).toBe(true);
    expect(prefixContains(ipv6, "ffff::1" as IpAddress)).toBe(true);
    expect(prefixContains(ipv4, "::1" as IpAddress)).toBe(false);
  });

  it("reads past a blank before an address, a comment behind it, CRLF and capital digits", () => {
    expect(ignored(" 192.0.2.7\n192.0.2.8 # friend\n192.0.2.9\r\n2001:DB8::A\n")).toEqual([
      "192.0.2.7/32",
      "192.0.2.8/32",
      "192.0.2.9/32",
      "2001:db8::a/128",
    ]);
  });

  it("reads host names with their lines", () => {
    expect(parseIgnoreFile("\nmail.example.org\nlocalhost # ours\n", "f").names).toEqual([
      { name: "mail.example.org", line: 2 },
      { name: "localhost", line: 3 },
    ]);
  });

  it.each([
    {
      text: "192.0.2.0/255.255.255.0",
      fault: 'f:1: write "192.0.2.0/255.255.255.0" with a length, such as /24 for 255.255.255.0',
    },
    { text: "192.0.2", fault: 'f:1: "192.0.2" is no address, prefix or host name' },
    { text: "192.0.2.256", fault: 'f:1: "192.0.2.256" is no address, prefix or host name' },
    { text: "192.0.2.7/33", fault: 'f:1: "192.0.2.7/33" is no address, prefix or host name' },
    { text: "a;b\u001b[2J", fault: 'f:1: "a;b?[2J" is no address, prefix or host name' },
  ])("says what is wrong with $text and reads on", ({ text, fault }) => {
    const parsed = parseIgnoreFile(`${text}\n198.51.100.7\n`, "f");
    expect(parsed.faults).toEqual([fault]);
    expect(parsed.entries).toHaveLength(1);
  });

  it("reads the first word of a line and tells that it does not read the rest", () => {
    const parsed = parseIgnoreFile("192.0.2.7 a friend\n", "f");
    expect(parsed.entries).toHaveLength(1);
    expect(parsed.faults).toEqual(['f:1: only "192.0.2.7" is read; a comment begins with #']);
  });

  it("accounts for every line that has one word, whatever the word", () => {
    const words = fc.string({ minLength: 1 }).filter((word) => !/[\s#]/.test(word));
    fc.assert(
      fc.property(fc.array(words), (lines) => {
        const { entries, names, faults } = parseIgnoreFile(lines.join("\n"), "f");
        expect(entries.length + names.length + faults.length).toBe(lines.length);
      }),
    );
  });

  it("never throws, whatever the text", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        parseIgnoreFile(text, "f");
      }),
    );
  });
});

describe("IgnoreFile", () => {
  const open = (path: string, isRequired = true) => {
    const clock = new FakeClock();
    const names = new HostNames(clock, async () => ["198.51.100.7"]);
    return { clock, names, file: new IgnoreFile({ path, isRequired, names }, clock) };
  };

  it("is read anew when it has changed", () => {
    using files = new FakeFiles();
    const { file } = open(files.write("ignore", "192.0.2.7\n"));
    expect(prefixesOf(file.read())).toEqual(["192.0.2.7/32"]);
    files.write("ignore", "192.0.2.8\n");
    expect(prefixesOf(file.read())).toEqual(["192.0.2.8/32"]);
  });

  it("has the addresses of host names as soon as they are resolved", async () => {
    using files = new FakeFiles();
    const { file, names } = open(files.write("ignore", "mail.example.org\n"));
    expect(prefixesOf(file.read())).toEqual([]);
    await names.refresh();
    const why = `${files.path("ignore")}:1 (mail.example.org)`;
    expect(file.read()).toMatchObject({ entries: [{ prefix: "198.51.100.7/32", why }] });
  });

  it("is not taken where others can write it, and holds on to what it said before", () => {
    using files = new FakeFiles();
    const path = files.write("ignore", "192.0.2.7\n");
    chmodSync(path, 0o666);
    const { file } = open(path);
    expect(file.read()).toEqual({
      status: "unreadable",
      reason: expect.stringContaining(`${path}: everybody can write it (mode 0666)`),
    });
    chmodSync(path, 0o644);
    expect(prefixesOf(file.read())).toEqual(["192.0.2.7/32"]);
  });

  it("that must be there and is not cannot be read; one that need not be is empty", () => {
    using files = new FakeFiles();
    expect(open(files.path("none")).file.read()).toEqual({
      status: "unreadable",
      reason: `${files.path("none")} does not exist`,
    });
    expect(prefixesOf(open(files.path("none"), false).file.read())).toEqual([]);
  });

  it("that need not be there is gone when it was missed twice, a second apart", () => {
    using files = new FakeFiles();
    const { clock, file } = open(files.write("ignore", "192.0.2.7\n"), false);
    file.read();
    rmSync(files.path("ignore"));
    expect(prefixesOf(file.read())).toEqual(["192.0.2.7/32"]);
    clock.advance(999);
    expect(prefixesOf(file.read())).toEqual(["192.0.2.7/32"]);
    clock.advance(1);
    expect(prefixesOf(file.read())).toEqual([]);
  });

  it("that an editor takes away for a moment keeps its hosts, each time anew", () => {
    using files = new FakeFiles();
    const { clock, file } = open(files.write("ignore", "192.0.2.7\n"), false);
    for (let round = 0; round < 3; round += 1) {
      expect(prefixesOf(file.read())).toEqual(["192.0.2.7/32"]);
      rmSync(files.path("ignore"));
      clock.advance(5000);
      expect(prefixesOf(file.read())).toEqual(["192.0.2.7/32"]);
      files.write("ignore", "192.0.2.7\n");
      clock.advance(5000);
    }
  });
});
