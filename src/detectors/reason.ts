/**
 * Why a source was convicted, in words: "3 unused ports within 2 s: tcp 22-23, 25".
 *
 * Made of numbers and our own words only, so nothing in it is a stranger's text.
 */
import type { ProbedPort } from "../model/verdict.ts";
import { formatPorts } from "../net/port-range.ts";
import type { Transport } from "../net/transport.ts";

export interface Finding {
  /** Distinct ports, as listed. */
  readonly ports: readonly ProbedPort[];
  /** Distinct ports or hits that counted; may be more than are listed. */
  readonly contacts: number;
  readonly counts: "distinct-ports" | "hits";
  /** Whether nobody serves any of these ports. */
  readonly areUnused: boolean;
  /** From the first contact to the convicting one. */
  readonly spanMs: number;
}

/** What the walk went by: see src/detectors/sequential.ts. */
export interface WalkFinding {
  /** Distinct unused ports, as listed. At least two. */
  readonly ports: readonly ProbedPort[];
  /** Addresses of ours that they were touched on. At least 1. */
  readonly addresses: number;
  /** Those of `ports` that count double. */
  readonly traps: readonly ProbedPort[];
  /** Real services that spoke for the source. */
  readonly hits: number;
  /** As in {@link Finding}. */
  readonly areUnused: boolean;
  readonly spanMs: number;
  /** The likelihood ratio. Above 1. */
  readonly ratio: number;
}

/** Above it a number tells nobody more. */
const HIGHEST_TOLD_RATIO = 1_000_000;

const TRANSPORTS: readonly Transport[] = ["tcp", "udp"];

/** @returns one line; see the file comment. */
export function formatReason({ ports, contacts, counts, areUnused, spanMs }: Finding): string {
  const countOf = (count: number) =>
    `${count} ${areUnused ? "unused " : ""}${count === 1 ? "port" : "ports"}`;
  const list = formatList(ports);
  // A port family counts once, so the list can be longer than the count.
  const distinct = Math.max(ports.length, contacts);
  const within = contacts > 1 ? ` within ${formatSpan(spanMs)}` : "";
  if (counts === "hits" && contacts > ports.length) {
    return `${contacts} probes of ${countOf(ports.length)}${within}: ${list}`;
  }
  const cut = distinct > ports.length ? `, the first ${ports.length}` : "";
  return `${countOf(distinct)}${within}${cut}: ${list}`;
}

/**
 * @returns "4 unused ports within 3 min: tcp 22-23, 80, 443; score 256", with what else moved the
 * score before it: "trap tcp 23", "1 real service".
 */
export function formatWalkReason(finding: WalkFinding): string {
  const { ports, addresses, traps, hits, areUnused, spanMs, ratio } = finding;
  const on = addresses > 1 ? ` on ${addresses} addresses` : "";
  const what = areUnused ? "unused ports" : "ports";
  const many = `${ports.length} ${what}${on} within ${formatSpan(spanMs)}`;
  return [
    `${many}: ${formatList(ports)}`,
    ...(traps.length === 0
      ? []
      : [`${traps.length === 1 ? "trap" : "traps"} ${formatList(traps)}`]),
    ...(hits === 0 ? [] : [`${hits} real ${hits === 1 ? "service" : "services"}`]),
    `score ${ratio > HIGHEST_TOLD_RATIO ? `above ${HIGHEST_TOLD_RATIO}` : Math.round(ratio)}`,
  ].join("; ");
}

/** @returns whole units, rounded up, so that "within" holds: "1 s", "90 s", "3 min", "5 h". */
function formatSpan(spanMs: number): string {
  const seconds = Math.max(1, Math.ceil(spanMs / 1000));
  if (seconds < 120) return `${seconds} s`;
  const minutes = Math.ceil(seconds / 60);
  if (minutes < 120) return `${minutes} min`;
  const hours = Math.ceil(minutes / 60);
  return hours < 48 ? `${hours} h` : `${Math.ceil(hours / 24)} d`;
}

function formatList(ports: readonly ProbedPort[]): string {
  return TRANSPORTS.map((transport) => formatTransport(transport, ports))
    .filter((part) => part !== "")
    .join("; ");
}

function formatTransport(transport: Transport, ports: readonly ProbedPort[]): string {
  const own = ports.filter((probed) => probed.transport === transport).map(({ port }) => port);
  return own.length === 0 ? "" : `${transport} ${formatPorts(own).replaceAll(",", ", ")}`;
}
