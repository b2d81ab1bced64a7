/**
 * The texts of PortSentry 1.2, for syslog: facility daemon, level notice, whatever they say.
 *
 * `adminalert:` is about the sentry, `securityalert:` about its security, `attackalert:` about a
 * sender. Blanks are part of the texts: two before "TCP NULL scan", one behind an excluded port.
 * 1.2 says nothing of ignored sources and of those below the trigger. Why a response failed stands
 * behind its text, where 1.2 says nothing. Left out is what cannot be true of us: that a host is
 * blocked because the ignore file or the trigger is bad, that a blocked file is deleted at the
 * start, that an unknown host made a connection fail.
 */
import type { ResponseMode } from "../../broker/executors/command-template.ts";
import type { LegacyResponse } from "../../broker/executors/deed.ts";
import { formatPrefix } from "../../net/prefix.ts";
import type { Transport } from "../../net/transport.ts";
import {
  type Dialect,
  type DialectEvent,
  formatEach,
  isClassic,
  nameOf,
  type Scan,
} from "./dialect.ts";
import { formatOwnEvent, formatResponseDone } from "./response-text.ts";
import { formatScanType } from "./scan-type.ts";

const HOSTS_DENY_PATH = "/etc/hosts.deny";

export const dialect12: Dialect = {
  name: "1.2",
  format: (event) => textsOf(event).map((text) => ({ level: "notice", text })),
};

function textsOf(event: DialectEvent): readonly string[] {
  switch (event.event) {
    case "starting":
      return ["adminalert: PortSentry 1.2 is starting."];
    case "ports-watched": {
      const kind = isClassic(event.mode) ? "listen" : "stealth listen";
      const name = nameOf(event.transport);
      return portTexts(
        event.ports,
        (port) => `adminalert: Going into ${kind} mode on ${name} port: ${port}`,
      );
    }
    case "range-watched":
      return rangeTexts(event);
    case "port-not-watched":
      return [notWatchedText(event.mode, event.transport, event.port)];
    case "no-port-watched": {
      const name = nameOf(event.transport);
      const what = isClassic(event.mode)
        ? `could not bind ANY ${name} sockets`
        : `All supplied ${name} sockets are in use and will not be listened to`;
      return [`adminalert: ERROR: ${what}. Shutting down.`];
    }
    case "no-port-listed": {
      const name = nameOf(event.transport);
      return [`adminalert: ERROR: No ${name} ports supplied in config file. Aborting`];
    }
    case "config-absent":
      return [
        `adminalert: Cannot open config file: ${event.path}. Exiting`,
        "adminalert: ERROR: Configuration files are missing/corrupted. Shutting down.",
      ];
    case "config-invalid":
      return [
        "adminalert: ERROR: Your config file is corrupted/missing mandatory option! Shutting down.",
      ];
    case "start-failed":
      return ["adminalert: ERROR: could not go into PortSentry mode. Shutting down."];
    case "ready":
      return ["adminalert: PortSentry is now active and listening."];
    case "scan":
      return scanTexts(event.scan);
    case "response":
      return responseTexts(formatPrefix(event.target), event.response);
    case "response-off":
      return [
        `attackalert: Ignoring ${nameOf(event.transport)} response per configuration file setting.`,
      ];
    case "scan-over":
      return scanOverTexts(event);
    case "file-failed":
      return [`adminalert: ERROR: Cannot open ${event.file} file: ${event.path}.`];
    case "stopping":
      return [
        "securityalert: PortSentry is shutting down",
        "adminalert: PortSentry is shutting down",
      ];
    case "banned":
      return [`attackalert: ${formatOwnEvent(event)}`];
    case "not-banned":
    case "unbanned":
    case "not-undone":
    case "left-out":
    case "note":
      return [`adminalert: ${formatOwnEvent(event)}`];
  }
}

function rangeTexts(event: Extract<DialectEvent, { event: "range-watched" }>): string[] {
  const { below, excluded, served } = event;
  const name = nameOf(event.transport);
  const ignored = [...new Set([...excluded, ...served])].sort((a, b) => a - b);
  return [
    `adminalert: Advanced mode will monitor first ${below} ports`,
    ...(excluded.length === 0
      ? ["adminalert: Advanced mode will manually exclude no ports"]
      : portTexts(
          excluded,
          (port) => `adminalert: Advanced mode will manually exclude port: ${port} `,
        )),
    ...portTexts(
      ignored,
      (port) =>
        "adminalert: Advanced Stealth scan detection mode activated. " +
        `Ignored ${name} port: ${port}`,
    ),
  ];
}

function notWatchedText(mode: ResponseMode, transport: Transport, port: number): string {
  return isClassic(mode)
    ? `adminalert: ERROR: could not bind ${nameOf(transport)} socket: ${port}. Attempting to continue`
    : `adminalert: ERROR: Socket ${port} is in use and will not be monitored. Attempting to continue`;
}

function scanTexts(scan: Scan): string[] {
  const { source, host, port, ipOptions } = scan;
  const from = `from host: ${host}/${source} to ${nameOf(scan.transport)} port: ${port}`;
  const texts = [`attackalert: ${scanKind(scan)} ${from}`];
  if (ipOptions === "set") {
    texts.push(`attackalert: Packet ${from} has IP options set (detection avoidance technique).`);
  }
  return texts;
}

/** The leading blank of a NULL scan is 1.2's own. */
function scanKind({ mode, transport, tcpFlags }: Scan): string {
  if (isClassic(mode)) return "Connect";
  if (transport === "udp") return "UDP scan";
  const type = formatScanType(tcpFlags, "no-control-flag");
  return type === "TCP NULL scan" ? ` ${type}` : type;
}

function responseTexts(target: string, response: LegacyResponse): string[] {
  const { name, status, reason } = response;
  const why = reason === undefined ? "" : `: ${reason}`;
  switch (status) {
    case "applied":
      return [formatResponseDone(target, response)];
    case "already-applied":
      return [];
    case "skipped":
      return [`adminalert: ${reason ?? "Nothing to be done"}. Skipping.`];
    case "failed": {
      if (name === "hosts-deny") {
        return [
          `adminalert: cannot open hosts.deny file: ${HOSTS_DENY_PATH} for blocking.`,
          `securityalert: ERROR: There was an error trying to block host ${target}${why}`,
        ];
      }
      const act = name === "route" ? "block host" : "run command";
      return [
        `adminalert: ERROR: There was an error trying to ${act} (system fail) ${target}${why}`,
      ];
    }
  }
}

function scanOverTexts({ scan, result }: Extract<DialectEvent, { event: "scan-over" }>): string[] {
  const { source, host, mode } = scan;
  switch (result.status) {
    case "already-blocked":
      return isClassic(mode)
        ? [`attackalert: Host: ${source} is already blocked. Ignoring`]
        : [`attackalert: Host: ${host}/${source} is already blocked Ignoring`];
    case "failed": {
      // 1.2 has the blank before the marks in these modes and not in the others.
      const blank = isClassic(mode) || mode === "stcp" ? " " : "";
      const name = isClassic(mode) ? source : `${host}/${source}`;
      return [`attackalert: ERROR: Could not block host ${name}${blank}!!`];
    }
    case "ignored":
    case "below-trigger":
    case "watched":
    case "blocked":
      return [];
  }
}

/** What is left of a long list is one line in our words. */
function portTexts(ports: readonly number[], format: (port: number) => string): string[] {
  return formatEach(ports, format, (count) => `adminalert: and ${count} more ports`);
}
