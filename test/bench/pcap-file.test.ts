import { describe, expect, it } from "vitest";
import { encodeCapture } from "../../bench/pcap-file.ts";
import { CaptureStream } from "../../src/packet/capture-stream.ts";

describe("encodeCapture", () => {
  it("is read back by the product's own reader, packets and times", () => {
    const atEpochMs = Date.UTC(2026, 2, 2) + 0.25;
    const packets = [
      { bytes: Buffer.from(`45${"00".repeat(19)}`, "hex"), atEpochMs },
      { bytes: Buffer.from(`45${"11".repeat(20)}`, "hex"), atEpochMs: atEpochMs + 999 },
    ];
    const read: { bytes: Buffer; atEpochMs: number }[] = [];
    const stream = new CaptureStream((buffer, { start, end, seenAtEpochMs }) => {
      read.push({ bytes: Buffer.from(buffer.subarray(start, end)), atEpochMs: seenAtEpochMs });
    });
    stream.push(encodeCapture(packets));
    expect(stream.end(undefined)).toMatchObject({ status: "complete", format: "pcap" });
    expect(read).toEqual(packets);
  });
});
