import { describe, expect, it } from "vitest";
import { requireConfiguration } from "../../../src/config/load.ts";
import type { AnnouncementFacts } from "../../../src/daemon/announcement.ts";
import type { Dialect } from "../../../src/daemon/dialects/dialect.ts";
import { dialect12 } from "../../../src/daemon/dialects/dialect-1.2.ts";
import { dialect2x } from "../../../src/daemon/dialects/dialect-2.x.ts";
import { DialectEvents } from "../../../src/daemon/dialects/dialect-events.ts";
import type { Verbosity } from "../../../src/logger.ts";
import type { Ban } from "../../../src/model/ban.ts";
import type { HealthProblem } from "../../../src/model/health.ts";
import type { Order } from "../../../src/model/order.ts";
import { prefixOf } from "../../../src/net/prefix.ts";
import { address } from "./scans.ts";

const target = prefixOf(address("192.0.2.7"), 32);

function open(dialect: Dialect, verbosity: Verbosity = "normal") {
  const lines: string[] = [];
  const names: string[] = [];
  const events = new DialectEvents({
    dialect,
    verbosity,
    logger: {
      log: (level, event, text) => {
        lines.push(`${level} ${text}`);
        names.push(event);
      },
    },
    spanOf: ({ untilEpochMs }) => (untilEpochMs === undefined ? undefined : "for 1 h"),
  });
  return { events, lines, names };
}

const facts = (overrides: Record<string, string>) =>
  ({
    configuration: requireConfiguration({ overrides }),
    watchOnly: undefined,
    served: [],
    listened: [{ transport: "tcp", port: 11 }],
    isKernelSensing: true,
    confirmWithinMs: undefined,
  }) as unknown as AnnouncementFacts;

/** A life without a scan. */
function live({ events }: ReturnType<typeof open>, overrides: Record<string, string>): void {
  events.starting();
  events.started(facts(overrides));
  events.ready();
  events.stopping();
  events.stopped("bans stay until they run out");
}

const problem = (severity: HealthProblem["severity"]): HealthProblem => ({
  code: "ban-failed",
  severity,
  text: "It broke.",
  action: "Mend it.",
  sinceEpochMs: 0,
});

const order = (origin: Ban["origin"], untilEpochMs?: number): Order => ({
  act: "ban",
  ban: { prefix: target, origin, untilEpochMs } as Ban,
  cause: undefined,
});

describe("DialectEvents, the life of a program", () => {
  const reaction = expect.stringMatching(/^notice (adminalert: )?Whoever scans is held for /);

  it("is 1.2's", () => {
    const opened = open(dialect12);
    live(opened, { TCP_MODE: "stcp", UDP_MODE: "", TCP_PORTS: "11,15" });
    expect(opened.lines).toEqual([
      "notice adminalert: PortSentry 1.2 is starting.",
      "notice adminalert: Going into stealth listen mode on TCP port: 11",
      "notice adminalert: Going into stealth listen mode on TCP port: 15",
      reaction,
      "notice adminalert: PortSentry is now active and listening.",
      "notice securityalert: PortSentry is shutting down",
      "notice adminalert: PortSentry is shutting down",
    ]);
  });

  it("is 2.x's", () => {
    const opened = open(dialect2x);
    live(opened, { TCP_MODE: "connect", UDP_MODE: "", TCP_PORTS: "11,15" });
    expect(opened.lines).toEqual([
      "notice Listen on AF_INET6: TCP port: 11",
      reaction,
      "notice Portsentry is now active and listening.",
      "notice Portsentry is shutting down",
    ]);
    expect(opened.names).toEqual(["ports-watched", "start", "ready", "stopping"]);
  });

  it.each([
    {
      dialect: dialect12,
      lines: [
        "notice adminalert: error: another guard runs",
        "notice adminalert: ERROR: could not go into PortSentry mode. Shutting down.",
      ],
    },
    { dialect: dialect2x, lines: ["error error: another guard runs"] },
  ])("that is not to be says why ($dialect.name)", ({ dialect, lines: expected }) => {
    const { events, lines } = open(dialect);
    events.startFailed("another guard runs");
    expect(lines).toEqual(expected);
  });
});

describe("DialectEvents, what is wrong", () => {
  it.each([
    { severity: "error", verbosity: "normal", isTold: true },
    { severity: "warning", verbosity: "normal", isTold: true },
    { severity: "notice", verbosity: "normal", isTold: false },
    { severity: "notice", verbosity: "verbose", isTold: true },
  ] as const)("$severity of a $verbosity guard: $isTold, beginning and end", (row) => {
    for (const dialect of [dialect12, dialect2x]) {
      const { events, lines } = open(dialect, row.verbosity);
      events.health(problem(row.severity), "raised");
      events.health(problem(row.severity), "cleared");
      expect(lines).toHaveLength(row.isTold ? 2 : 0);
    }
  });

  it("is said with its level, and what to do", () => {
    const { events, lines, names } = open(dialect2x);
    events.health(problem("warning"), "raised");
    events.health(problem("warning"), "cleared");
    expect(lines).toEqual(["warning warning: It broke. Mend it.", "notice over: It broke."]);
    expect(names).toEqual(["health", "health"]);
  });

  it("is status to the readers of 1.2", () => {
    const { events, lines } = open(dialect12);
    events.health(problem("error"), "raised");
    events.fileFailed("history", "/var/lib/portsentry/portsentry.history");
    expect(lines).toEqual([
      "notice adminalert: error: It broke. Mend it.",
      "notice adminalert: ERROR: Cannot open history file: /var/lib/portsentry/portsentry.history.",
    ]);
  });
});

describe("DialectEvents, what people order", () => {
  it("tells a ban by command", () => {
    const { events, lines } = open(dialect12);
    events.outcome(order("operator", 1), { status: "applied" }, []);
    events.outcome(order("operator", 1), { status: "refused", reason: "trusted: x" }, []);
    expect(lines).toEqual([
      "notice attackalert: Host 192.0.2.7 has been blocked via nftables for 1 h, by command",
      "notice adminalert: Host 192.0.2.7 was not blocked: trusted: x",
    ]);
  });

  it("tells no ban of a detector without the scan that led to it", () => {
    const { events, lines } = open(dialect12);
    events.outcome(order("detector", 1), { status: "applied" }, []);
    expect(lines).toEqual([]);
  });

  it("tells an unban, what of it failed, and trust", () => {
    const { events, lines } = open(dialect2x);
    const unban = { act: "unban", prefix: target, by: "operator" } as const;
    const undone = { name: "route", status: "applied", text: "x" } as const;
    const failed = { name: "command", status: "failed", text: "x", reason: "status 1" } as const;
    events.outcome(unban, { status: "applied" }, [undone, failed]);
    events.outcome(unban, { status: "already-applied" }, []);
    events.outcome(unban, { status: "failed", reason: "no set" }, []);
    events.trust(target);
    expect(lines).toEqual([
      "error Undoing response command failed for host 192.0.2.7: status 1",
      "notice Host 192.0.2.7 is let in again",
      "warning warning: unban of 192.0.2.7 failed: no set",
      "notice trusted from now on, by command: 192.0.2.7",
    ]);
  });
});
