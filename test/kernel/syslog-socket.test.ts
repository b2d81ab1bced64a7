import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { bind, close, recv, socket } from "../../src/kernel/libc.ts";
import { AF_UNIX, MSG_DONTWAIT, SOCK_DGRAM } from "../../src/kernel/spec.ts";
import { formatSyslogTime, SyslogSocket } from "../../src/kernel/syslog-socket.ts";
import { FakeClock } from "../support/fake-clock.ts";

let folder: string;
let path: string;
const opened: number[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "vedette-syslog-"));
  path = join(folder, "log");
});
afterEach(() => {
  for (const fd of opened.splice(0)) close(fd);
  rmSync(folder, { recursive: true });
});

/** A log that listens at `path`. @returns its descriptor. */
function startLog(): number {
  const fd = socket(AF_UNIX, SOCK_DGRAM, 0);
  opened.push(fd);
  const name = Buffer.from(path);
  const address = Buffer.alloc(2 + name.length + 1);
  address.writeUInt16LE(AF_UNIX);
  address.set(name, 2);
  if (bind(fd, address) < 0) throw new Error(`nothing listens at ${path}`);
  return fd;
}

/** The log ends and its socket's file goes, as at a restart. */
function stopLog(fd: number): void {
  close(fd);
  opened.splice(opened.indexOf(fd), 1);
  rmSync(path);
}

/** The next line that has come, or undefined. */
function received(fd: number): string | undefined {
  const into = Buffer.alloc(4096);
  const bytes = recv(fd, into, MSG_DONTWAIT);
  return bytes < 0 ? undefined : into.toString("utf8", 0, bytes);
}

function open(): SyslogSocket {
  return new SyslogSocket({ ident: "portsentry", pid: 412, path }, new FakeClock());
}

describe("formatSyslogTime", () => {
  it.each([
    { time: "2026-11-23T03:45:01.999Z", offset: 0, text: "Nov 23 03:45:01" },
    { time: "2026-01-03T23:30:00Z", offset: 0, text: "Jan  3 23:30:00" },
    { time: "2026-12-31T23:30:00Z", offset: 60, text: "Jan  1 00:30:00" },
    { time: "2026-03-01T00:00:00Z", offset: -1, text: "Feb 28 23:59:00" },
  ])("$text", ({ time, offset, text }) => {
    expect(formatSyslogTime(Date.parse(time), offset)).toBe(text);
  });
});

describe("SyslogSocket", () => {
  it.each([
    { level: "error", priority: 27 },
    { level: "warning", priority: 28 },
    { level: "notice", priority: 29 },
    { level: "info", priority: 30 },
    { level: "debug", priority: 31 },
  ] as const)("sends level $level of facility daemon as <$priority>", ({ level, priority }) => {
    const log = startLog();
    const syslog = open();
    expect(syslog.send(level, "adminalert: text")).toBe("sent");
    const time = formatSyslogTime(new FakeClock().epochMs());
    expect(received(log)).toBe(`<${priority}>${time} portsentry[412]: adminalert: text`);
    syslog.close();
  });

  it("loses what nobody listens to, and goes on when the log is back", () => {
    const syslog = open();
    expect(syslog.send("notice", "one")).toBe("lost");
    const first = startLog();
    expect(syslog.send("notice", "two")).toBe("sent");
    stopLog(first);
    expect(syslog.send("notice", "three")).toBe("lost");
    const second = startLog();
    expect(syslog.send("notice", "four")).toBe("sent");
    expect(received(second)).toMatch(/: four$/);
    syslog.close();
  });

  it("says that the log is busy rather than wait for one that does not read", () => {
    const log = startLog();
    const syslog = open();
    let sent = 0;
    while (sent < 100_000 && syslog.send("notice", "text") === "sent") sent += 1;
    expect(sent).toBeLessThan(100_000);
    expect(syslog.send("notice", "text")).toBe("busy");
    for (let line = 0; line < sent; line += 1) expect(received(log)).toMatch(/: text$/);
    expect(syslog.send("notice", "text")).toBe("sent");
    syslog.close();
  });

  it.each([
    { what: "is whole", extra: 0, kept: 1024, character: "x" },
    { what: "is cut", extra: 1, kept: 1024, character: "x" },
    { what: "is cut before a character of two bytes", extra: 1, kept: 1023, character: "é" },
  ])("$what with $extra bytes more than 1024", ({ extra, kept, character }) => {
    const log = startLog();
    const syslog = open();
    const header = `<29>${formatSyslogTime(new FakeClock().epochMs())} portsentry[412]: `;
    const room = 1024 + extra - header.length - Buffer.byteLength(character);
    syslog.send("notice", "x".repeat(room) + character);
    expect(Buffer.byteLength(received(log) ?? "")).toBe(kept);
    syslog.close();
  });

  it("escapes what would end a line, move a cursor or turn a text around", () => {
    const log = startLog();
    const syslog = open();
    syslog.send("notice", "a\n<29>b\x1b[2J\u202ec");
    expect(received(log)).toMatch(/: a\\x0a<29>b\\x1b\[2J\\u\{202e\}c$/);
    syslog.close();
  });

  it("opens again after it was closed", () => {
    const log = startLog();
    const syslog = open();
    syslog.send("notice", "one");
    syslog.close();
    syslog.close();
    expect(syslog.send("notice", "two")).toBe("sent");
    expect([received(log), received(log)]).toEqual([
      expect.stringMatching(/: one$/),
      expect.stringMatching(/: two$/),
    ]);
    syslog.close();
  });

  it.each(["", "x".repeat(108), "a\0b"])("takes %j for a bug, not for a path", (wrong) => {
    const options = { ident: "portsentry", path: wrong };
    expect(() => new SyslogSocket(options, new FakeClock())).toThrow(RangeError);
  });
});
