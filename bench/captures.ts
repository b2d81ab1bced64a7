/**
 * Captures whose truth is known, as scenarios. They are not ours to hand on: they lie beside the
 * project, in ../shared/captures or where VEDETTE_CAPTURES says, and their rows are left out where
 * they are not.
 *
 * What the machine serves is read from the capture: a port that answers SYN with SYN+ACK. Packets
 * are put in the order of their times, as they were on the link.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { formatWords } from "../src/net/address-words.ts";
import { decodePacket } from "../src/packet/decode-packet.ts";
import { PacketHeader } from "../src/packet/packet-header.ts";
import { TCP_ACK, TCP_SYN } from "../src/packet/spec.ts";
import { readCapture } from "../src/sensors/capture-file.ts";
import type { Packet, Scenario, Service } from "./scenario.ts";

/** Where the captures are, whether or not they are there. */
export const CAPTURES_FOLDER =
  process.env["VEDETTE_CAPTURES"] ?? join(import.meta.dirname, "../../shared/captures");

/** A capture and what is true of it. */
export interface CaptureTruth {
  /** The file's name, as a scenario's. */
  readonly id: string;
  /** Below {@link CAPTURES_FOLDER}. */
  readonly file: string;
  readonly title: string;
  /** Matches the addresses of the machine, or of the network that is watched. */
  readonly ours: RegExp;
  readonly scanners: readonly string[];
  /** "others": everybody who is neither the machine nor a scanner. */
  readonly innocents: readonly string[] | "others";
}

const MADE = { ours: /^(?:10\.9\.0\.2|fd09::2)$/, innocents: [] } as const;
const NMAP = { ...MADE, scanners: ["10.9.0.1"] } as const;

const TRUTHS: readonly Omit<CaptureTruth, "id">[] = [
  { ...NMAP, file: "gen/nmap_sS.pcap", title: "nmap -sS, 100 ports" },
  { ...NMAP, file: "gen/nmap_sT.pcap", title: "nmap -sT, 100 ports" },
  { ...NMAP, file: "gen/nmap_sF.pcap", title: "nmap -sF, 100 ports" },
  { ...NMAP, file: "gen/nmap_sN.pcap", title: "nmap -sN, 100 ports" },
  { ...NMAP, file: "gen/nmap_sX.pcap", title: "nmap -sX, 100 ports" },
  { ...NMAP, file: "gen/nmap_sA.pcap", title: "nmap -sA, 100 ports" },
  { ...NMAP, file: "gen/nmap_sW.pcap", title: "nmap -sW, 100 ports" },
  { ...NMAP, file: "gen/nmap_sM.pcap", title: "nmap -sM, 100 ports" },
  { ...NMAP, file: "gen/nmap_sU.pcap", title: "nmap -sU, 20 ports" },
  { ...NMAP, file: "gen/nmap_sO.pcap", title: "nmap -sO, 20 IP protocols" },
  { ...NMAP, file: "gen/nmap_O.pcap", title: "nmap -O, a service and two closed ports" },
  { ...NMAP, file: "gen/nmap_frag.pcap", title: "nmap -sS -f, 100 ports in fragments" },
  { ...MADE, file: "gen/nmap_6sS.pcap", title: "nmap -6 -sS, 100 ports", scanners: ["fd09::"] },
  {
    ...NMAP,
    file: "gen/nmap_decoy.pcap",
    title: "nmap -sS -D, 100 ports under 3 other names",
    innocents: ["10.9.0.50", "10.9.0.51", "10.9.0.52"],
  },
  { ...MADE, file: "gen/masscan.pcap", title: "masscan, 100 ports", scanners: ["10.9.0.77"] },
  { ...NMAP, file: "gen/hping3.pcap", title: "hping3 --scan" },
  { ...NMAP, file: "gen/hping3_inc.pcap", title: "hping3, 20 ports in a row" },
  { ...MADE, file: "gen/zmap211.pcap", title: "zmap, one packet", scanners: [] },
  {
    ...MADE,
    file: "gen/nmap_sV.pcap",
    title: "nmap -sV, a service and two closed ports",
    scanners: [],
  },
  {
    file: "ndpi_tcp_scan.pcapng",
    title: "SYN, FIN, NULL and XMAS to single ports",
    ours: /^192\.168\.1\.2$/,
    scanners: ["192.168.1.178"],
    innocents: [],
  },
  {
    file: "simplescan_port_scan.pcap",
    title: "connect scan, 10 packets",
    ours: /^192\.168\.2\.22$/,
    scanners: ["192.168.2.154"],
    innocents: [],
  },
  {
    file: "simplescan_445_scan.pcap",
    title: "sweep of port 445 over 9 addresses",
    ours: /^(?!176\.192\.150\.3$)/,
    scanners: ["176.192.150.3"],
    innocents: [],
  },
  {
    file: "slips_icmp_portscan.pcap",
    title: "ICMP sweep over 25 addresses",
    ours: /^(?!192\.168\.1\.109$)/,
    scanners: ["192.168.1.109"],
    innocents: [],
  },
  {
    file: "gen/benign_curl.pcap",
    title: "five downloads",
    ours: /^10\.9\.0\.2$/,
    scanners: [],
    innocents: "others",
  },
  {
    file: "simplescan_backscatter.pcap",
    title: "backscatter of somebody else's flood",
    ours: /^192\.150\./,
    scanners: [],
    innocents: "others",
  },
  {
    file: "zeek_vnc-scanner.pcap",
    title: "one visit to one service",
    ours: /^10\.0\.0\.149$/,
    scanners: [],
    innocents: "others",
  },
  {
    file: "tcpreplay_test.pcap",
    title: "somebody's afternoon on the web",
    ours: /^172\.16\.11\.12$/,
    scanners: [],
    innocents: "others",
  },
];

