/**
 * Unpacks gzip (RFC 1952), also several members in a row, and hands on everything that comes before
 * a damage.
 *
 * The members are told apart here, and zlib unpacks what is in them: its own reader of gzip keeps
 * back what it has unpacked when a sum at a member's end is wrong or something else follows it.
 * Zeros behind a member are padding; what else is no member is damage, and not read. Nothing is
 * kept but a member's sum and length. A file of members of a few bytes each costs time.
 */
import { crc32 } from "node:zlib";
import { Inflater } from "./inflater.ts";

/** The magic and the only method there is. RFC 1952 section 2.3.1. */
export const GZIP_START: readonly number[] = [0x1f, 0x8b, 0x08];

/** Bits of FLG. RFC 1952 section 2.3.1. */
const FLAG_HEADER_SUM = 0x02;
const FLAG_EXTRA = 0x04;
const FLAG_NAME = 0x08;
const FLAG_COMMENT = 0x10;
const RESERVED_FLAGS = 0xe0;

/** CRC32 and ISIZE, both little-endian. RFC 1952 section 2.3.1. */
const TRAILER_BYTES = 8;

/** Read at a time of what is unpacked once more. */
const AGAIN_PIECE_BYTES = 64 * 1024;

/**
 * Reads the packed file at an offset, whatever was read before. @returns how many bytes came, 0
 * where that cannot be: a FIFO has no past.
 */
export type ReadAgain = (buffer: Uint8Array, offsetBytes: number) => Promise<number>;

/** Takes a header byte by byte. @returns what is wrong with it; undefined when it is whole. */
function* takeHeader(): Generator<undefined, string | undefined, number> {
  for (const expected of GZIP_START) {
    if ((yield) !== expected) return "what follows its end is no gzip data";
  }
  const flags = yield;
  if ((flags & RESERVED_FLAGS) !== 0) return "unknown header flags set";
  // MTIME, XFL and OS.
  for (let byte = 0; byte < 6; byte++) yield;
  if ((flags & FLAG_EXTRA) !== 0) {
    const low = yield;
    const extraBytes = low | ((yield) << 8);
    for (let byte = 0; byte < extraBytes; byte++) yield;
  }
  for (const flag of [FLAG_NAME, FLAG_COMMENT]) {
    if ((flags & flag) !== 0) while ((yield) !== 0);
  }
  // A sum over what nobody uses: RFC 1952 section 2.3.1.2 leaves it to the reader.
  if ((flags & FLAG_HEADER_SUM) !== 0) for (let byte = 0; byte < 2; byte++) yield;
  return undefined;
}

/** One member behind its header: what is in it, and its end. */
interface Member {
  readonly inflater: Inflater;
  /** Where its packed data begin in the file. */
  readonly offsetBytes: number;
  sum: number;
  readonly trailer: number[];
}

export class GzipUnpacker implements Disposable {
  /** Why unpacking ended early; undefined while it goes on. */
  failure: string | undefined;
  readonly #onBytes: (bytes: Uint8Array) => void;
  readonly #readAgain: ReadAgain;
  #offsetBytes = 0;
  /** Undefined between two members, and within one. */
  #header: ReturnType<typeof takeHeader> | undefined = beginHeader();
  #member: Member | undefined;

  constructor(onBytes: (bytes: Uint8Array) => void, readAgain: ReadAgain) {
    this.#onBytes = onBytes;
    this.#readAgain = readAgain;
  }

  /** Fulfilled when everything in `piece` is unpacked and handed on, or after a failure. */
  async push(piece: Uint8Array): Promise<void> {
    for (let at = 0; at < piece.length && this.failure === undefined; ) {
      const rest = piece.subarray(at);
      const takenBytes =
        this.#member === undefined
          ? this.#takeOutside(rest)
          : await this.#takeInside(this.#member, rest);
      at += takenBytes;
      this.#offsetBytes += takenBytes;
    }
  }

