/**
 * Captures that are made to be measured: TCP segments of 60 bytes on Ethernet, the same ones in
 * every run, in a temporary folder that is removed at the end.
 */
import { closeSync, mkdtempSync, openSync, rmSync, statfsSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const PACKETS_A_PIECE = 10_000;

/** 2026-01-01. */
const START_SECONDS = 1_767_225_600;

/** Ethernet, IPv4, TCP with 20 bytes of options: 60 bytes behind the link layer. */
const FRAME = Buffer.from(
  "0200000000010200000000020800" +
    "4500003c00004000400600000000000000000000" +
    "9c4000160102030400000000a002040000000000" +
    "020405b40402080a000000000000000001030307",
  "hex",
);

/** What is different in each packet. */
export interface Segment {
  from: number;
  to: number;
  sourcePort: number;
  port: number;
  flags: number;
  sequence: number;
  acknowledgement: number;
}

/** @param random numbers of 32 bits, the same ones in every run. */
export type FillSegment = (segment: Segment, index: number, random: () => number) => void;

/** How packets are stored. */
export interface CaptureFormat {
  readonly name: string;
  readonly beginning: Buffer;
  /** Bytes before and behind the frame. */
  readonly headBytes: number;
  readonly tailBytes: number;
  /** Writes what surrounds the frame at `at`; `epochUs`: when the packet was captured. */
  wrap(bytes: Buffer, at: number, epochUs: number): void;
}

export const PCAP: CaptureFormat = {
  name: "pcap",
  beginning: Buffer.from("d4c3b2a10200040000000000000000000000040001000000", "hex"),
  headBytes: 16,
  tailBytes: 0,
  wrap(bytes, at, epochUs) {
    bytes.writeUInt32LE(Math.floor(epochUs / 1e6), at);
    bytes.writeUInt32LE(epochUs % 1e6, at + 4);
    bytes.writeUInt32LE(FRAME.length, at + 8);
    bytes.writeUInt32LE(FRAME.length, at + 12);
  },
};

export const PCAPNG: CaptureFormat = {
  name: "pcapng",
  beginning: Buffer.from(
    "0a0d0d0a1c0000004d3c2b1a01000000ffffffffffffffff1c000000" +
      "01000000140000000100000000000400" +
      "14000000",
    "hex",
  ),
  headBytes: 28,
  tailBytes: 6,
  wrap(bytes, at, epochUs) {
    const length = storedBytes(PCAPNG);
    bytes.writeUInt32LE(6, at);
    bytes.writeUInt32LE(length, at + 4);
    bytes.writeUInt32LE(0, at + 8);
    bytes.writeUInt32LE(Math.floor(epochUs / 2 ** 32), at + 12);
    bytes.writeUInt32LE(epochUs % 2 ** 32, at + 16);
    bytes.writeUInt32LE(FRAME.length, at + 20);
    bytes.writeUInt32LE(FRAME.length, at + 24);
    bytes.writeUInt32LE(length, at + length - 4);
  },
};

function storedBytes({ headBytes, tailBytes }: CaptureFormat): number {
  return headBytes + FRAME.length + tailBytes;
}

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

/** Makes a capture of so many packets, a multiple of 10,000. */
function makeCapture(
  path: string,
  format: CaptureFormat,
  packets: number,
  packetsASecond: number,
  fill: FillSegment,
): void {
  const file = openSync(path, "wx");
  const random = numbersFrom(20_261_123);
  const segment: Segment = {
    ...{ from: 0, to: 0, sourcePort: 0, port: 0, flags: 0, sequence: 0, acknowledgement: 0 },
  };
  writeSync(file, format.beginning);
  const recordBytes = storedBytes(format);
  const piece = Buffer.alloc(recordBytes * PACKETS_A_PIECE);
  for (let index = 0; index < packets; index += 1) {
    segment.sequence = index;
    segment.acknowledgement = index + 1;
    fill(segment, index, random);
    const at = (index % PACKETS_A_PIECE) * recordBytes;
    const atUs = Math.floor((index * 1e6) / packetsASecond);
    format.wrap(piece, at, START_SECONDS * 1e6 + atUs);
    const frame = at + format.headBytes;
    FRAME.copy(piece, frame);
    piece.writeUInt32BE(segment.from >>> 0, frame + 26);
    piece.writeUInt32BE(segment.to >>> 0, frame + 30);
    piece.writeUInt16BE(segment.sourcePort, frame + 34);
    piece.writeUInt16BE(segment.port, frame + 36);
    piece.writeUInt32BE(segment.sequence >>> 0, frame + 38);
    piece.writeUInt32BE(segment.acknowledgement >>> 0, frame + 42);
    piece[frame + 47] = segment.flags;
    if ((index + 1) % PACKETS_A_PIECE === 0) writeSync(file, piece);
  }
  closeSync(file);
}

/** One capture to be made, measured and removed. */
export interface Measurement {
  readonly name: string;
  readonly format: CaptureFormat;
  /** Of the capture's own time. */
  readonly packetsASecond: number;
  readonly fill: FillSegment;
  measure(path: string): Promise<void>;
}

/**
 * Makes one capture after the other, of so many packets, and has each measured.
 * @throws {Error} when the disk has no room for the largest one twice over.
 */
export async function measureAll(
  packets: number,
  measurements: readonly Measurement[],
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "vedette-measured-"));
  try {
    const { bavail, bsize } = statfsSync(folder);
    const neededBytes = 2 * packets * Math.max(...measurements.map((m) => storedBytes(m.format)));
    if (bavail * bsize < neededBytes) throw new Error(`${folder}: needs ${neededBytes} bytes`);
    for (const { name, format, packetsASecond, fill, measure } of measurements) {
      const path = join(folder, name);
      makeCapture(path, format, packets, packetsASecond, fill);
      await measure(path);
      rmSync(path);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}
