/** Packets as an engine is shown them, written by their fields. */
import type { Sight } from "../../bench/sight.ts";
import { wordsOf } from "../../src/net/address-words.ts";
import type { IpAddress } from "../../src/net/ip-address.ts";
import { PacketHeader } from "../../src/packet/packet-header.ts";

export const PEER = "203.0.113.66";

export interface SightFields {
  /** Our port. */
  readonly port?: number;
  readonly atMs?: number;
  readonly peer?: string;
  readonly peerPort?: number;
  readonly ours?: string;
  /** The octet; "udp": no TCP. */
  readonly flags?: number | "udp";
  readonly direction?: "in" | "out";
  readonly hasSocket?: boolean;
  readonly isAllowed?: boolean;
  readonly isAnswer?: boolean;
  readonly isReassembled?: boolean;
  readonly version?: 4 | 6;
}

/** @returns a SYN that comes in to port 1 of a machine that serves nothing, but for what is given. */
export function sight(fields: SightFields = {}): Sight {
  const { peer = PEER, ours = "198.51.100.10", direction = "in", flags = 0x02 } = fields;
  const header = new PacketHeader();
  header.version = fields.version ?? 4;
  header.protocol = flags === "udp" ? 17 : 6;
  header.transport = flags === "udp" ? "udp" : "tcp";
  header.tcpFlags = flags === "udp" ? 0 : flags;
  const [from, to] = direction === "in" ? [peer, ours] : [ours, peer];
  header.source.set(wordsOf(from as IpAddress));
  header.destination.set(wordsOf(to as IpAddress));
  const ports = [fields.peerPort ?? 40_000, fields.port ?? 1] as const;
  [header.sourcePort, header.destinationPort] = direction === "in" ? ports : [ports[1], ports[0]];
  const atEpochMs = fields.atMs ?? 0;
  return {
    packet: { bytes: new Uint8Array(), atEpochMs },
    bytes: new Uint8Array(),
    atEpochMs,
    direction,
    peer,
    header,
    isReassembled: fields.isReassembled ?? false,
    hasSocket: fields.hasSocket ?? false,
    isAllowed: fields.isAllowed ?? fields.hasSocket ?? false,
    isAnswer: fields.isAnswer ?? false,
    unreachable: undefined,
  };
}

/** @returns ports `first` to `last`, one each `gapMs`. */
export function ports(first: number, last: number, gapMs: number, more: SightFields = {}): Sight[] {
  return Array.from({ length: last - first + 1 }, (_, index) =>
    sight({ ...more, port: first + index, atMs: (more.atMs ?? 0) + index * gapMs }),
  );
}
