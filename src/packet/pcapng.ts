/**
 * The blocks of a pcapng file: sections, their interfaces, and the packets of these.
 *
 * Every block has its length at both ends, and one that disagrees with itself is damage. Blocks
 * that carry no packet are skipped, piece by piece, so that their length (up to 4 GiB) costs no
 * memory.
 * A section begins with its own byte order and its own interfaces; a file may hold several.
 *
 * Source: draft-ietf-opsawg-pcapng, sections 3 and 4; the obsolete packet block: appendix A.
 */
import type { CaptureOutlet } from "./capture-outlet.ts";
import { type CaptureRecords, MAX_CAPTURED_BYTES, MAX_RECORD_BYTES } from "./capture-records.ts";
import { ticksToEpochMs } from "./capture-time.ts";

/** Bytes that {@link isPcapng} needs. */
export const PCAPNG_START_BYTES = 12;
const SECTION_HEADER_BLOCK = 0x0a0d0d0a;
const INTERFACE_DESCRIPTION_BLOCK = 1;
const OBSOLETE_PACKET_BLOCK = 2;
const SIMPLE_PACKET_BLOCK = 3;
const ENHANCED_PACKET_BLOCK = 6;
const BYTE_ORDER_MAGIC = 0x1a2b3c4d;
const VERSION_MAJOR = 1;

/** Type and length. */
const BLOCK_HEADER_BYTES = 8;
/** The length again. */
const BLOCK_TRAILER_BYTES = 4;
/** Shortest block of each kind, bytes, with header and trailer. */
const SECTION_MIN_BYTES = 28;
const INTERFACE_MIN_BYTES = 20;
const PACKET_MIN_BYTES = 32;
const SIMPLE_PACKET_MIN_BYTES = 16;

const OPTION_END = 0;
const OPTION_TIME_RESOLUTION = 9;
const OPTION_TIME_OFFSET = 14;
const DEFAULT_TICKS_PER_SECOND = 1e6;

/** Interfaces of one section; more are no machine's, and each costs memory. */
const MAX_INTERFACES = 65_536;

interface CapturedInterface {
  readonly linkType: number;
  /** Longest packet that it captured, bytes; 0 is without a bound. */
  readonly snapBytes: number;
  readonly ticksPerSecond: number;
  readonly offsetSeconds: number;
}

/** @returns whether the first {@link PCAPNG_START_BYTES} of `view` begin a pcapng file. */
export function isPcapng(view: DataView): boolean {
  return view.getUint32(0, true) === SECTION_HEADER_BLOCK && sectionOrder(view, 0) !== undefined;
}

/** @returns whether the section whose block is at `at` is little-endian; undefined is neither. */
function sectionOrder(view: DataView, at: number): boolean | undefined {
  if (view.getUint32(at + 8, true) === BYTE_ORDER_MAGIC) return true;
  return view.getUint32(at + 8, false) === BYTE_ORDER_MAGIC ? false : undefined;
}

export class PcapngRecords implements CaptureRecords {
  readonly format = "pcapng";
  damage: string | undefined;
  takenOfNextBytes = 0;
  #isLittleEndian = true;
  readonly #interfaces: CapturedInterface[] = [];
  /** Whole length of the block that is being skipped; 0 between blocks. */
  #skippedBlockBytes = 0;

