import { describe, expect, it } from "vitest";
import { formatOffsetTime } from "../../../src/broker/legacy/local-time.ts";
import type { DialectEvent, ScanResult } from "../../../src/daemon/dialects/dialect.ts";
import { dialect2x, formatScan } from "../../../src/daemon/dialects/dialect-2.x.ts";
import { prefixOf } from "../../../src/net/prefix.ts";
import { address, responseOf, scanOf } from "./scans.ts";

const watched: ScanResult = { status: "watched" };
const stealth = scanOf({ mode: "stealth" });

/** 2.x's own filter, with what fail2ban puts in place of <HOST>, less the names it would resolve. */
const UPSTREAM_FILTER = /^[^ ]* Scan from: \[(?<host>[0-9a-fA-F.:]+)\]/;

const RESULTS: readonly ScanResult[] = [
  { status: "ignored", ignoreFile: undefined },
  { status: "below-trigger" },
  { status: "watched" },
  { status: "blocked" },
  { status: "already-blocked" },
  { status: "failed" },
];

function texts(event: DialectEvent): string[] {
  return dialect2x.format(event).map(({ text }) => text);
}

describe("formatScan", () => {
  const ANSWERS = "ignored: [false] triggered: [true] noblock: [true] blocked: [false]";

  it.each([
    { change: {}, what: "port: [11] type: [TCP SYN/Normal scan] IP opts: [not set]" },
    { change: { tcpFlags: 0 }, what: "port: [11] type: [TCP NULL scan] IP opts: [not set]" },
    { change: { tcpFlags: 0x01 }, what: "port: [11] type: [TCP FIN scan] IP opts: [not set]" },
    { change: { tcpFlags: 0x29 }, what: "port: [11] type: [TCP XMAS scan] IP opts: [not set]" },
    {
      change: { tcpFlags: 0x03 },
      what: "port: [11] type: [Unknown Type: TCP Packet Flags: SYN: 1 FIN: 1 ACK: 0 PSH: 0 URG: 0 RST: 0] IP opts: [not set]",
    },
    {
      change: { ipOptions: "set" } as const,
      what: "port: [11] type: [TCP SYN/Normal scan] IP opts: [set]",
    },
    {
      change: { mode: "connect", ipOptions: "unknown" } as const,
      what: "port: [11] type: [Connect] IP opts: [unknown]",
    },
  ])("writes a TCP probe with $what", ({ change, what }) => {
    expect(formatScan({ ...stealth, ...change }, watched)).toBe(
      `Scan from: [192.0.2.7] (192.0.2.7) protocol: [TCP] ${what} ${ANSWERS}`,
    );
  });

  it.each([
    {
      change: { transport: "udp", port: 7 } as const,
      line: "Scan from: [192.0.2.7] (192.0.2.7) protocol: [UDP] port: [7] type: [UDP] IP opts: [not set]",
    },
    {
      change: { transport: "udp", port: 7, mode: "connect", ipOptions: "unknown" } as const,
      line: "Scan from: [192.0.2.7] (192.0.2.7) protocol: [UDP] port: [7] type: [Connect] IP opts: [unknown]",
    },
    {
      change: {
        source: address("2001:db8::7"),
        host: "2001:db8::7",
        ipOptions: "unknown",
      } as const,
      line: "Scan from: [2001:db8::7] (2001:db8::7) protocol: [TCP] port: [11] type: [TCP SYN/Normal scan] IP opts: [unknown]",
    },
    {
      change: { host: "evil.example.org" },
      line: "Scan from: [192.0.2.7] (evil.example.org) protocol: [TCP] port: [11] type: [TCP SYN/Normal scan] IP opts: [not set]",
    },
  ])("writes $line", ({ change, line }) => {
    expect(formatScan({ ...stealth, ...change }, watched)).toBe(`${line} ${ANSWERS}`);
  });

  it.each([
    {
      result: { status: "ignored", ignoreFile: undefined } as const,
      start: "Ignored scan from: [192.0.2.7] (",
      end: "ignored: [true] triggered: [unset] noblock: [unset] blocked: [unset]",
    },
    {
      result: { status: "below-trigger" } as const,
      start: "Scan below trigger from: [192.0.2.7] (",
      end: "ignored: [false] triggered: [false] noblock: [unset] blocked: [unset]",
    },
    {
      result: { status: "blocked" } as const,
      start: "Scan from: [192.0.2.7] (",
      end: "ignored: [false] triggered: [true] noblock: [false] blocked: [true]",
    },
    {
      result: { status: "already-blocked" } as const,
      start: "Scan from: [192.0.2.7] (",
      end: "ignored: [false] triggered: [true] noblock: [false] blocked: [true]",
    },
    {
      result: { status: "failed" } as const,
      start: "Scan from: [192.0.2.7] (",
      end: "ignored: [false] triggered: [true] noblock: [false] blocked: [false]",
    },
  ])("tells of $result.status: $end", ({ result, start, end }) => {
    const line = formatScan(stealth, result);
    expect([line.slice(0, start.length), line.slice(-end.length)]).toEqual([start, end]);
  });
});

