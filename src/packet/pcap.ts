/**
 * The records of a pcap file: sixteen bytes of header and the captured packet, again and again.
 *
 * Nothing in a record tells it from chance bytes, so that a length beyond the bound is the only
 * damage that shows, and what follows it cannot be found again.
 *
 * Source: draft-ietf-opsawg-pcap, sections 4 and 5.
 */
import type { CaptureOutlet } from "./capture-outlet.ts";
import { type CaptureRecords, MAX_CAPTURED_BYTES } from "./capture-records.ts";
import { secondsToEpochMs } from "./capture-time.ts";

/** Length of the file's header, bytes. */
export const PCAP_HEADER_BYTES = 24;
const MAGIC_MICROSECONDS = 0xa1b2c3d4;
const MAGIC_NANOSECONDS = 0xa1b23c4d;
const VERSION_MAJOR = 2;
/** Before it the two lengths of a record had no settled order. */
const VERSION_MINOR_MIN = 4;
const RECORD_HEADER_BYTES = 16;
/** The upper half says how long a frame check sequence is, which lies past the IP packet. */
const LINK_TYPE_MASK = 0xffff;

/** @returns whether the four bytes that `view` begins with begin a pcap file. */
export function isPcap(view: DataView): boolean {
  return isLittleEndian(view) !== undefined;
}

function isLittleEndian(view: DataView): boolean | undefined {
  for (const isLittle of [true, false]) {
    const magic = view.getUint32(0, isLittle);
    if (magic === MAGIC_MICROSECONDS || magic === MAGIC_NANOSECONDS) return isLittle;
  }
  return undefined;
}

export class PcapRecords implements CaptureRecords {
  readonly format = "pcap";
  readonly takenOfNextBytes = 0;
  damage: string | undefined;
  readonly #isLittleEndian: boolean;
  readonly #ticksPerSecond: number;
  readonly #linkType: number;

  /** Reads the header of {@link PCAP_HEADER_BYTES}, of which {@link isPcap} knows the beginning. */
  constructor(view: DataView) {
    const isLittle = isLittleEndian(view) ?? true;
    this.#isLittleEndian = isLittle;
    this.#ticksPerSecond = view.getUint32(0, isLittle) === MAGIC_NANOSECONDS ? 1e9 : 1e6;
    this.#linkType = view.getUint32(20, isLittle) & LINK_TYPE_MASK;
    const major = view.getUint16(4, isLittle);
    const minor = view.getUint16(6, isLittle);
    if (major !== VERSION_MAJOR || minor < VERSION_MINOR_MIN) {
      this.damage = `version ${major}.${minor} of pcap is not read, only 2.4`;
    }
  }

  decode(bytes: Uint8Array, view: DataView, end: number, outlet: CaptureOutlet): number {
    const isLittle = this.#isLittleEndian;
    let at = 0;
    while (end - at >= RECORD_HEADER_BYTES) {
      const capturedBytes = view.getUint32(at + 8, isLittle);
      if (capturedBytes > MAX_CAPTURED_BYTES) {
        this.damage = `a packet of ${capturedBytes} bytes, above ${MAX_CAPTURED_BYTES}`;
        return at;
      }
      const start = at + RECORD_HEADER_BYTES;
      if (end - start < capturedBytes) return at;
      const seenAtEpochMs = secondsToEpochMs(
        view.getUint32(at, isLittle),
        view.getUint32(at + 4, isLittle),
        this.#ticksPerSecond,
      );
      at = start + capturedBytes;
      outlet.deliver(bytes, start, at, this.#linkType, seenAtEpochMs);
    }
    return at;
  }
}
