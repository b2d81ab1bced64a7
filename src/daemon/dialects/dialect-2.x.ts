/**
 * The texts of PortSentry 2.x, for the standard output, syslog and its history.
 *
 * 2.x writes its `Scan from:` line for every probe, and its fail2ban filter bans whoever has one
 * for a year, whatever the line says behind it. So two kinds of line begin otherwise here, and have
 * all the rest the same: `Ignored scan from:` for a trusted source, and `Scan below trigger from:`
 * for one that has not reached SCAN_TRIGGER. Left out is 2.x's line for each packet to a port that
 * is served. A response that was not done has a line in our words, because 2.x has none.
 */
import type { LegacyResponse } from "../../broker/executors/deed.ts";
import { formatPrefix } from "../../net/prefix.ts";
import {
  type Dialect,
  type DialectEvent,
  type DialectLine,
  formatEach,
  isClassic,
  nameOf,
  type Scan,
  type ScanResult,
} from "./dialect.ts";
import { formatOwnEvent, formatResponseDone } from "./response-text.ts";
import { formatScanType } from "./scan-type.ts";

export const dialect2x: Dialect = { name: "2.x", format: linesOf };

/** What 2.x knows of a probe at its end; "unset": it was not asked. */
type Answer = "true" | "false" | "unset";

interface Answers {
  readonly ignored: Answer;
  readonly triggered: Answer;
  readonly noblock: Answer;
  readonly blocked: Answer;
}

const ANSWERS: Readonly<Record<ScanResult["status"], Answers>> = {
  ignored: { ignored: "true", triggered: "unset", noblock: "unset", blocked: "unset" },
  "below-trigger": { ignored: "false", triggered: "false", noblock: "unset", blocked: "unset" },
  watched: { ignored: "false", triggered: "true", noblock: "true", blocked: "false" },
  blocked: { ignored: "false", triggered: "true", noblock: "false", blocked: "true" },
  "already-blocked": { ignored: "false", triggered: "true", noblock: "false", blocked: "true" },
  failed: { ignored: "false", triggered: "true", noblock: "false", blocked: "false" },
};

/**
 * The line of one probe, for the output and, with a time before it, for the history. Matched by
 * 2.x's fail2ban filter unless the source is trusted or below the trigger.
 */
export function formatScan(scan: Scan, result: ScanResult): string {
  const { source, host, transport, port, ipOptions } = scan;
  const { ignored, triggered, noblock, blocked } = ANSWERS[result.status];
  return (
    `${beginningOf(result)} from: [${source}] (${host}) protocol: [${nameOf(transport)}] ` +
    `port: [${port}] type: [${typeOf(scan)}] IP opts: [${ipOptions}] ignored: [${ignored}] ` +
    `triggered: [${triggered}] noblock: [${noblock}] blocked: [${blocked}]`
  );
}

function beginningOf({ status }: ScanResult): string {
  if (status === "ignored") return "Ignored scan";
  return status === "below-trigger" ? "Scan below trigger" : "Scan";
}

function typeOf({ mode, transport, tcpFlags }: Scan): string {
  if (isClassic(mode)) return "Connect";
  return transport === "udp" ? "UDP" : formatScanType(tcpFlags, "no-bit-at-all");
}

function linesOf(event: DialectEvent): readonly DialectLine[] {
  switch (event.event) {
    // 2.x has no such lines: it says less at its start, and knows no advanced modes.
    case "starting":
    case "range-watched":
    case "config-absent":
    case "config-invalid":
    case "start-failed":
    case "no-port-listed":
    case "no-port-watched":
    case "port-not-watched":
    case "scan":
    case "response-off":
      return [];
    case "ports-watched": {
      if (!isClassic(event.mode)) return [];
      const name = nameOf(event.transport);
      return formatEach(
        event.ports,
        (port) => `Listen on AF_INET6: ${name} port: ${port}`,
        (count) => `and ${count} more ports`,
      ).map(notice);
    }
    case "ready":
      return [notice("Portsentry is now active and listening.")];
    case "response":
      return responseLines(formatPrefix(event.target), event.response);
    case "scan-over":
      return scanOverLines(event.scan, event.result);
    case "file-failed":
      return [error(`Cannot write ${event.file} file ${event.path}`)];
    case "stopping":
      return [notice("Portsentry is shutting down")];
    case "banned":
      return [notice(`attackalert: ${formatOwnEvent(event)}`)];
    case "unbanned":
    case "left-out":
      return [notice(formatOwnEvent(event))];
    case "not-banned":
    case "not-undone":
      return [error(formatOwnEvent(event))];
    case "note":
      return [{ level: event.level, text: formatOwnEvent(event) }];
  }
}

function responseLines(target: string, response: LegacyResponse): DialectLine[] {
  const { name, status, reason } = response;
  switch (status) {
    case "applied":
      return [notice(formatResponseDone(target, response))];
    case "already-applied":
      return name === "hosts-deny"
        ? [notice(`Host ${target} already in hosts.deny file, skipping.`)]
        : [];
    case "skipped":
    case "failed": {
      const why = reason === undefined ? "" : `: ${reason}`;
      return [error(`Response ${name} ${status} for host ${target}${why}`)];
    }
  }
}

function scanOverLines(scan: Scan, result: ScanResult): DialectLine[] {
  const { source, host } = scan;
  const line = notice(formatScan(scan, result));
  switch (result.status) {
    case "ignored": {
      if (result.ignoreFile === undefined) return [line];
      const text = `Host: ${source} found in ignore file ${result.ignoreFile}, aborting actions`;
      return [{ level: "info", text }, line];
    }
    case "already-blocked":
      return [notice(`attackalert: Host: ${host}/${source} is already blocked Ignoring`), line];
    case "failed":
      return [error(`attackalert: Error during target dispose ${host}/${source}!`), line];
    case "below-trigger":
    case "watched":
    case "blocked":
      return [line];
  }
}

function notice(text: string): DialectLine {
  return { level: "notice", text };
}

function error(text: string): DialectLine {
  return { level: "error", text };
}
