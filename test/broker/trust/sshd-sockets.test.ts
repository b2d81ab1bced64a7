import { chmodSync, mkdirSync, symlinkSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { SocketView } from "../../../src/broker/socket-view.ts";
import { isLoggedInTitle, SshdSockets } from "../../../src/broker/trust/sshd-sockets.ts";
import { OperationalError } from "../../../src/errors.ts";
import { connection, FakeSockets } from "../fake-sockets.ts";
import { FakeClock } from "../fakes.ts";
import { FakeFiles, prefixesOf } from "./fake-files.ts";

describe("isLoggedInTitle", () => {
  it.each([
    { title: "sshd: ann@pts/0", isLoggedIn: true },
    { title: "sshd: ann@pts/0,pts/12", isLoggedIn: true },
    { title: "sshd: ann@notty", isLoggedIn: true },
    { title: "sshd: root@notty", isLoggedIn: true },
    { title: "sshd-session: ann@pts/0", isLoggedIn: true },
    { title: "sshd: ann@example.org@pts/0", isLoggedIn: true },
    { title: "sshd: EXAMPLE\\ann@notty", isLoggedIn: true },
    { title: "sshd: ann [priv]", isLoggedIn: false },
    { title: "sshd: ann [net]", isLoggedIn: false },
    { title: "sshd: unknown [net]", isLoggedIn: false },
    { title: "sshd: [accepted]", isLoggedIn: false },
    { title: "sshd: [net]", isLoggedIn: false },
    { title: "sshd-session: [accepted]", isLoggedIn: false },
    { title: "sshd-auth: ann@notty", isLoggedIn: false },
    { title: "sshd-session: ann [preauth]", isLoggedIn: false },
    { title: "sshd: ann@pts/0 [preauth]", isLoggedIn: false },
    { title: "sshd: x@notty [priv]", isLoggedIn: false },
    { title: "sshd: /usr/sbin/sshd -D [listener] 0 of 10-100 startups", isLoggedIn: false },
    { title: "sshd: @notty", isLoggedIn: false },
    { title: "sshd: ann", isLoggedIn: false },
    { title: "vim sshd: ann@pts/0", isLoggedIn: false },
    { title: "", isLoggedIn: false },
  ])("$title -> $isLoggedIn", ({ title, isLoggedIn }) => {
    expect(isLoggedInTitle(title)).toBe(isLoggedIn);
  });
});

/** A /proc with a process that holds socket 7777, which is connected to 192.0.2.7. */
function open({ title = "sshd: ann@pts/0", program = "sshd", mode = 0o755 } = {}) {
  const files = new FakeFiles();
  const binary = files.write(`bin/${program}`, "");
  chmodSync(binary, mode);
  files.write("proc/100/cmdline", `${title}\0\0\0`);
  mkdirSync(files.path("proc/100/fd"));
  symlinkSync(binary, files.path("proc/100/exe"));
  symlinkSync("/dev/null", files.path("proc/100/fd/0"));
  symlinkSync("socket:[7777]", files.path("proc/100/fd/3"));
  const sockets = new FakeSockets();
  sockets.connected = [
    connection({ remoteAddress: "192.0.2.7", inode: 7777 }),
    connection({ remoteAddress: "192.0.2.8", inode: 8888 }),
    connection({ remoteAddress: "192.0.2.9", inode: 0 }),
  ];
  const view = new SocketView(sockets, new FakeClock());
  return { files, sockets, source: new SshdSockets(view, files.path("proc")) };
}

describe("SshdSockets", () => {
  it.each([
    { what: "a logged-in user's sshd", given: {}, found: ["192.0.2.7/32"] },
    {
      what: "its program of OpenSSH 9.8",
      given: { title: "sshd-session: ann@notty", program: "sshd-session" },
      found: ["192.0.2.7/32"],
    },
    { what: "an open connection and no login", given: { title: "sshd: [net]" }, found: [] },
    { what: "a login that is not over", given: { title: "sshd: ann [priv]" }, found: [] },
    { what: "another program with that title", given: { program: "ncat" }, found: [] },
    { what: "an sshd that anybody may have written", given: { mode: 0o777 }, found: [] },
  ])("$what -> $found", ({ given, found }) => {
    const { files, source } = open(given);
    using _ = files;
    expect(prefixesOf(source.read())).toEqual(found);
  });

  it("does not list connections where nobody is logged in", () => {
    const { files, sockets, source } = open({ title: "sshd: [net]" });
    using _ = files;
    sockets.failure = new OperationalError("ERR_UNAVAILABLE", "no sock_diag");
    expect(prefixesOf(source.read())).toEqual([]);
  });

  it("tells when connections cannot be listed", () => {
    const { files, sockets, source } = open();
    using _ = files;
    sockets.failure = new OperationalError("ERR_UNAVAILABLE", "no sock_diag");
    expect(source.read()).toEqual({ status: "unreadable", reason: "no sock_diag" });
  });

  it("passes over a process that ends while it is looked at", () => {
    const { files, source } = open();
    using _ = files;
    files.write("proc/101/cmdline", "sshd: ben@notty\0");
    expect(prefixesOf(source.read())).toEqual(["192.0.2.7/32"]);
  });

  it("keeps the other sockets of a session of which one descriptor was closed meanwhile", () => {
    const { files, source } = open();
    using _ = files;
    // What readlink says of a descriptor that is gone: here, because it is no link.
    files.write("proc/100/fd/1", "");
    expect(prefixesOf(source.read())).toEqual(["192.0.2.7/32"]);
  });

  it("says that it cannot be read where processes cannot be listed", () => {
    using files = new FakeFiles();
    const view = new SocketView(new FakeSockets(), new FakeClock());
    const source = new SshdSockets(view, files.write("proc", "no folder"));
    expect(source.read()).toMatchObject({
      status: "unreadable",
      reason: expect.stringContaining("ENOTDIR"),
    });
  });
});