  /** No more bytes come: a member that is not whole is a failure. */
  end(): void {
    if (this.failure !== undefined) return;
    if (this.#member === undefined && this.#header === undefined) return;
    this.#fail("unexpected end of file");
  }

  [Symbol.dispose](): void {
    this.#member?.inflater[Symbol.dispose]();
  }

  /** Zeros between members, and a header. @returns how many bytes of it are done. */
  #takeOutside(bytes: Uint8Array): number {
    let takenBytes = 0;
    for (const byte of bytes) {
      if (this.#header === undefined && byte !== 0) {
        this.#header = beginHeader();
      }
      takenBytes += 1;
      if (this.#header === undefined) continue;
      const step = this.#header.next(byte);
      if (step.done !== true) continue;
      if (step.value === undefined) this.#begin(this.#offsetBytes + takenBytes);
      else this.#fail(step.value);
      break;
    }
    return takenBytes;
  }

  #begin(offsetBytes: number): void {
    this.#header = undefined;
    const inflater = new Inflater((bytes) => {
      member.sum = crc32(bytes, member.sum);
      this.#onBytes(bytes);
    });
    const member: Member = { inflater, offsetBytes, sum: 0, trailer: [] };
    this.#member = member;
  }

  /** What is packed, and the sums behind it. @returns how many of the bytes are done. */
  async #takeInside(member: Member, bytes: Uint8Array): Promise<number> {
    const { inflater, trailer } = member;
    if (inflater.isEnded) {
      const taken = bytes.subarray(0, TRAILER_BYTES - trailer.length);
      trailer.push(...taken);
      if (trailer.length === TRAILER_BYTES) this.#finish(member);
      return taken.length;
    }
    const beforeBytes = inflater.takenBytes;
    await inflater.push(bytes);
    if (inflater.failure !== undefined) {
      await this.#unpackAgain(member);
      this.#fail(inflater.failure);
    }
    return inflater.takenBytes - beforeBytes;
  }

  #finish({ inflater, sum, trailer }: Member): void {
    const sums = Buffer.from(trailer);
    if (sums.readUInt32LE(0) !== sum) this.#fail("incorrect data check");
    // The length is kept modulo 2^32.
    else if (sums.readUInt32LE(4) !== inflater.unpackedBytes % 2 ** 32) {
      this.#fail("incorrect length check");
    }
    inflater[Symbol.dispose]();
    this.#member = undefined;
  }

  /**
   * Hands on what the failed step had unpacked before the damage: the member is unpacked once more
   * from its beginning, and byte by byte where the step began.
   */
  async #unpackAgain({ inflater, offsetBytes }: Member): Promise<void> {
    let knownBytes = inflater.unpackedBytes;
    using again = new Inflater((bytes) => {
      const newBytes = bytes.subarray(Math.min(knownBytes, bytes.length));
      knownBytes -= bytes.length - newBytes.length;
      if (newBytes.length > 0) this.#onBytes(newBytes);
    });
    const buffer = Buffer.allocUnsafeSlow(AGAIN_PIECE_BYTES);
    while (!again.isOver) {
      const surelyBytes = inflater.takenBytes - again.takenBytes;
      const wanted = surelyBytes > 0 ? Math.min(surelyBytes, buffer.length) : buffer.length;
      const place = offsetBytes + again.takenBytes;
      const filledBytes = await this.#readAgain(buffer.subarray(0, wanted), place);
      if (filledBytes === 0) break;
      const stepBytes = surelyBytes > 0 ? filledBytes : 1;
      for (let at = 0; at < filledBytes && !again.isOver; at += stepBytes) {
        await again.push(buffer.subarray(at, at + stepBytes));
      }
    }
  }

  #fail(why: string): void {
    this.failure = `the gzip data is damaged: ${why}`;
  }
}

/** A header that waits for its first byte. */
function beginHeader(): ReturnType<typeof takeHeader> {
  const header = takeHeader();
  header.next();
  return header;
}
