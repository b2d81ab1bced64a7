import { describe, expect, it } from "vitest";
import { parseSshConnection, SshConnection } from "../../../src/broker/trust/ssh-connection.ts";
import { FakeFiles, prefixesOf } from "./fake-files.ts";

describe("parseSshConnection", () => {
  it.each([
    { text: "HOME=/root\0SSH_CONNECTION=192.0.2.7 50000 192.0.2.10 22\0", found: ["192.0.2.7/32"] },
    { text: "SSH_CONNECTION=fe80::7%eth0 50000 fe80::10%eth0 22", found: ["fe80::7/128"] },
    { text: "MY_SSH_CONNECTION=192.0.2.7 50000 192.0.2.10 22\0", found: [] },
    { text: "SSH_CONNECTION=0.0.0.0/0 1 2 3\0", found: [] },
    { text: "SSH_CONNECTION=\0", found: [] },
    { text: "", found: [] },
  ])("$text -> $found", ({ text, found }) => {
    expect(parseSshConnection(text).map(({ prefix }) => prefix)).toEqual(found);
  });
});

describe("SshConnection", () => {
  it("asks the parents, which sudo has taken it from", () => {
    using files = new FakeFiles();
    files.write("30/environ", "HOME=/root\0");
    files.write("30/status", "Name:\tguard\nPPid:\t20\n");
    files.write("20/status", "Name:\tsudo\nPPid:\t10\n");
    files.write("10/environ", "SSH_CONNECTION=192.0.2.7 50000 192.0.2.10 22\0");
    files.write("10/status", "Name:\tbash\nPPid:\t1\n");
    files.write("1/environ", "SSH_CONNECTION=192.0.2.8 50000 192.0.2.10 22\0");
    expect(prefixesOf(new SshConnection(files.folder, 30).read())).toEqual(["192.0.2.7/32"]);
  });

  it("ends where parents go in a circle", () => {
    using files = new FakeFiles();
    files.write("30/status", "PPid:\t30\n");
    expect(prefixesOf(new SshConnection(files.folder, 30).read())).toEqual([]);
  });
});
