/**
 * Reads a capture file from its beginning to its end, or to where it is damaged: pcap or pcapng,
 * plain or packed with gzip, whatever it is called.
 *
 * A file may have tens of gigabytes and may come from anybody: it is read in pieces into memory of
 * a fixed size, and what is packed is unpacked in pieces, so that one that unpacks to a thousand
 * times its size costs time and nothing else. A FIFO or a device is read until it ends. Packets
 * come in the file's order; times that go back are counted, not sorted.
 */
import { type FileHandle, open } from "node:fs/promises";
import { getSystemErrorMessage } from "node:util";
import { isSystemError, OperationalError } from "../errors.ts";
import type { CaptureCounts, OnCapturedPacket } from "../packet/capture-outlet.ts";
import { type CaptureDamage, CaptureStream } from "../packet/capture-stream.ts";
import { GZIP_START, GzipUnpacker, type ReadAgain } from "./gzip-unpacker.ts";

/** Read at a time: milliseconds of work, after which others have their turn. */
const PIECE_BYTES = 256 * 1024;
/** So many of the three bytes that gzip begins with, and not all, are taken for damage. */
const GZIP_LIKENESS = 2;

/** So many bytes tell whether something is a capture: src/packet/capture-stream.ts. */
const MAGIC_BYTES = 4;

/** What was read of a capture file. */
export interface CaptureReading {
  readonly format: "pcap" | "pcapng";
  /** Whether the file is packed; the offset of a damage then counts in what it unpacks to. */
  readonly isGzip: boolean;
  readonly counts: Readonly<CaptureCounts>;
  /** The first link type that is not read; valid iff `counts.unknownLink` is above 0. */
  readonly unknownLinkType: number | undefined;
  /** Why and where reading ended early; undefined when the whole file was read. */
  readonly damage: CaptureDamage | undefined;
}

/**
 * How far reading has come, in bytes of the file as it is stored. `fileBytes` is 0 where nobody
 * knows, as for a FIFO. Called after each piece; must not throw.
 */
export type OnCaptureProgress = (readBytes: number, fileBytes: number) => void;

/**
 * Reads the file and hands on every IP packet in it, synchronously, in the file's order.
 * @throws {OperationalError} ERR_CAPTURE when the file cannot be read or is no capture.
 */
export async function readCapture(
  path: string,
  onPacket: OnCapturedPacket,
  onProgress: OnCaptureProgress = () => {},
): Promise<CaptureReading> {
  const stream = new CaptureStream(onPacket);
  const input = new CaptureInput();
  let file: FileHandle | undefined;
  try {
    file = await open(path);
    const stats = await file.stat();
    await input.readInto(stream, file, (readBytes) => onProgress(readBytes, stats.size));
  } catch (error) {
    if (!isSystemError(error)) throw error;
    const why = `cannot be read: ${getSystemErrorMessage(error.errno ?? 0)}`;
    // What has been read is told all the same, and that it is not everything.
    if (input.readBytes === 0) throw captureError(`${path}: the capture ${why}`, error);
    input.failure = `the file ${why}`;
  } finally {
    await file?.close();
  }
  const end = stream.end(input.failure);
  if (end.status === "no-capture") throw captureError(`${path}: ${input.explainForeign()}`);
  return {
    format: end.format,
    isGzip: input.isGzip,
    counts: stream.counts(),
    unknownLinkType: stream.unknownLinkType,
    damage: end.status === "damaged" ? end.damage : undefined,
  };
}

function captureError(message: string, cause?: Error): OperationalError {
  return new OperationalError("ERR_CAPTURE", message, { cause });
}

/** The way of the bytes from the file to the decoder, and what stopped them. */
class CaptureInput {
  isGzip = false;
  /** It begins almost as gzip does. */
  #isLikeGzip = false;
  #unpackedBytes = 0;
  readBytes = 0;
  /** Why no more bytes come, unless it is the file's end. */
  failure: string | undefined;

  async readInto(
    stream: CaptureStream,
    file: FileHandle,
    onPiece: (readBytes: number) => void,
  ): Promise<void> {
    const buffer = Buffer.allocUnsafeSlow(PIECE_BYTES);
    let filledBytes = await readAtLeast(file, buffer, GZIP_START.length);
    const start = buffer.subarray(0, Math.min(filledBytes, GZIP_START.length));
    const alike = start.filter((byte, index) => byte === GZIP_START[index]).length;
    this.isGzip = alike === GZIP_START.length;
    this.#isLikeGzip = alike >= GZIP_LIKENESS && filledBytes >= GZIP_START.length;
    const unpack = (bytes: Uint8Array) => {
      this.#unpackedBytes += bytes.length;
      stream.push(bytes);
    };
    using unpacker = this.isGzip ? new GzipUnpacker(unpack, rereading(file)) : undefined;
    while (filledBytes > 0) {
      const piece = buffer.subarray(0, filledBytes);
      this.readBytes += filledBytes;
      if (unpacker === undefined) stream.push(piece);
      else await unpacker.push(piece);
      onPiece(this.readBytes);
      if (!stream.isOpen || unpacker?.failure !== undefined) break;
      filledBytes = (await file.read(buffer, 0, PIECE_BYTES, null)).bytesRead;
    }
    if (stream.isOpen) unpacker?.end();
    this.failure = unpacker?.failure;
  }

  explainForeign(): string {
    const expected = "a capture begins as pcap or pcapng, plain or packed with gzip";
    if (this.readBytes === 0) return `the file is empty; ${expected}`;
    if (!this.isGzip && this.#isLikeGzip) {
      return `this looks like damaged gzip: two of its first three bytes are right; ${expected}`;
    }
    if (!this.isGzip) return `this is no capture; ${expected}`;
    if (this.failure !== undefined && this.#unpackedBytes < MAGIC_BYTES) {
      return `${this.failure}, and nothing before that can be unpacked`;
    }
    const why = this.failure === undefined ? "" : ` (${this.failure})`;
    return `what this unpacks to is no capture${why}; ${expected}`;
  }
}

/** A FIFO may give less at a time. @returns fewer bytes than asked for only at the file's end. */
async function readAtLeast(file: FileHandle, buffer: Buffer, bytes: number): Promise<number> {
  let filled = 0;
  while (filled < bytes) {
    const { bytesRead } = await file.read(buffer, filled, buffer.length - filled, null);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return filled;
}

/** What was read of a file once; of a FIFO it is gone. */
function rereading(file: FileHandle): ReadAgain {
  return async (buffer, offsetBytes) => {
    try {
      return (await file.read(buffer, 0, buffer.length, offsetBytes)).bytesRead;
    } catch (error) {
      if (isSystemError(error)) return 0;
      throw error;
    }
  };
}
