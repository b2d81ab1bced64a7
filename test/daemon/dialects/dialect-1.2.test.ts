import { describe, expect, it } from "vitest";
import { type DialectEvent, MAX_PORT_LINES } from "../../../src/daemon/dialects/dialect.ts";
import { dialect12 } from "../../../src/daemon/dialects/dialect-1.2.ts";
import { prefixOf } from "../../../src/net/prefix.ts";
import { address, responseOf, scanOf } from "./scans.ts";

/** What logwatch 7.7 looks for in the lines of PortSentry. */
const LOGWATCH = {
  active: /PortSentry is now active/,
  scan: /attackalert: (.+) scan from host: [^/]+\/(\S+) to (\w+) port: (\d+)/,
  blocked: /Host (\S+) has been blocked/,
  already: /Host: (\S+) is already blocked/,
  served: /: (.+) scan detection mode activated. Ignored (\w+) port: (\d+)/,
  excluded: /: (.+) mode will manually exclude port: (\d+)/,
};

function texts(event: DialectEvent): string[] {
  return dialect12.format(event).map(({ text }) => text);
}

/** The line as syslog files it. */
function filed(event: DialectEvent, index = 0): string {
  return `Nov 23 03:45:01 server portsentry[412]: ${texts(event)[index]}`;
}