describe("dialect2x, in our words", () => {
  const target = prefixOf(address("192.0.2.7"), 32);
  const response = { name: "command", status: "failed", text: "x" } as const;

  it.each<{ event: DialectEvent; level: string; text: string }>([
    {
      event: { event: "banned", target, span: "for good" },
      level: "notice",
      text: "attackalert: Host 192.0.2.7 has been blocked via nftables for good",
    },
    {
      event: { event: "not-banned", target, reason: "no room" },
      level: "error",
      text: "Host 192.0.2.7 was not blocked: no room",
    },
    {
      event: { event: "unbanned", target },
      level: "notice",
      text: "Host 192.0.2.7 is let in again",
    },
    {
      event: { event: "not-undone", target, response },
      level: "error",
      text: "Undoing response command failed for host 192.0.2.7",
    },
    {
      event: { event: "left-out", count: 7, what: "probes" },
      level: "notice",
      text: "and 7 more probes",
    },
    { event: { event: "note", level: "info", text: "fine" }, level: "info", text: "fine" },
    {
      event: { event: "note", level: "error", text: "it broke" },
      level: "error",
      text: "error: it broke",
    },
  ])("$text", ({ event, level, text }) => {
    expect(dialect2x.format(event)).toEqual([{ level, text }]);
    expect(text).not.toMatch(UPSTREAM_FILTER);
  });
});

describe("2.x's fail2ban filter", () => {
  it.each(RESULTS)("reads the history's line of a source that is $status rightly", (result) => {
    const isGuilty = result.status !== "ignored" && result.status !== "below-trigger";
    const time = formatOffsetTime(1_795_354_999_000);
    // fail2ban takes the time out of a line before it looks, so both forms count.
    for (const before of [time, ""]) {
      const line = `${before} ${formatScan(stealth, result)}`;
      expect(UPSTREAM_FILTER.exec(line)?.groups?.["host"]).toBe(isGuilty ? "192.0.2.7" : undefined);
    }
  });

  it("finds no other line than that of a scan", () => {
    const others = RESULTS.flatMap((result) =>
      texts({ event: "scan-over", scan: stealth, result }).slice(0, -1),
    );
    expect(others).toHaveLength(2);
    for (const text of others) expect(`x ${text}`).not.toMatch(UPSTREAM_FILTER);
  });
});

describe("dialect2x", () => {
  it.each<{ event: DialectEvent; lines: string[] }>([
    { event: { event: "ready" }, lines: ["Portsentry is now active and listening."] },
    { event: { event: "stopping" }, lines: ["Portsentry is shutting down"] },
    {
      event: { event: "ports-watched", mode: "connect", transport: "tcp", ports: [1, 11] },
      lines: ["Listen on AF_INET6: TCP port: 1", "Listen on AF_INET6: TCP port: 11"],
    },
    {
      event: { event: "ports-watched", mode: "stealth", transport: "tcp", ports: [1] },
      lines: [],
    },
    {
      event: responseOf("hosts-deny", "applied", "ALL: 192.0.2.7 : DENY"),
      lines: [
        'attackalert: Host 192.0.2.7 has been blocked via wrappers with string: "ALL: 192.0.2.7 : DENY"',
      ],
    },
    {
      event: responseOf("route", "applied", "/bin/true"),
      lines: [
        'attackalert: Host 192.0.2.7 has been blocked via dropped route using command: "/bin/true"',
      ],
    },
    {
      event: responseOf("command", "applied", "/bin/true"),
      lines: ['attackalert: External command run for host: 192.0.2.7 using command: "/bin/true"'],
    },
    {
      event: responseOf("hosts-deny", "already-applied", "ALL: 192.0.2.7 : DENY"),
      lines: ["Host 192.0.2.7 already in hosts.deny file, skipping."],
    },
    { event: responseOf("route", "already-applied", "/bin/true"), lines: [] },
    {
      event: responseOf("route", "failed", "/bin/false", "exit status 1"),
      lines: ["Response route failed for host 192.0.2.7: exit status 1"],
    },
    { event: { event: "response-off", transport: "tcp" }, lines: [] },
    { event: { event: "scan", scan: stealth }, lines: [] },
    {
      event: { event: "scan-over", scan: stealth, result: { status: "already-blocked" } },
      lines: [
        "attackalert: Host: 192.0.2.7/192.0.2.7 is already blocked Ignoring",
        formatScan(stealth, { status: "already-blocked" }),
      ],
    },
    {
      event: { event: "scan-over", scan: stealth, result: { status: "failed" } },
      lines: [
        "attackalert: Error during target dispose 192.0.2.7/192.0.2.7!",
        formatScan(stealth, { status: "failed" }),
      ],
    },
    {
      event: { event: "scan-over", scan: stealth, result: watched },
      lines: [formatScan(stealth, watched)],
    },
  ])("says of $event.event: $lines", ({ event, lines }) => {
    expect(texts(event)).toEqual(lines);
  });

  it("names the ignore file for a verbose guard", () => {
    const ignoreFile = "/etc/portsentry/portsentry.ignore";
    const result = { status: "ignored", ignoreFile } as const;
    expect(dialect2x.format({ event: "scan-over", scan: stealth, result })).toEqual([
      {
        level: "info",
        text: "Host: 192.0.2.7 found in ignore file /etc/portsentry/portsentry.ignore, aborting actions",
      },
      { level: "notice", text: formatScan(stealth, result) },
    ]);
  });

  it.each<DialectEvent>([
    responseOf("route", "failed", "/bin/false"),
    responseOf("route", "skipped", "/bin/false"),
    { event: "file-failed", file: "history", path: "/var/log/portsentry.log" },
    { event: "scan-over", scan: stealth, result: { status: "failed" } },
  ])("has level error for $event, which 2.x keeps to itself or calls one", (event) => {
    expect(dialect2x.format(event)[0]?.level).toBe("error");
  });
});