  decode(bytes: Uint8Array, view: DataView, end: number, outlet: CaptureOutlet): number {
    let at = 0;
    while (this.damage === undefined) {
      if (this.#skippedBlockBytes > 0) {
        at = this.#skip(view, at, end);
        if (this.#skippedBlockBytes > 0) return at;
      }
      if (end - at < BLOCK_HEADER_BYTES) return at;
      const type = view.getUint32(at, this.#isLittleEndian);
      if (type === SECTION_HEADER_BLOCK) {
        if (end - at < PCAPNG_START_BYTES) return at;
        this.#turnByteOrder(view, at);
        if (this.damage !== undefined) return at;
      }
      const blockBytes = view.getUint32(at + 4, this.#isLittleEndian);
      const minBytes = shortestBlock(type);
      if (blockBytes % 4 !== 0 || blockBytes < (minBytes ?? 12)) {
        this.damage = `a block of type ${type} with the impossible length ${blockBytes}`;
        return at;
      }
      if (minBytes === undefined) {
        this.#skippedBlockBytes = blockBytes;
        continue;
      }
      if (blockBytes > MAX_RECORD_BYTES) {
        this.damage = `a block of type ${type} of ${blockBytes} bytes, above ${MAX_RECORD_BYTES}`;
        return at;
      }
      if (end - at < blockBytes) return at;
      this.#checkTrailer(view, at + blockBytes, blockBytes);
      if (this.damage !== undefined) return at;
      this.#decodeBlock(bytes, view, type, at, at + blockBytes - BLOCK_TRAILER_BYTES, outlet);
      if (this.damage !== undefined) return at;
      at += blockBytes;
    }
    return at;
  }

  /** @returns where it came to; the block is behind it iff `#skippedBlockBytes` is 0. */
  #skip(view: DataView, at: number, end: number): number {
    const bodyLeft = this.#skippedBlockBytes - BLOCK_TRAILER_BYTES - this.takenOfNextBytes;
    const taken = Math.min(bodyLeft, end - at);
    const after = at + taken;
    this.takenOfNextBytes += taken;
    if (taken < bodyLeft || end - after < BLOCK_TRAILER_BYTES) return after;
    this.#checkTrailer(view, after + BLOCK_TRAILER_BYTES, this.#skippedBlockBytes);
    if (this.damage !== undefined) return after;
    this.#skippedBlockBytes = 0;
    this.takenOfNextBytes = 0;
    return after + BLOCK_TRAILER_BYTES;
  }

  #checkTrailer(view: DataView, blockEnd: number, blockBytes: number): void {
    const repeated = view.getUint32(blockEnd - BLOCK_TRAILER_BYTES, this.#isLittleEndian);
    if (repeated !== blockBytes) {
      this.damage = `a block that begins with the length ${blockBytes} and ends with ${repeated}`;
    }
  }

  /** The type of a section's block reads the same in both orders; its length does not. */
  #turnByteOrder(view: DataView, at: number): void {
    const order = sectionOrder(view, at);
    if (order === undefined) this.damage = "a section without a byte order";
    else this.#isLittleEndian = order;
  }

  /** @param end where the block's body ends. */
  #decodeBlock(
    bytes: Uint8Array,
    view: DataView,
    type: number,
    at: number,
    end: number,
    outlet: CaptureOutlet,
  ): void {
    const isLittle = this.#isLittleEndian;
    switch (type) {
      case ENHANCED_PACKET_BLOCK:
        this.#deliver(bytes, view, view.getUint32(at + 8, isLittle), at, end, outlet);
        break;
      case OBSOLETE_PACKET_BLOCK:
        this.#deliver(bytes, view, view.getUint16(at + 8, isLittle), at, end, outlet);
        break;
      case SIMPLE_PACKET_BLOCK:
        this.#deliverSimple(bytes, view, at, end, outlet);
        break;
      case INTERFACE_DESCRIPTION_BLOCK:
        this.#addInterface(view, at, end);
        break;
      default:
        this.#beginSection(view, at);
    }
  }

