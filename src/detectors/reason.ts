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

const TRANSPORTS: readonly Transport[] = ["tcp", "udp"];

/** @returns one line; see the file comment. */
export function formatReason({ ports, contacts, counts, areUnused, spanMs }: Finding): string {
  const countOf = (count: number) =>
    `${count} ${areUnused ? "unused " : ""}${count === 1 ? "port" : "ports"}`;
  const list = TRANSPORTS.map((transport) => formatTransport(transport, ports))
    .filter((part) => part !== "")
    .join("; ");
  // A port family counts once, so the list can be longer than the count.
  const distinct = Math.max(ports.length, contacts);
  const within = contacts > 1 ? ` within ${formatSpan(spanMs)}` : "";
  if (counts === "hits" && contacts > ports.length) {
    return `${contacts} probes of ${countOf(ports.length)}${within}: ${list}`;
  }
  const cut = distinct > ports.length ? `, the first ${ports.length}` : "";
  return `${countOf(distinct)}${within}${cut}: ${list}`;
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

function formatTransport(transport: Transport, ports: readonly ProbedPort[]): string {
  const own = ports.filter((probed) => probed.transport === transport).map(({ port }) => port);
  return own.length === 0 ? "" : `${transport} ${formatPorts(own).replaceAll(",", ", ")}`;
}
