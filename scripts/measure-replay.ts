/**
 * Measures how fast captures are judged: packets a second, over both readings of `vedette replay`.
 *
 * Argument: millions of packets, 10 without it. Each stream is made in a temporary folder, if the
 * disk has room for it twice over, and removed at the end. "served" is what a server sees: nine of
 * ten packets are segments of its connections, the rest new connections, scans and a forged flood;
 * "flooded" is nothing but SYNs from random sources to random ports, the worst there is for the
 * tables. The pace is by CPU time, because other programs of the machine take their share of the
 * clock's.
 */
import { closeSync, mkdtempSync, openSync, rmSync, statfsSync, writeSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { loadConfigurationTexts } from "../src/config/load.ts";
import { runReplay } from "../src/daemon/replay/run-replay.ts";

const PACKETS_A_PIECE = 10_000;
const RECORD_BYTES = 16;
const FRAME_BYTES = 74;
const STORED_BYTES = RECORD_BYTES + FRAME_BYTES;

/** 2026-01-01. */
const START_SECONDS = 1_767_225_600;
/** So many packets a second of the capture's own time. */
const PACKETS_A_SECOND = 100_000;

const US = 0xc633640a;
const [SYN, ACK, SYN_ACK, RST_ACK] = [0x02, 0x10, 0x12, 0x14];

const PCAP_BEGINNING = Buffer.from("d4c3b2a10200040000000000000000000000040001000000", "hex");

/** Ethernet, IPv4, TCP with 20 bytes of options: 60 bytes behind the link layer. */
const FRAME = Buffer.from(
  "0200000000010200000000020800" +
    "4500003c00004000400600000000000000000000" +
    "9c4000160102030400000000a002040000000000" +
    "020405b40402080a000000000000000001030307",
  "hex",
);

/** A generator whose numbers are the same in every run (Marsaglia's xorshift). */
function numbersFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
}

interface Segment {
  from: number;
  to: number;
  sourcePort: number;
  port: number;
  flags: number;
  sequence: number;
  acknowledgement: number;
}

type FillSegment = (segment: Segment, index: number, random: () => number) => void;

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

function makeCapture(path: string, packets: number, fill: FillSegment): void {
  const file = openSync(path, "wx");
  const random = numbersFrom(20_261_123);
  const segment: Segment = {
    ...{ from: 0, to: 0, sourcePort: 0, port: 0, flags: 0, sequence: 0, acknowledgement: 0 },
  };
  writeSync(file, PCAP_BEGINNING);
  const piece = Buffer.alloc(STORED_BYTES * PACKETS_A_PIECE);
  for (let index = 0; index < packets; index += PACKETS_A_PIECE) {
    for (let place = 0; place < PACKETS_A_PIECE; place += 1) {
      const number = index + place;
      segment.sequence = number;
      segment.acknowledgement = number + 1;
      fill(segment, number, random);
      const at = place * STORED_BYTES;
      const ticks = Math.floor((number * 1e6) / PACKETS_A_SECOND);
      piece.writeUInt32LE(START_SECONDS + Math.floor(ticks / 1e6), at);
      piece.writeUInt32LE(ticks % 1e6, at + 4);
      piece.writeUInt32LE(FRAME_BYTES, at + 8);
      piece.writeUInt32LE(FRAME_BYTES, at + 12);
      const frame = at + RECORD_BYTES;
      FRAME.copy(piece, frame);
      piece.writeUInt32BE(segment.from >>> 0, frame + 26);
      piece.writeUInt32BE(segment.to >>> 0, frame + 30);
      piece.writeUInt16BE(segment.sourcePort, frame + 34);
      piece.writeUInt16BE(segment.port, frame + 36);
      piece.writeUInt32BE(segment.sequence >>> 0, frame + 38);
      piece.writeUInt32BE(segment.acknowledgement >>> 0, frame + 42);
      piece[frame + 47] = segment.flags;
    }
    writeSync(file, piece);
  }
  closeSync(file);
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
const folder = mkdtempSync(join(tmpdir(), "vedette-replay-"));
try {
  const { bavail, bsize } = statfsSync(folder);
  const neededBytes = packets * STORED_BYTES;
  if (bavail * bsize < 2 * neededBytes) {
    throw new Error(`${folder}: needs ${2 * neededBytes} bytes`);
  }
  process.stdout.write(`${packets} packets, ${cpus()[0]?.model}, Node ${process.version}\n`);
  for (const [what, fill] of [
    ["served", fillServed],
    ["flooded", fillFlooded],
  ] as const) {
    const path = join(folder, `${what}.pcap`);
    makeCapture(path, packets, fill);
    await measure(what, path, packets);
    rmSync(path);
  }
} finally {
  rmSync(folder, { recursive: true });
}
