/** Everything that comes out of a capture, copied so that it can be compared. */
import type { CaptureCounts, CapturedPacket } from "../../src/packet/capture-outlet.ts";
import { type CaptureEnd, CaptureStream } from "../../src/packet/capture-stream.ts";

export interface Captured {
  readonly hex: string;
  readonly seenAtEpochMs: number;
  readonly linkType: number;
}

export interface Decoded {
  readonly packets: Captured[];
  readonly counts: Readonly<CaptureCounts>;
  readonly unknownLinkType: number | undefined;
  readonly end: CaptureEnd;
}

/** Takes a copy of a packet that is valid during the call alone. */
export function copyPacket(buffer: Uint8Array, packet: CapturedPacket): Captured {
  const { start, end, seenAtEpochMs, linkType } = packet;
  return { hex: Buffer.from(buffer.subarray(start, end)).toString("hex"), seenAtEpochMs, linkType };
}

/** Decodes a capture that comes in these pieces. */
export function decodeCapture(...pieces: Uint8Array[]): Decoded {
  const packets: Captured[] = [];
  const stream = new CaptureStream((buffer, packet) => packets.push(copyPacket(buffer, packet)));
  for (const piece of pieces) stream.push(piece);
  return {
    packets,
    counts: stream.counts(),
    unknownLinkType: stream.unknownLinkType,
    end: stream.end(),
  };
}
