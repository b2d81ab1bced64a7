/**
 * Measures how fast captures are judged: packets a second, over both readings of `vedette replay`.
 *
 * Argument: millions of packets, 10 without it; the disk needs room for 90 bytes of each, twice
 * over. "served" is what a server sees: nine of ten packets are segments of its connections, the
 * rest new connections, scans and a forged flood; "flooded" is nothing but SYNs from random sources
 * to random ports, the worst there is for the tables. The pace is by CPU time, because other
 * programs of the machine take their share of the clock's.
 */
import { cpus } from "node:os";
import { loadConfigurationTexts } from "../src/config/load.ts";
import { runReplay } from "../src/daemon/replay/run-replay.ts";
import { type FillSegment, measureAll, PCAP, type Segment } from "./generated-capture.ts";

/** So many packets a second of the capture's own time. */
const PACKETS_A_SECOND = 100_000;

const US = 0xc633640a;
const [SYN, ACK, SYN_ACK, RST_ACK] = [0x02, 0x10, 0x12, 0x14];

/** A packet of ten begins something; the others belong to 4,096 connections, both ways. */
function fillServed(segment: Segment, index: number, random: () => number): void {
  const client = 0xcb007100 + (random() & 0xfff);
  const sourcePort = 1024 + (client & 0xfff);
  const beginning = index % 10;
  if (beginning > 2) {
    const isOurs = (index & 1) === 0;
    segment.from = isOurs ? US : client;
    segment.to = isOurs ? client : US;
    segment.sourcePort = isOurs ? 443 : sourcePort;
    segment.port = isOurs ? sourcePort : 443;
    segment.flags = ACK;
    return;
  }
  segment.from = beginning === 1 ? US : client;
  segment.to = beginning === 1 ? client : US;
  segment.sourcePort = beginning === 1 ? 443 : sourcePort;
  segment.port = beginning === 1 ? sourcePort : 443;
  segment.flags = beginning === 0 ? SYN : beginning === 1 ? SYN_ACK : ACK;
  if (beginning === 2 && index % 50 === 2) {
    // Somebody who touches whatever there is, of whom one in two is forged.
    segment.from = index % 100 === 2 ? random() | 0x80000000 : 0xc0000200 + (index & 0xff);
    segment.port = random() & 0xffff;
    segment.flags = SYN;
  } else if (beginning === 1 && index % 50 === 1) {
    segment.sourcePort = random() & 0xffff;
    segment.flags = RST_ACK;
    segment.sequence = 0;
  }
}

function fillFlooded(segment: Segment, _index: number, random: () => number): void {
  segment.from = random();
  segment.to = US;
  segment.sourcePort = 1024 + (random() & 0x7fff);
  segment.port = random() & 0xffff;
  segment.flags = SYN;
}

async function measure(what: string, path: string, packets: number): Promise<void> {
  const values = loadConfigurationTexts({});
  const before = process.cpuUsage();
  const startMs = performance.now();
  const report = await runReplay({
    files: [path],
    values,
    configRevision: "measured",
    ours: undefined,
    open: undefined,
  });
  const seconds = (performance.now() - startMs) / 1000;
  const { user, system } = process.cpuUsage(before);
  const cpuSeconds = (user + system) / 1e6;
  if (report.packets !== packets || report.skipped !== 0 || report.ours.what !== "198.51.100.10") {
    throw new Error(`${what}: ${report.packets} packets, ${report.skipped} skipped`);
  }
  const scans = report.campaigns.filter(({ verdict }) => verdict === "scan").length;
  const aSecond = Math.round(packets / cpuSeconds).toLocaleString("en");
  const megabytes = Math.round(process.memoryUsage().rss / 1e6);
  process.stdout.write(
    `${what}: ${aSecond} packets/s of CPU time ` +
      `(${cpuSeconds.toFixed(1)} s, ${seconds.toFixed(1)} s by the clock), ` +
      `${scans} scans, ${megabytes} MB\n`,
  );
}

const packets = Math.max(1, Math.round(Number(process.argv[2] ?? "10"))) * 1_000_000;
process.stdout.write(`${packets} packets, ${cpus()[0]?.model}, Node ${process.version}\n`);
const streams: readonly [string, FillSegment][] = [
  ["served", fillServed],
  ["flooded", fillFlooded],
];
await measureAll(
  packets,
  streams.map(([name, fill]) => ({
    name,
    format: PCAP,
    packetsASecond: PACKETS_A_SECOND,
    fill,
    measure: (path) => measure(name, path, packets),
  })),
);
