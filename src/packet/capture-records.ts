/** What the two capture formats have in common: a row of records behind a beginning. */
import type { CaptureOutlet } from "./capture-outlet.ts";

/**
 * Longest captured packet, bytes: libpcap's MAXIMUM_SNAPLEN. A longer one is damage, whatever the
 * file's own snap length says; a shorter one is read even beyond that, as libpcap does, because
 * writers are known to get it wrong.
 */
export const MAX_CAPTURED_BYTES = 262_144;

/** Bytes that a decoder may have to see at once; a record that would need more is damage. */
export const MAX_RECORD_BYTES = 1 << 20;

/** Decodes the records of one format. */
export interface CaptureRecords {
  readonly format: "pcap" | "pcapng";
  /** Why the record that is next cannot be read; nothing is decoded any more then. */
  readonly damage: string | undefined;
  /** Bytes of the next record that were taken already: long ones are skipped in pieces. */
  readonly takenOfNextBytes: number;
  /**
   * Delivers every whole record in the first `end` bytes, which `view` shows, too. Never throws.
   * @returns how many bytes it is done with; all of them, or fewer than {@link MAX_RECORD_BYTES}
   * remain, or there is damage.
   */
  decode(bytes: Uint8Array, view: DataView, end: number, outlet: CaptureOutlet): number;
}
