/**
 * A probe that is filled again and again from one header, so that a flood allocates nothing.
 *
 * Its addresses and its header are those of the header that it was made of: they change with the
 * next packet that is decoded into it.
 */
import type { Probe } from "../model/probe.ts";
import type { PacketHeader } from "../packet/packet-header.ts";
import { kindOfTcpFlags } from "./probe-kind.ts";

/** What is filled anew for each packet. */
export type Refilled<Value> = { -readonly [Field in keyof Value]: Value[Field] };

/** @returns a claimed probe of the header, of which nothing is filled yet. */
export function probeOfHeader(header: PacketHeader, sensor: Probe["sensor"]): Refilled<Probe> {
  return {
    source: header.source,
    destination: header.destination,
    transport: "tcp",
    port: 0,
    sourcePort: 0,
    kind: "tcp-odd",
    tcpFlags: 0,
    evidence: "claimed",
    sensor,
    startedHold: false,
    hasIpOptions: false,
    isFragment: false,
    header,
    interfaceIndex: 0,
    looksOpen: false,
    seenAtMs: 0,
  };
}

/** Fills what a packet with ports says, from a header whose outcome is "decoded". */
export function fillPorts(header: PacketHeader, into: Refilled<Probe>): void {
  const isTcp = header.transport === "tcp";
  into.transport = isTcp ? "tcp" : "udp";
  into.port = header.destinationPort;
  into.sourcePort = header.sourcePort;
  into.tcpFlags = isTcp ? header.tcpFlags : 0;
  into.kind = isTcp ? kindOfTcpFlags(header.tcpFlags) : "udp";
}

/** Fills what every packet says, and when it was seen. */
export function fillPacket(header: PacketHeader, seenAtMs: number, into: Refilled<Probe>): void {
  into.hasIpOptions = header.hasIpOptions;
  into.isFragment = header.isFragment;
  into.seenAtMs = seenAtMs;
}
