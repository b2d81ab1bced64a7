/**
 * Decodes a capture, pcap or pcapng, from pieces of any size, in memory that is taken once.
 *
 * A file comes from anywhere: nothing here throws, whatever the bytes are, and nothing grows with
 * them but the list of a section's interfaces, which is bounded. The format is told by the first
 * bytes, never by a name. What follows damage is not read: lengths lead from record to record, and
 * after a wrong one anything may be taken for a packet.
 */
import { type CaptureCounts, CaptureOutlet, type OnCapturedPacket } from "./capture-outlet.ts";
import { type CaptureRecords, MAX_RECORD_BYTES } from "./capture-records.ts";
import { isPcap, PCAP_HEADER_BYTES, PcapRecords } from "./pcap.ts";
import { isPcapng, PCAPNG_START_BYTES, PcapngRecords } from "./pcapng.ts";

/** One record that is not whole yet, and as much again to take in one go. */
const WINDOW_BYTES = 2 * MAX_RECORD_BYTES;
const MAGIC_BYTES = 4;

/** Where and why reading ended early. */
export interface CaptureDamage {
  /** Where the record begins that could not be read; bytes from the beginning of the capture. */
  readonly offsetBytes: number;
  /** For people; without the offset. */
  readonly reason: string;
}

/** How a capture ended. "no-capture": the first bytes are those of neither format. */
export type CaptureEnd =
  | { readonly status: "no-capture" }
  | { readonly status: "complete"; readonly format: CaptureRecords["format"] }
  | {
      readonly status: "damaged";
      readonly format: CaptureRecords["format"];
      readonly damage: CaptureDamage;
    };

export class CaptureStream {
  readonly #outlet: CaptureOutlet;
  readonly #window = new Uint8Array(WINDOW_BYTES);
  readonly #view = new DataView(this.#window.buffer);
  #records: CaptureRecords | undefined;
  #isForeign = false;
  /** Bytes in the window; before them came `#offsetBytes`. */
  #filledBytes = 0;
  #offsetBytes = 0;

  /** `onPacket` is called synchronously by {@link push}. */
  constructor(onPacket: OnCapturedPacket) {
    this.#outlet = new CaptureOutlet(onPacket);
  }

  counts(): Readonly<CaptureCounts> {
    return { ...this.#outlet.counts };
  }

  /** The first link type that is not read; undefined while there was none. */
  get unknownLinkType(): number | undefined {
    return this.#outlet.unknownLinkType;
  }

  /** Whether more bytes would be read. False after damage, and when this is no capture. */
  get isOpen(): boolean {
    return !this.#isForeign && this.#records?.damage === undefined;
  }

  /** Takes the next bytes of the capture, which are copied; without effect once it is not open. */
  push(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length && this.isOpen; ) {
      const next = bytes.subarray(at, at + WINDOW_BYTES - this.#filledBytes);
      this.#window.set(next, this.#filledBytes);
      this.#filledBytes += next.length;
      at += next.length;
      this.#decode();
    }
  }

  /**
   * How the capture ended, given that no more bytes come.
   * @param reason why they do not, unless it is that the file is over.
   */
  end(reason?: string): CaptureEnd {
    const records = this.#records;
    if (records === undefined) return this.#endOfBeginning(reason);
    const { format, takenOfNextBytes } = records;
    const offsetBytes = this.#offsetBytes - takenOfNextBytes;
    const restBytes = this.#filledBytes + takenOfNextBytes;
    const why =
      records.damage ??
      reason ??
      (restBytes > 0 ? `the capture ends ${restBytes} bytes into a record` : undefined);
    if (why === undefined) return { status: "complete", format };
    return { status: "damaged", format, damage: { offsetBytes, reason: why } };
  }

  #endOfBeginning(reason: string | undefined): CaptureEnd {
    const begins = this.#filledBytes >= MAGIC_BYTES && !this.#isForeign && isPcap(this.#view);
    if (!begins) return { status: "no-capture" };
    const why = reason ?? `the capture ends ${this.#filledBytes} bytes into its header`;
    return { status: "damaged", format: "pcap", damage: { offsetBytes: 0, reason: why } };
  }

  #decode(): void {
    if (this.#records === undefined) this.#begin();
    const records = this.#records;
    if (records === undefined || records.damage !== undefined) return;
    this.#drop(records.decode(this.#window, this.#view, this.#filledBytes, this.#outlet));
  }

  #begin(): void {
    if (this.#filledBytes < MAGIC_BYTES) return;
    if (isPcap(this.#view)) {
      if (this.#filledBytes < PCAP_HEADER_BYTES) return;
      const records = new PcapRecords(this.#view);
      this.#records = records;
      if (records.damage === undefined) this.#drop(PCAP_HEADER_BYTES);
    } else if (this.#filledBytes >= PCAPNG_START_BYTES) {
      if (isPcapng(this.#view)) this.#records = new PcapngRecords();
      else this.#isForeign = true;
    }
  }

  /** Moves what is left to the window's beginning: less than one record. */
  #drop(doneBytes: number): void {
    if (doneBytes === 0) return;
    this.#window.copyWithin(0, doneBytes, this.#filledBytes);
    this.#filledBytes -= doneBytes;
    this.#offsetBytes += doneBytes;
  }
}
