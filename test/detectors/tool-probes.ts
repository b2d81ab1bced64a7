/** Probes with the headers that tools send, written by their fields. */
import type { Probe, ProbeHeader } from "../../src/model/probe.ts";
import { wordsOf } from "../../src/net/address-words.ts";
import type { IpAddress } from "../../src/net/ip-address.ts";
import { PacketHeader } from "../../src/packet/packet-header.ts";
import { kindOfTcpFlags } from "../../src/sensors/probe-kind.ts";
import { bytesOf } from "../packet/hex.ts";

/** 198.51.100.1, as a number. */
export const DESTINATION = 0xc633_6401;

/** The options of a SYN that nmap and others send. */
export const SEGMENT_SIZE = "020405b4";
/** What Linux, and what Windows 10, offers. */
export const LINUX = "020405b4 0402 080a1afcdb5500000000 01 03030a";
export const WINDOWS = "020405b4 01 030308 0101 0402";

export interface ToolPacket {
  readonly version?: 4 | 6;
  readonly port?: number;
  readonly sourcePort?: number;
  /** The octet; undefined: UDP. */
  readonly flags?: number | undefined;
  readonly id?: number;
  readonly ttl?: number;
  readonly df?: boolean;
  readonly seq?: number;
  readonly ack?: number;
  readonly win?: number;
  /** In spaced hex. */
  readonly options?: string;
  readonly payload?: number;
}

/** @returns a SYN without options to port 22, but for what is given. */
export function toolProbe(packet: ToolPacket = {}): Probe & { readonly header: ProbeHeader } {
  const { port = 22, sourcePort = 40_000, version = 4 } = packet;
  const flags = "flags" in packet ? packet.flags : 0x02;
  const options = bytesOf(packet.options ?? "");
  const header = new PacketHeader();
  header.placeTcpOptions(options, 0, options.length, false);
  header.version = version;
  header.ipIdentification = packet.id ?? 0x1234;
  header.ttlHops = packet.ttl ?? 50;
  header.hasDontFragment = packet.df ?? false;
  header.tcpSequence = packet.seq ?? 0x0102_0304;
  header.tcpAcknowledgement = packet.ack ?? 0;
  header.tcpWindow = packet.win ?? 29_200;
  header.payloadBytes = packet.payload ?? 0;
  return {
    source: wordsOf((version === 4 ? "192.0.2.7" : "2001:db8::7") as IpAddress),
    destination: wordsOf((version === 4 ? "198.51.100.1" : "2001:db8::1") as IpAddress),
    transport: flags === undefined ? "udp" : "tcp",
    port,
    sourcePort,
    kind: flags === undefined ? "udp" : kindOfTcpFlags(flags),
    tcpFlags: flags ?? 0,
    evidence: "claimed",
    sensor: "nflog",
    startedHold: false,
    hasIpOptions: false,
    isFragment: false,
    header,
    seenAtMs: 0,
  };
}

/** masscan's: the identification is made of the rest. */
export function masscanProbe(port: number, seq: number, more: ToolPacket = {}): Probe {
  const id = (DESTINATION ^ port ^ seq) & 0xffff;
  return toolProbe({ port, seq, id, ttl: 250, win: 1024, ...more });
}
