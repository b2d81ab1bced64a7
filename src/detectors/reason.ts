/**
 * Why a source was convicted, in words: "3 unused ports within 2 s: tcp 22-23, 25".
 *
 * Made of numbers and our own words only, so nothing in it is a stranger's text.
 */
import type { ProbedPort } from "../model/verdict.ts";
import { formatPorts } from "../net/port-range.ts";
import { hasPorts, type ProbedProtocol } from "../net/transport.ts";

export interface Finding {
  /** Distinct ports, and what has none, as listed. */
  readonly ports: readonly ProbedPort[];
  /** Distinct ports or hits that counted; may be more than are listed. */
  readonly contacts: number;
  /** Addresses of ours that were pinged. */
  readonly pinged: number;
  readonly counts: "distinct-ports" | "hits";
  /** Whether nobody serves any of these ports. */
  readonly areUnused: boolean;
  /** From the first contact to the convicting one. */
  readonly spanMs: number;
}

/** What the walk went by: see src/detectors/sequential.ts. */
export interface WalkFinding {
  /** Distinct unused ports, and what has none, as listed. */
  readonly ports: readonly ProbedPort[];
  /** Addresses of ours that the ports were touched on. */
  readonly addresses: number;
  /** As in {@link Finding}. */
  readonly pinged: number;
  /** Those of `ports` that count double. */
  readonly traps: readonly ProbedPort[];
  /** Those of `ports` to which packets came that no stack sends, which count double. */
  readonly crafted: readonly ProbedPort[];
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

const TRANSPORTS: readonly ProbedProtocol[] = ["tcp", "udp", "ip"];

/** One kind of what was touched: "2 unused ports" and "tcp 22-23". */
interface Part {
  readonly what: string;
  readonly list: string;
}

/** @returns one line; see the file comment. */
export function formatReason(finding: Finding): string {
  const { ports, contacts, counts, areUnused, pinged, spanMs } = finding;
  const listed = ports.filter(({ transport }) => hasPorts(transport));
  const countOf = (count: number) =>
    `${count} ${areUnused ? "unused " : ""}${count === 1 ? "port" : "ports"}`;
  const isOfHits = counts === "hits" && contacts > listed.length;
  // A port family counts once, so the list can be longer than the count.
  const distinct = Math.max(listed.length, contacts);
  const cut = !isOfHits && distinct > listed.length ? `, the first ${listed.length}` : "";
  const what = isOfHits ? `${contacts} probes of ${countOf(listed.length)}` : countOf(distinct);
  const others = portlessParts(ports, pinged);
  const within = contacts > 1 || others.length > 0 ? ` within ${formatSpan(spanMs)}` : "";
  return formatParts(
    [...(listed.length === 0 ? [] : [{ what, list: formatList(listed) }]), ...others],
    `${within}${cut}`,
  );
}

/**
 * @returns "4 unused ports within 3 min: tcp 22-23, 80, 443; score 256", with what else moved the
 * score before it: "pings of 3 addresses", "trap tcp 23", "1 real service".
 */
export function formatWalkReason(finding: WalkFinding): string {
  const { ports, addresses, pinged, traps, crafted, hits, areUnused, spanMs, ratio } = finding;
  const listed = ports.filter(({ transport }) => hasPorts(transport));
  const on = addresses > 1 ? ` on ${addresses} addresses` : "";
  const unused = areUnused ? "unused " : "";
  const what = `${listed.length} ${unused}${listed.length === 1 ? "port" : "ports"}${on}`;
  const parts = [
    ...(listed.length === 0 ? [] : [{ what, list: formatList(listed) }]),
    ...portlessParts(ports, pinged),
  ];
  return [
    formatParts(parts, ` within ${formatSpan(spanMs)}`),
    ...(traps.length === 0
      ? []
      : [`${traps.length === 1 ? "trap" : "traps"} ${formatList(traps)}`]),
    ...(crafted.length === 0 ? [] : [`crafted packets to ${formatList(crafted)}`]),
    ...(hits === 0 ? [] : [`${hits} real ${hits === 1 ? "service" : "services"}`]),
    `score ${ratio > HIGHEST_TOLD_RATIO ? `above ${HIGHEST_TOLD_RATIO}` : Math.round(ratio)}`,
  ].join("; ");
}

/** What was touched that has no port. */
function portlessParts(ports: readonly ProbedPort[], pinged: number): Part[] {
  const protocols = ports.filter(({ transport }) => transport === "ip");
  const many = protocols.length === 1 ? "protocol" : "protocols";
  return [
    ...(pinged === 0
      ? []
      : [{ what: pinged === 1 ? "ping of 1 address" : `pings of ${pinged} addresses`, list: "" }]),
    ...(protocols.length === 0
      ? []
      : [{ what: `${protocols.length} unserved ${many}`, list: formatList(protocols) }]),
  ];
}

/** @param more what is said of all of them, behind the first. */
function formatParts(parts: readonly Part[], more: string): string {
  return parts
    .map(({ what, list }, index) => {
      const head = index === 0 ? `${what}${more}` : what;
      return list === "" ? head : `${head}: ${list}`;
    })
    .join("; ");
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

function formatTransport(transport: ProbedProtocol, ports: readonly ProbedPort[]): string {
  const own = ports.filter((probed) => probed.transport === transport).map(({ port }) => port);
  return own.length === 0 ? "" : `${transport} ${formatPorts(own).replaceAll(",", ", ")}`;
}
