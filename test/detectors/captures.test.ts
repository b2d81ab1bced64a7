/**
 * The tools and the decoys in captures whose truth is known. They are not ours to hand on, so they lie beside the
 * project, in `../shared/captures` or where VEDETTE_CAPTURES says; without them these tests say
 * skipped.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { Emitters } from "../../src/detectors/emitters.ts";
import { Fingerprints } from "../../src/detectors/fingerprints.ts";
import type { Probe } from "../../src/model/probe.ts";
import { formatWords } from "../../src/net/address-words.ts";
import { decodePacket } from "../../src/packet/decode-packet.ts";
import { PacketHeader } from "../../src/packet/packet-header.ts";
import { kindOfTcpFlags } from "../../src/sensors/probe-kind.ts";
import { ETHERNET_BYTES, framesOf, TCP_ACK, TCP_SYN } from "../support/pcap.ts";
import { PROJECT } from "../support/programs.ts";

const CAPTURES = process.env["VEDETTE_CAPTURES"] ?? join(PROJECT, "../shared/captures");

const TCP_RST = 0x04;

/** The port that somebody serves in the captures that were made for this. */
const SERVED_PORT = 80;

const SCANNER = "10.9.0.1";

/** What a sensor would hand on: no answers, and nothing of a connection. */
function probeOf(header: PacketHeader, seenAtMs: number): Probe | undefined {
  const { transport, tcpFlags, source, destination, sourcePort, destinationPort } = header;
  const isAnswer = (tcpFlags & TCP_RST) !== 0 || (tcpFlags & 0x12) === (TCP_SYN | TCP_ACK);
  if (transport === undefined || isAnswer || destinationPort === SERVED_PORT) return undefined;
  return {
    ...{ source, destination, transport, sourcePort, tcpFlags, header },
    port: destinationPort,
    kind: transport === "udp" ? "udp" : kindOfTcpFlags(tcpFlags),
    evidence: "claimed",
    sensor: "capture-file",
    startedHold: false,
    hasIpOptions: header.hasIpOptions,
    isFragment: header.isFragment,
    seenAtMs,
  };
}

/** Behind the Ethernet header and its VLAN tag, if there is one (IEEE 802.1Q). */
function packetStart(frame: Buffer): number {
  return frame.readUInt16BE(ETHERNET_BYTES - 2) === 0x8100 ? ETHERNET_BYTES + 4 : ETHERNET_BYTES;
}

/** The probes of a capture; the one that is handed on is filled anew each time. */
function* probesIn(file: string): Generator<Probe> {
  const header = new PacketHeader();
  for (const { frame, seenAtEpochMs } of framesOf(readFileSync(join(CAPTURES, file)))) {
    if (decodePacket(frame, packetStart(frame), frame.length, header) !== "decoded") continue;
    const probe = probeOf(header, seenAtEpochMs);
    if (probe !== undefined) yield probe;
  }
}

/** @returns the tools by source, of the sources that have one. */
function toolsIn(file: string): Record<string, string> {
  const slots = new Map<string, number>();
  const fingerprints = new Fingerprints(4096);
  for (const probe of probesIn(file)) {
    const source = formatWords(probe.source);
    const slot = slots.get(source) ?? slots.size;
    slots.set(source, slot);
    fingerprints.observe(slot, probe);
  }
  const tools = [...slots].map(([source, slot]) => [source, fingerprints.toolOf(slot)]);
  return Object.fromEntries(tools.filter(([, tool]) => tool !== undefined));
}

/** @returns the sources of each emitter that sends under several. */
function emittersIn(file: string): string[][] {
  const emitters = new Emitters();
  const seen = new Set<number>();
  for (const probe of probesIn(file)) {
    const emitter = emitters.observe(probe);
    if (emitter !== undefined) seen.add(emitter);
  }
  return [...seen].map((emitter) => emitters.sourcesOf(emitter).map(formatWords));
}

describe.skipIf(!existsSync(CAPTURES))(`captures (skipped where ${CAPTURES} is not)`, () => {
  it.each<{ file: string; tools: Record<string, string> }>([
    { file: "gen/nmap_sS.pcap", tools: { [SCANNER]: "nmap" } },
    { file: "gen/nmap_sF.pcap", tools: { [SCANNER]: "nmap" } },
    { file: "gen/nmap_sN.pcap", tools: { [SCANNER]: "nmap" } },
    { file: "gen/nmap_sX.pcap", tools: { [SCANNER]: "nmap" } },
    { file: "gen/nmap_sA.pcap", tools: { [SCANNER]: "nmap" } },
    { file: "gen/nmap_sW.pcap", tools: { [SCANNER]: "nmap" } },
    { file: "gen/nmap_sM.pcap", tools: { [SCANNER]: "nmap" } },
    { file: "gen/nmap_O.pcap", tools: { [SCANNER]: "nmap" } },
    { file: "gen/nmap_sV.pcap", tools: { [SCANNER]: "nmap" } },
    { file: "gen/nmap_6sS.pcap", tools: { "fd09::1": "nmap" } },
    {
      file: "gen/nmap_decoy.pcap",
      tools: { [SCANNER]: "nmap", "10.9.0.50": "nmap", "10.9.0.51": "nmap", "10.9.0.52": "nmap" },
    },
    { file: "gen/nmap_sT.pcap", tools: { [SCANNER]: "connect" } },
    { file: "gen/nmap_sU.pcap", tools: {} },
    { file: "gen/masscan.pcap", tools: { "10.9.0.77": "masscan" } },
    { file: "gen/hping3.pcap", tools: { [SCANNER]: "hping3" } },
    { file: "gen/hping3_inc.pcap", tools: { [SCANNER]: "hping3" } },
    // One packet: two must agree.
    { file: "gen/zmap211.pcap", tools: {} },
    { file: "gen/benign_curl.pcap", tools: {} },
    { file: "simplescan_backscatter.pcap", tools: {} },
    { file: "simplescan_port_scan.pcap", tools: { "192.168.2.154": "connect" } },
    { file: "simplescan_445_scan.pcap", tools: { "176.192.150.3": "connect" } },
    { file: "zeek_vnc-scanner.pcap", tools: {} },
    { file: "tcpreplay_test.pcap", tools: {} },
  ])("$file: $tools", ({ file, tools }) => {
    expect(toolsIn(file)).toEqual(tools);
    const decoys = ["10.9.0.50", "10.9.0.51", "10.9.0.52", SCANNER];
    expect(emittersIn(file)).toEqual(file === "gen/nmap_decoy.pcap" ? [decoys] : []);
  });
});