describe("dialect12", () => {
  it.each<{ event: DialectEvent; lines: string[] }>([
    { event: { event: "starting" }, lines: ["adminalert: PortSentry 1.2 is starting."] },
    {
      event: { event: "ports-watched", mode: "tcp", transport: "tcp", ports: [1, 11] },
      lines: [
        "adminalert: Going into listen mode on TCP port: 1",
        "adminalert: Going into listen mode on TCP port: 11",
      ],
    },
    {
      event: { event: "ports-watched", mode: "udp", transport: "udp", ports: [7] },
      lines: ["adminalert: Going into listen mode on UDP port: 7"],
    },
    {
      event: { event: "ports-watched", mode: "stcp", transport: "tcp", ports: [1] },
      lines: ["adminalert: Going into stealth listen mode on TCP port: 1"],
    },
    {
      event: { event: "ports-watched", mode: "sudp", transport: "udp", ports: [7] },
      lines: ["adminalert: Going into stealth listen mode on UDP port: 7"],
    },
    {
      event: {
        event: "range-watched",
        transport: "tcp",
        below: 1024,
        excluded: [113, 139],
        served: [22, 139],
      },
      lines: [
        "adminalert: Advanced mode will monitor first 1024 ports",
        "adminalert: Advanced mode will manually exclude port: 113 ",
        "adminalert: Advanced mode will manually exclude port: 139 ",
        "adminalert: Advanced Stealth scan detection mode activated. Ignored TCP port: 22",
        "adminalert: Advanced Stealth scan detection mode activated. Ignored TCP port: 113",
        "adminalert: Advanced Stealth scan detection mode activated. Ignored TCP port: 139",
      ],
    },
    {
      event: { event: "range-watched", transport: "udp", below: 1, excluded: [], served: [] },
      lines: [
        "adminalert: Advanced mode will monitor first 1 ports",
        "adminalert: Advanced mode will manually exclude no ports",
      ],
    },
    { event: { event: "ready" }, lines: ["adminalert: PortSentry is now active and listening."] },
    {
      event: { event: "port-not-watched", mode: "tcp", transport: "tcp", port: 11 },
      lines: ["adminalert: ERROR: could not bind TCP socket: 11. Attempting to continue"],
    },
    {
      event: { event: "port-not-watched", mode: "sudp", transport: "udp", port: 11 },
      lines: [
        "adminalert: ERROR: Socket 11 is in use and will not be monitored. Attempting to continue",
      ],
    },
    {
      event: { event: "no-port-watched", mode: "tcp", transport: "tcp" },
      lines: ["adminalert: ERROR: could not bind ANY TCP sockets. Shutting down."],
    },
    {
      event: { event: "no-port-watched", mode: "stcp", transport: "tcp" },
      lines: [
        "adminalert: ERROR: All supplied TCP sockets are in use and will not be listened to. Shutting down.",
      ],
    },
    {
      event: { event: "no-port-listed", transport: "tcp" },
      lines: ["adminalert: ERROR: No TCP ports supplied in config file. Aborting"],
    },
    {
      event: { event: "start-failed" },
      lines: ["adminalert: ERROR: could not go into PortSentry mode. Shutting down."],
    },
    {
      event: { event: "config-absent", path: "/etc/portsentry/portsentry.conf" },
      lines: [
        "adminalert: Cannot open config file: /etc/portsentry/portsentry.conf. Exiting",
        "adminalert: ERROR: Configuration files are missing/corrupted. Shutting down.",
      ],
    },
    {
      event: { event: "config-invalid" },
      lines: [
        "adminalert: ERROR: Your config file is corrupted/missing mandatory option! Shutting down.",
      ],
    },
    {
      event: { event: "file-failed", file: "history", path: "/var/lib/portsentry/h" },
      lines: ["adminalert: ERROR: Cannot open history file: /var/lib/portsentry/h."],
    },
    {
      event: { event: "stopping" },
      lines: [
        "securityalert: PortSentry is shutting down",
        "adminalert: PortSentry is shutting down",
      ],
    },
  ])("says of its own state: $lines", ({ event, lines }) => {
    expect(texts(event)).toEqual(lines);
  });

  it.each([
    { change: {}, line: "TCP SYN/Normal scan from host: 192.0.2.7/192.0.2.7 to TCP port: 11" },
    {
      change: { tcpFlags: 0 },
      line: " TCP NULL scan from host: 192.0.2.7/192.0.2.7 to TCP port: 11",
    },
    {
      change: { tcpFlags: 0x01 },
      line: "TCP FIN scan from host: 192.0.2.7/192.0.2.7 to TCP port: 11",
    },
    {
      change: { tcpFlags: 0x29 },
      line: "TCP XMAS scan from host: 192.0.2.7/192.0.2.7 to TCP port: 11",
    },
    {
      change: { tcpFlags: 0x03 },
      line: "Unknown Type: TCP Packet Flags: SYN: 1 FIN: 1 ACK: 0 PSH: 0 URG: 0 RST: 0 from host: 192.0.2.7/192.0.2.7 to TCP port: 11",
    },
    {
      change: { mode: "audp", transport: "udp", port: 7 } as const,
      line: "UDP scan from host: 192.0.2.7/192.0.2.7 to UDP port: 7",
    },
    {
      change: { host: "evil.example.org" },
      line: "TCP SYN/Normal scan from host: evil.example.org/192.0.2.7 to TCP port: 11",
    },
    {
      change: { source: address("2001:db8::7"), ipOptions: "unknown" } as const,
      line: "TCP SYN/Normal scan from host: 2001:db8::7/2001:db8::7 to TCP port: 11",
    },
    {
      change: { mode: "tcp", ipOptions: "unknown" } as const,
      line: "Connect from host: 192.0.2.7/192.0.2.7 to TCP port: 11",
    },
    {
      change: { mode: "udp", transport: "udp", ipOptions: "unknown" } as const,
      line: "Connect from host: 192.0.2.7/192.0.2.7 to UDP port: 11",
    },
  ])("says of a probe: attackalert: $line", ({ change, line }) => {
    expect(texts({ event: "scan", scan: scanOf(change) })).toEqual([`attackalert: ${line}`]);
  });

  it("has a second line for a probe with IP options", () => {
    expect(texts({ event: "scan", scan: scanOf({ ipOptions: "set" }) })).toEqual([
      "attackalert: TCP SYN/Normal scan from host: 192.0.2.7/192.0.2.7 to TCP port: 11",
      "attackalert: Packet from host: 192.0.2.7/192.0.2.7 to TCP port: 11 has IP options set (detection avoidance technique).",
    ]);
  });

  it.each<{ event: DialectEvent; lines: string[] }>([
    {
      event: responseOf("hosts-deny", "applied", "ALL: 192.0.2.7 : DENY"),
      lines: [
        'attackalert: Host 192.0.2.7 has been blocked via wrappers with string: "ALL: 192.0.2.7 : DENY"',
      ],
    },
    {
      event: responseOf("route", "applied", "/sbin/route add -host 192.0.2.7 reject"),
      lines: [
        'attackalert: Host 192.0.2.7 has been blocked via dropped route using command: "/sbin/route add -host 192.0.2.7 reject"',
      ],
    },
    {
      event: responseOf("command", "applied", "/bin/true 192.0.2.7"),
      lines: [
        'attackalert: External command run for host: 192.0.2.7 using command: "/bin/true 192.0.2.7"',
      ],
    },
    {
      event: {
        event: "response",
        target: prefixOf(address("2001:db8::"), 64),
        response: { name: "route", status: "applied", text: "/bin/true" },
      },
      lines: [
        'attackalert: Host 2001:db8::/64 has been blocked via dropped route using command: "/bin/true"',
      ],
    },
    {
      event: { event: "response-off", transport: "tcp" },
      lines: ["attackalert: Ignoring TCP response per configuration file setting."],
    },
    {
      event: { event: "response-off", transport: "udp" },
      lines: ["attackalert: Ignoring UDP response per configuration file setting."],
    },
    { event: responseOf("hosts-deny", "already-applied", "ALL: 192.0.2.7 : DENY"), lines: [] },
    {
      event: responseOf(
        "route",
        "skipped",
        "/bin/true",
        "No target variable specified in KILL_ROUTE option",
      ),
      lines: ["adminalert: No target variable specified in KILL_ROUTE option. Skipping."],
    },
    {
      event: responseOf("route", "failed", "/bin/false"),
      lines: ["adminalert: ERROR: There was an error trying to block host (system fail) 192.0.2.7"],
    },
    {
      event: responseOf("command", "failed", "/bin/false", "exit status 1"),
      lines: [
        "adminalert: ERROR: There was an error trying to run command (system fail) 192.0.2.7: exit status 1",
      ],
    },
    {
      event: responseOf("hosts-deny", "failed", "ALL: 192.0.2.7 : DENY"),
      lines: [
        "adminalert: cannot open hosts.deny file: /etc/hosts.deny for blocking.",
        "securityalert: ERROR: There was an error trying to block host 192.0.2.7",
      ],
    },
  ])("says of a response: $lines", ({ event, lines }) => {
    expect(texts(event)).toEqual(lines);
  });

  it.each([
    {
      mode: "atcp",
      line: "attackalert: Host: evil.example.org/192.0.2.7 is already blocked Ignoring",
    },
    {
      mode: "sudp",
      line: "attackalert: Host: evil.example.org/192.0.2.7 is already blocked Ignoring",
    },
    { mode: "tcp", line: "attackalert: Host: 192.0.2.7 is already blocked. Ignoring" },
    { mode: "udp", line: "attackalert: Host: 192.0.2.7 is already blocked. Ignoring" },
  ] as const)("says in $mode of a source that is blocked: $line", ({ mode, line }) => {
    const scan = scanOf({ mode, host: "evil.example.org" });
    const result = { status: "already-blocked" } as const;
    expect(texts({ event: "scan-over", scan, result })).toEqual([line]);
  });

  it.each([
    {
      mode: "stcp",
      line: "attackalert: ERROR: Could not block host evil.example.org/192.0.2.7 !!",
    },
    { mode: "atcp", line: "attackalert: ERROR: Could not block host evil.example.org/192.0.2.7!!" },
    { mode: "sudp", line: "attackalert: ERROR: Could not block host evil.example.org/192.0.2.7!!" },
    { mode: "audp", line: "attackalert: ERROR: Could not block host evil.example.org/192.0.2.7!!" },
    { mode: "tcp", line: "attackalert: ERROR: Could not block host 192.0.2.7 !!" },
    { mode: "udp", line: "attackalert: ERROR: Could not block host 192.0.2.7 !!" },
  ] as const)("says in $mode that no response worked: $line", ({ mode, line }) => {
    const scan = scanOf({ mode, host: "evil.example.org" });
    expect(texts({ event: "scan-over", scan, result: { status: "failed" } })).toEqual([line]);
  });

  it.each([
    { status: "ignored", ignoreFile: "/etc/portsentry/portsentry.ignore" },
    { status: "below-trigger" },
    { status: "watched" },
    { status: "blocked" },
  ] as const)("says nothing more of a source that is $status", (result) => {
    expect(texts({ event: "scan-over", scan: scanOf(), result })).toEqual([]);
  });

  it("has level notice for everything", () => {
    const lines = dialect12.format({ event: "start-failed" });
    expect(lines.map(({ level }) => level)).toEqual(["notice"]);
  });

  it("has no more lines than its bound for a long list of ports", () => {
    const ports = Array.from({ length: MAX_PORT_LINES + 5 }, (_, index) => index + 1);
    const event = { event: "ports-watched", mode: "tcp", transport: "tcp" } as const;
    const exact = texts({ ...event, ports: ports.slice(0, MAX_PORT_LINES) });
    expect([exact.length, exact.at(-1)]).toEqual([
      MAX_PORT_LINES,
      `adminalert: Going into listen mode on TCP port: ${MAX_PORT_LINES}`,
    ]);
    const longer = texts({ ...event, ports });
    expect([longer.length, longer.at(-1)]).toEqual([
      MAX_PORT_LINES + 1,
      "adminalert: and 5 more ports",
    ]);
  });
});