  /** The enhanced block and the obsolete one differ in the eight bytes before the time alone. */
  #deliver(
    bytes: Uint8Array,
    view: DataView,
    interfaceNumber: number,
    at: number,
    end: number,
    outlet: CaptureOutlet,
  ): void {
    const isLittle = this.#isLittleEndian;
    const captured = this.#interfaces[interfaceNumber];
    if (captured === undefined) {
      this.damage = `a packet of interface ${interfaceNumber}, which the section does not describe`;
      return;
    }
    const start = at + 28;
    const capturedBytes = view.getUint32(at + 20, isLittle);
    if (!this.#checkCaptured(capturedBytes, end - start)) return;
    const seenAtEpochMs = ticksToEpochMs(
      view.getUint32(at + 12, isLittle),
      view.getUint32(at + 16, isLittle),
      captured.ticksPerSecond,
      captured.offsetSeconds,
    );
    outlet.deliver(bytes, start, start + capturedBytes, captured.linkType, seenAtEpochMs);
  }

  /** Has neither a time nor the captured length, and belongs to the section's first interface. */
  #deliverSimple(
    bytes: Uint8Array,
    view: DataView,
    at: number,
    end: number,
    outlet: CaptureOutlet,
  ): void {
    const captured = this.#interfaces[0];
    if (captured === undefined) {
      this.damage = "a packet of interface 0, which the section does not describe";
      return;
    }
    const start = at + 12;
    const originalBytes = view.getUint32(at + 8, this.#isLittleEndian);
    const { snapBytes } = captured;
    const capturedBytes = snapBytes === 0 ? originalBytes : Math.min(snapBytes, originalBytes);
    if (!this.#checkCaptured(capturedBytes, end - start)) return;
    outlet.deliverUntimed(bytes, start, start + capturedBytes, captured.linkType);
  }

  #checkCaptured(capturedBytes: number, roomBytes: number): boolean {
    if (capturedBytes > MAX_CAPTURED_BYTES) {
      this.damage = `a packet of ${capturedBytes} bytes, above ${MAX_CAPTURED_BYTES}`;
      return false;
    }
    if (capturedBytes > roomBytes) {
      this.damage = `a packet of ${capturedBytes} bytes in a block with room for ${roomBytes}`;
      return false;
    }
    return true;
  }

  #beginSection(view: DataView, at: number): void {
    const major = view.getUint16(at + 12, this.#isLittleEndian);
    if (major !== VERSION_MAJOR) {
      this.damage = `a section of version ${major} of pcapng, only 1 is read`;
      return;
    }
    this.#interfaces.length = 0;
  }

  #addInterface(view: DataView, at: number, end: number): void {
    const isLittle = this.#isLittleEndian;
    if (this.#interfaces.length === MAX_INTERFACES) {
      this.damage = `more than ${MAX_INTERFACES} interfaces in a section`;
      return;
    }
    let ticksPerSecond = DEFAULT_TICKS_PER_SECOND;
    let offsetSeconds = 0;
    for (let option = at + 16; end - option >= 4; ) {
      const code = view.getUint16(option, isLittle);
      const valueBytes = view.getUint16(option + 2, isLittle);
      const value = option + 4;
      if (code === OPTION_END) break;
      if (valueBytes > end - value) {
        this.damage = `an option of ${valueBytes} bytes past the end of its block`;
        return;
      }
      if (code === OPTION_TIME_RESOLUTION && valueBytes === 1) {
        ticksPerSecond = resolutionToTicks(view.getUint8(value));
      } else if (code === OPTION_TIME_OFFSET && valueBytes === 8) {
        offsetSeconds = int64At(view, value, isLittle);
      }
      // Values are padded to four bytes.
      option = value + ((valueBytes + 3) & ~3);
    }
    const linkType = view.getUint16(at + 8, isLittle);
    const snapBytes = view.getUint32(at + 12, isLittle);
    this.#interfaces.push({ linkType, snapBytes, ticksPerSecond, offsetSeconds });
  }
}

/** @returns undefined for a block that is skipped. */
function shortestBlock(type: number): number | undefined {
  switch (type) {
    case ENHANCED_PACKET_BLOCK:
    case OBSOLETE_PACKET_BLOCK:
      return PACKET_MIN_BYTES;
    case SIMPLE_PACKET_BLOCK:
      return SIMPLE_PACKET_MIN_BYTES;
    case INTERFACE_DESCRIPTION_BLOCK:
      return INTERFACE_MIN_BYTES;
    case SECTION_HEADER_BLOCK:
      return SECTION_MIN_BYTES;
    default:
      return undefined;
  }
}

/** if_tsresol: the uppermost bit says whether the exponent is one of 2 or of 10. */
function resolutionToTicks(resolution: number): number {
  return (resolution & 0x80) === 0 ? 10 ** resolution : 2 ** (resolution & 0x7f);
}

function int64At(view: DataView, at: number, isLittle: boolean): number {
  const high = view.getInt32(isLittle ? at + 4 : at, isLittle);
  return high * 2 ** 32 + view.getUint32(isLittle ? at : at + 4, isLittle);
}