/** In the order of the table. */
export const CAPTURES: readonly CaptureTruth[] = TRUTHS.map((truth) => ({
  ...truth,
  id: truth.file.replace(/^gen\/|\.pcap(?:ng)?$/g, ""),
}));

/** @returns whether this capture is there to be read. */
export function isThere({ file }: CaptureTruth): boolean {
  return existsSync(join(CAPTURES_FOLDER, file));
}

/**
 * Reads one. @throws {OperationalError} ERR_CAPTURE when the file cannot be read or is no capture.
 */
export async function loadCapture(truth: CaptureTruth): Promise<Scenario> {
  const packets: Packet[] = [];
  await readCapture(join(CAPTURES_FOLDER, truth.file), (buffer, { start, end, seenAtEpochMs }) => {
    packets.push({ bytes: buffer.slice(start, end), atEpochMs: seenAtEpochMs });
  });
  packets.sort((a, b) => a.atEpochMs - b.atEpochMs);
  const { ours, others, services } = inferGround(packets, truth.ours);
  const { scanners, innocents } = truth;
  return {
    id: truth.id,
    kind: "capture",
    title: truth.title,
    ours,
    services,
    scanners,
    innocents: innocents === "others" ? others.filter((one) => !scanners.includes(one)) : innocents,
    packets,
  };
}

interface Ground {
  readonly ours: string[];
  readonly others: string[];
  readonly services: Service[];
}

/** @returns whose addresses there are, and which of our ports accepted a connection. */
function inferGround(packets: readonly Packet[], isOurs: RegExp): Ground {
  const header = new PacketHeader();
  const ours = new Set<string>();
  const others = new Set<string>();
  const served = new Set<number>();
  for (const { bytes } of packets) {
    const outcome = decodePacket(bytes, 0, bytes.length, header);
    if (outcome === "malformed" || outcome === "truncated") continue;
    const source = formatWords(header.source);
    for (const address of [source, formatWords(header.destination)]) {
      (isOurs.test(address) ? ours : others).add(address);
    }
    const isAccepted = (header.tcpFlags & (TCP_SYN | TCP_ACK)) === (TCP_SYN | TCP_ACK);
    if (isAccepted && ours.has(source)) served.add(header.sourcePort);
  }
  const services = [...served].map((port) => ({ transport: "tcp" as const, port }));
  return { ours: [...ours], others: [...others], services };
}