describe("dialect12, in our words", () => {
  const target = prefixOf(address("192.0.2.7"), 32);
  const response = { name: "route", status: "failed", text: "x", reason: "status 1" } as const;

  it.each<{ event: DialectEvent; text: string }>([
    {
      event: { event: "banned", target, span: "for 1 h" },
      text: "attackalert: Host 192.0.2.7 has been blocked via nftables for 1 h",
    },
    {
      event: { event: "not-banned", target, reason: "no room" },
      text: "adminalert: Host 192.0.2.7 was not blocked: no room",
    },
    { event: { event: "unbanned", target }, text: "adminalert: Host 192.0.2.7 is let in again" },
    {
      event: { event: "not-undone", target, response },
      text: "adminalert: Undoing response route failed for host 192.0.2.7: status 1",
    },
    {
      event: { event: "left-out", count: 7, what: "probes" },
      text: "adminalert: and 7 more probes",
    },
    {
      event: { event: "note", level: "warning", text: "something is wrong" },
      text: "adminalert: warning: something is wrong",
    },
    { event: { event: "note", level: "notice", text: "fine" }, text: "adminalert: fine" },
  ])("$text", ({ event, text }) => {
    expect(dialect12.format(event)).toEqual([{ level: "notice", text }]);
  });
});

describe("logwatch", () => {
  it("counts a ban in the kernel, and none that was not made", () => {
    const target = prefixOf(address("192.0.2.7"), 32);
    const banned = filed({ event: "banned", target, span: "for good" });
    expect(LOGWATCH.blocked.exec(banned)?.[1]).toBe("192.0.2.7");
    for (const event of ["not-banned", "unbanned"] as const) {
      expect(filed({ event, target, reason: "x" })).not.toMatch(LOGWATCH.blocked);
    }
  });

  it("finds each scan with its source, also with a name and by IPv6", () => {
    const scans = [
      scanOf(),
      scanOf({ tcpFlags: 0 }),
      scanOf({ host: "evil.example.org" }),
      scanOf({ source: address("2001:db8::7") }),
      scanOf({ mode: "audp", transport: "udp", port: 7 }),
    ];
    expect(
      scans.map((scan) => LOGWATCH.scan.exec(filed({ event: "scan", scan }))?.slice(1)),
    ).toEqual([
      ["TCP SYN/Normal", "192.0.2.7", "TCP", "11"],
      [" TCP NULL", "192.0.2.7", "TCP", "11"],
      ["TCP SYN/Normal", "192.0.2.7", "TCP", "11"],
      ["TCP SYN/Normal", "2001:db8::7", "TCP", "11"],
      ["UDP", "192.0.2.7", "UDP", "7"],
    ]);
  });

  it("counts what hosts.deny and the route did", () => {
    for (const name of ["hosts-deny", "route"] as const) {
      const line = filed(responseOf(name, "applied", "x"));
      expect(LOGWATCH.blocked.exec(line)?.[1]).toBe("192.0.2.7");
    }
  });

  it("does not count a response that failed", () => {
    for (const name of ["hosts-deny", "route", "command"] as const) {
      for (const { text } of dialect12.format(responseOf(name, "failed", "x", "y"))) {
        expect(text).not.toMatch(LOGWATCH.blocked);
      }
    }
  });

  it("passes over a source that is blocked already, and the start", () => {
    const result = { status: "already-blocked" } as const;
    expect(filed({ event: "scan-over", scan: scanOf(), result })).toMatch(LOGWATCH.already);
    expect(filed({ event: "ready" })).toMatch(LOGWATCH.active);
  });

  it("lists what the advanced mode leaves out", () => {
    const event = {
      event: "range-watched",
      transport: "tcp",
      below: 1024,
      excluded: [113],
      served: [],
    } as const;
    expect(LOGWATCH.excluded.exec(filed(event, 1))?.[2]).toBe("113");
    expect(LOGWATCH.served.exec(filed(event, 2))?.slice(2)).toEqual(["TCP", "113"]);
  });
});
