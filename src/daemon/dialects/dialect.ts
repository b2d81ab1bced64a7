/**
 * What a log dialect is: for each event, the lines that a PortSentry of that version would write.
 *
 * Texts are interface facts: scripts, logwatch and fail2ban read them. A dialect is pure, and says
 * nothing (no line) where its PortSentry says nothing, or says what would not be true of us. What
 * it is given may come from the network, but for `host`, whose letters the resolver has restricted;
 * whoever writes the lines escapes what cannot be seen.
 */
import type { ResponseMode } from "../../broker/executors/command-template.ts";
import type { LegacyResponse } from "../../broker/executors/deed.ts";
import type { Level } from "../../logger.ts";
import type { IpAddress } from "../../net/ip-address.ts";
import type { Prefix } from "../../net/prefix.ts";
import type { Transport } from "../../net/transport.ts";

/** One line without its end. `info` is for a verbose guard, `debug` for one that is debugged. */
export interface DialectLine {
  readonly level: Level;
  readonly text: string;
}

/** One probe, as both dialects tell it. */
export interface Scan {
  readonly source: IpAddress;
  /** The source's name, or its address where names are not resolved. */
  readonly host: string;
  readonly transport: Transport;
  /** Destination port. */
  readonly port: number;
  readonly mode: ResponseMode;
  /** The octet of TCP control bits as sent; not read for UDP and for listeners. */
  readonly tcpFlags: number;
  /** "unknown" where a listener accepted, or for IPv6. */
  readonly ipOptions: "set" | "not set" | "unknown";
}

/** What became of a probe when all that it led to was done. */
export type ScanResult =
  /** Trusted: by a line of that ignore file, or for another reason (undefined). */
  | { readonly status: "ignored"; readonly ignoreFile: string | undefined }
  /** Counted, and not yet enough of them. */
  | { readonly status: "below-trigger" }
  /** Enough, and the configuration wants no response. */
  | { readonly status: "watched" }
  /** At least one response did what it should. */
  | { readonly status: "blocked" }
  /** It was shut out before this probe. */
  | { readonly status: "already-blocked" }
  /** No response did what it should. */
  | { readonly status: "failed" };

/** What PortSentry has no words for: it is told in ours. */
export type OwnEvent =
  /** A ban in the kernel's sets. `span`: how long, in words that follow "blocked": "for 1 h". */
  | { readonly event: "banned"; readonly target: Prefix; readonly span: string }
  /** A source was convicted, or was to be banned by command, and is not. */
  | { readonly event: "not-banned"; readonly target: Prefix; readonly reason: string }
  | { readonly event: "unbanned"; readonly target: Prefix }
  /** What was done to shut a source out could not be taken back. */
  | { readonly event: "not-undone"; readonly target: Prefix; readonly response: LegacyResponse }
  /** So many lines were left out in the last second. `what`: of what, in the plural. */
  | { readonly event: "left-out"; readonly count: number; readonly what: string }
  /** Anything else, for people. */
  | { readonly event: "note"; readonly level: Level; readonly text: string };

export type DialectEvent =
  | OwnEvent
  | { readonly event: "starting" }
  /** Classic, stealth and connect modes: the ports of the list that are watched. */
  | {
      readonly event: "ports-watched";
      readonly mode: ResponseMode;
      readonly transport: Transport;
      readonly ports: readonly number[];
    }
  /** Advanced modes: every port below `below`, but those that are left out or served. */
  | {
      readonly event: "range-watched";
      readonly transport: Transport;
      readonly below: number;
      readonly excluded: readonly number[];
      readonly served: readonly number[];
    }
  /** A listed port that somebody else serves. */
  | {
      readonly event: "port-not-watched";
      readonly mode: ResponseMode;
      readonly transport: Transport;
      readonly port: number;
    }
  /** All of them are. */
  | {
      readonly event: "no-port-watched";
      readonly mode: ResponseMode;
      readonly transport: Transport;
    }
  /** The list of a list mode is empty. */
  | { readonly event: "no-port-listed"; readonly transport: Transport }
  | { readonly event: "config-absent"; readonly path: string }
  | { readonly event: "config-invalid" }
  | { readonly event: "start-failed" }
  | { readonly event: "ready" }
  /** A probe of a source that is not ignored and has reached the trigger; before any response. */
  | { readonly event: "scan"; readonly scan: Scan }
  /** One of the three was done or not done; a block of one address is told as that address. */
  | { readonly event: "response"; readonly target: Prefix; readonly response: LegacyResponse }
  /** BLOCK_TCP or BLOCK_UDP is 0. */
  | { readonly event: "response-off"; readonly transport: Transport }
  /** After the responses; each probe has it, also those that have no "scan". */
  | { readonly event: "scan-over"; readonly scan: Scan; readonly result: ScanResult }
  | {
      readonly event: "file-failed";
      readonly file: "blocked" | "history";
      readonly path: string;
    }
  | { readonly event: "stopping" };

export interface Dialect {
  readonly name: "1.2" | "2.x";
  /** @returns the lines in their order; none where the dialect has nothing to say. */
  format(event: DialectEvent): readonly DialectLine[];
}

/** Ports that have a line of their own at the start; a list of ranges can name 65,535. */
export const MAX_PORT_LINES = 1024;

/** @returns whether a listener accepts in this mode, so that the probe is a full connection. */
export function isClassic(mode: ResponseMode): boolean {
  return mode === "tcp" || mode === "udp" || mode === "connect";
}

/** "TCP" or "UDP". */
export function nameOf(transport: Transport): string {
  return transport.toUpperCase();
}

/** A text for each of the first {@link MAX_PORT_LINES} ports, and one for all that are left. */
export function formatEach(
  ports: readonly number[],
  format: (port: number) => string,
  formatRest: (count: number) => string,
): string[] {
  const texts = ports.slice(0, MAX_PORT_LINES).map(format);
  const left = ports.length - texts.length;
  return left === 0 ? texts : [...texts, formatRest(left)];
}
