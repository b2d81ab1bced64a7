/**
 * Measures how fast captures are read, on one core: packets a second, for each format.
 *
 * Argument: millions of packets, 5 without it. The files are made in a temporary folder, if the
 * disk has room for them twice over, and removed at the end. "read" is the file alone; "decoded"
 * also decodes the headers up to TCP, as everybody does who reads a capture.
 */
import { closeSync, mkdtempSync, openSync, rmSync, statfsSync, writeSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { decodePacket } from "../src/packet/decode-packet.ts";
import { PacketHeader } from "../src/packet/packet-header.ts";
import { readCapture } from "../src/sensors/capture-file.ts";

const PACKETS_A_PIECE = 10_000;
/** An Ethernet frame with a SYN of 60 bytes, as most scanners send it. */
const FRAME_BYTES = 74;
/** Longest record of the two formats: a pcapng block, its packet padded to four bytes. */
const MAX_STORED_BYTES = 32 + FRAME_BYTES + 2;

interface Format {
  readonly name: string;
  readonly beginning: Buffer;
  /** Bytes before and behind the frame. */
  readonly headBytes: number;
  readonly tailBytes: number;
  /** Writes what surrounds the frame; `index` counts microseconds. */
  wrap(record: Buffer, index: number): void;
}

/** 2026-01-01. */
const START_SECONDS = 1_767_225_600;

const PCAP: Format = {
  name: "pcap",
  beginning: Buffer.from("d4c3b2a10200040000000000000000000000040001000000", "hex"),
  headBytes: 16,
  tailBytes: 0,
  wrap(record, index) {
    record.writeUInt32LE(START_SECONDS + Math.floor(index / 1e6), 0);
    record.writeUInt32LE(index % 1e6, 4);
    record.writeUInt32LE(FRAME_BYTES, 8);
    record.writeUInt32LE(FRAME_BYTES, 12);
  },
};

const PCAPNG: Format = {
  name: "pcapng",
  beginning: Buffer.from(
    "0a0d0d0a1c0000004d3c2b1a01000000ffffffffffffffff1c000000" +
      "01000000140000000100000000000400" +
      "14000000",
    "hex",
  ),
  headBytes: 28,
  tailBytes: 6,
  wrap(record, index) {
    const ticks = START_SECONDS * 1e6 + index;
    record.writeUInt32LE(6, 0);
    record.writeUInt32LE(record.length, 4);
    record.writeUInt32LE(0, 8);
    record.writeUInt32LE(Math.floor(ticks / 2 ** 32), 12);
    record.writeUInt32LE(ticks % 2 ** 32, 16);
    record.writeUInt32LE(FRAME_BYTES, 20);
    record.writeUInt32LE(FRAME_BYTES, 24);
    record.writeUInt32LE(record.length, record.length - 4);
  },
};

const FRAME = Buffer.from(
  "0200000000010200000000020800" +
    "4500003c00004000400600000000000000000000" +
    "9c4000160102030400000000a002040000000000" +
    "020405b40402080a000000000000000001030307",
  "hex",
);

function makeCapture(path: string, format: Format, packets: number): void {
  const file = openSync(path, "wx");
  writeSync(file, format.beginning);
  const recordBytes = format.headBytes + FRAME_BYTES + format.tailBytes;
  const piece = Buffer.alloc(recordBytes * PACKETS_A_PIECE);
  for (let index = 0; index < packets; index += PACKETS_A_PIECE) {
    for (let place = 0; place < PACKETS_A_PIECE; place++) {
      const record = piece.subarray(place * recordBytes, (place + 1) * recordBytes);
      format.wrap(record, index + place);
      FRAME.copy(record, format.headBytes);
      // Source and destination port: another for every packet.
      record.writeUInt32BE((0xc0000200 + index + place) >>> 0, format.headBytes + 26);
      record.writeUInt16BE((index + place) & 0xffff, format.headBytes + 36);
    }
    writeSync(file, piece);
  }
  closeSync(file);
}

async function measure(path: string, what: string, isDecoding: boolean): Promise<void> {
  const header = new PacketHeader();
  let decoded = 0;
  const start = performance.now();
  const { counts, damage } = await readCapture(path, (buffer, { start, end }) => {
    if (isDecoding && decodePacket(buffer, start, end, header) === "decoded") decoded++;
  });
  const seconds = (performance.now() - start) / 1000;
  if (damage !== undefined || counts.ip !== packets || (isDecoding && decoded !== packets)) {
    throw new Error(`${what}: ${counts.ip} of ${packets} packets, ${decoded} decoded`);
  }
  const aSecond = Math.round(packets / seconds).toLocaleString("en");
  process.stdout.write(`${what}: ${aSecond} packets/s (${seconds.toFixed(2)} s)\n`);
}

const packets = Math.max(1, Math.round(Number(process.argv[2] ?? "5"))) * 1_000_000;
const folder = mkdtempSync(join(tmpdir(), "vedette-capture-"));
try {
  const { bavail, bsize } = statfsSync(folder);
  const neededBytes = packets * MAX_STORED_BYTES;
  if (bavail * bsize < 2 * neededBytes)
    throw new Error(`${folder}: needs ${2 * neededBytes} bytes`);
  process.stdout.write(`${packets} packets, ${cpus()[0]?.model}, Node ${process.version}\n`);
  for (const format of [PCAP, PCAPNG]) {
    const path = join(folder, format.name);
    makeCapture(path, format, packets);
    await measure(path, `${format.name} read`, false);
    await measure(path, `${format.name} decoded`, true);
    rmSync(path);
  }
} finally {
  rmSync(folder, { recursive: true });
}
