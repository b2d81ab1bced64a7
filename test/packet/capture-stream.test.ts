import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CaptureStream } from "../../src/packet/capture-stream.ts";
import { decodeCapture } from "./captured.ts";
import { bytesOf } from "./hex.ts";
import { type CaptureForm, type Frame, writeCapture } from "./write-capture.ts";

const IP = "45000014 00000000 40060000 c0000207 c6336401";
const FRAME: Frame = { bytes: bytesOf(IP), epochUs: 1_767_225_600_123_456 };

const FORMS: readonly CaptureForm[] = (["pcap", "pcapng"] as const).flatMap((format) =>
  [true, false].map((isLittle) => ({ format, isLittle, linkType: 101 })),
);

const frames = fc.array(
  fc.record({
    bytes: fc.oneof(
      fc.uint8Array({ maxLength: 80 }),
      fc.uint8Array({ minLength: 20, maxLength: 80 }).map((bytes) => bytes.fill(0x45, 0, 1)),
    ),
    epochUs: fc.integer({ min: 0, max: 4_000_000_000_000_000 }),
  }),
  { maxLength: 12 },
);

const captures = fc
  .tuple(frames, fc.constantFrom(...FORMS))
  .map(([each, form]) => writeCapture(each, form));

describe("CaptureStream", () => {
  it.each(FORMS)("hands on what was captured: $format, little-endian $isLittle", (form) => {
    fc.assert(
      fc.property(frames, (each) => {
        const { packets, counts, end } = decodeCapture(writeCapture(each, form));
        const expected = each.filter(({ bytes }) => [4, 6].includes((bytes[0] ?? 0) >>> 4));
        expect(packets).toEqual(
          expected.map(({ bytes, epochUs }) => ({
            hex: Buffer.from(bytes).toString("hex"),
            seenAtEpochMs: Math.floor(epochUs / 1e6) * 1000 + (epochUs % 1e6) / 1000,
            linkType: 101,
          })),
        );
        expect(counts.packets).toBe(each.length);
        expect(end).toEqual({ status: "complete", format: form.format });
      }),
    );
  });

  it("gives the same for the same bytes in any pieces", () => {
    const cuts = fc.array(fc.nat(), { maxLength: 20 });
    fc.assert(
      fc.property(captures, cuts, (capture, places) => {
        const offsets = places.map((place) => place % (capture.length + 1)).sort((a, b) => a - b);
        const pieces = [...offsets, capture.length].map((offset, index) =>
          capture.subarray(index === 0 ? 0 : offsets[index - 1], offset),
        );
        expect(decodeCapture(...pieces)).toEqual(decodeCapture(capture));
      }),
    );
  });

  it("gives the same byte by byte", () => {
    fc.assert(
      fc.property(captures, (capture) => {
        const pieces = Array.from(capture, (_, at) => capture.subarray(at, at + 1));
        expect(decodeCapture(...pieces)).toEqual(decodeCapture(capture));
      }),
      { numRuns: 20 },
    );
  });

  it("gives of a capture that was cut off the packets before the cut", () => {
    fc.assert(
      fc.property(captures, fc.nat(), (capture, place) => {
        const kept = place % capture.length;
        const whole = decodeCapture(capture);
        const cut = decodeCapture(capture.subarray(0, kept));
        expect(cut.packets).toEqual(whole.packets.slice(0, cut.packets.length));
        if (cut.end.status === "damaged") {
          expect(cut.end.damage.offsetBytes).toBeLessThan(kept);
          // What lies before the damage is a whole capture of the same packets.
          const sound = decodeCapture(capture.subarray(0, cut.end.damage.offsetBytes));
          expect(sound.packets).toEqual(cut.packets);
          expect(sound.end.status).not.toBe("damaged");
        }
      }),
    );
  });

  it("never throws and never counts wrong, whatever the bytes are", () => {
    const beginnings = fc.constantFrom(
      Buffer.alloc(0),
      ...FORMS.map((form) => writeCapture([FRAME], form)),
    );
    fc.assert(
      fc.property(beginnings, fc.uint8Array({ maxLength: 300 }), (beginning, bytes) => {
        const { packets, counts } = decodeCapture(beginning, bytes);
        expect(packets).toHaveLength(counts.ip);
        expect(counts.ip + counts.notIp + counts.broken + counts.unknownLink).toBe(counts.packets);
      }),
    );
  });

  it("survives any byte of a capture being another", () => {
    fc.assert(
      fc.property(captures, fc.nat(), fc.nat({ max: 255 }), (capture, place, value) => {
        const changed = Buffer.from(capture);
        changed[place % capture.length] = value;
        const { packets, counts } = decodeCapture(changed);
        expect(packets).toHaveLength(counts.ip);
      }),
      { numRuns: 500 },
    );
  });

  it("counts each packet whose time lies before that of the packet before it", () => {
    const times = [5, 4, 4, 6, 1, 2];
    const capture = writeCapture(
      times.map((epochUs) => ({ ...FRAME, epochUs })),
      { format: "pcap", isLittle: true, linkType: 101 },
    );
    expect(decodeCapture(capture)).toMatchObject({
      counts: { packets: 6, ip: 6, outOfOrder: 2 },
      packets: times.map((epochUs) => ({ seenAtEpochMs: epochUs / 1000 })),
    });
  });

  it("counts packets of a link type that is not read, and names the type", () => {
    // 127: radiotap.
    const form = { format: "pcapng", isLittle: true, linkType: 127 } as const;
    const { packets, counts, unknownLinkType, end } = decodeCapture(
      writeCapture([FRAME, FRAME], form),
    );
    expect(packets).toEqual([]);
    expect(counts).toMatchObject({ packets: 2, unknownLink: 2 });
    expect(unknownLinkType).toBe(127);
    expect(end.status).toBe("complete");
  });

  it.each([
    { what: "no bytes", hex: "" },
    { what: "three bytes", hex: "d4c3b2" },
    { what: "text", hex: "2320636170747572 65732077697468" },
    { what: "the beginning of a pcapng block", hex: "0a0d0d0a 1c000000" },
    { what: "a pcapng block without a byte order", hex: "0a0d0d0a 1c000000 00000000 00000000" },
    // The magic of a patched pcap, whose records have other headers.
    {
      what: "a pcap of another kind",
      hex: "34cdb2a1 0200 0400 00000000 00000000 ffff0000 01000000",
    },
  ])("calls $what no capture", ({ hex }) => {
    expect(decodeCapture(bytesOf(hex)).end).toEqual({ status: "no-capture" });
  });

  it("takes nothing more once it knows that there is damage or no capture", () => {
    const stream = new CaptureStream(() => {});
    stream.push(bytesOf("0000000000000000 00000000"));
    expect(stream.isOpen).toBe(false);
    const whole = writeCapture([FRAME], { format: "pcap", isLittle: true, linkType: 101 });
    stream.push(whole);
    expect(stream.counts().packets).toBe(0);
    expect(stream.end()).toEqual({ status: "no-capture" });
  });

  it("gives the reason that the bytes stopped, even between two records", () => {
    const stream = new CaptureStream(() => {});
    const whole = writeCapture([FRAME], { format: "pcap", isLittle: true, linkType: 101 });
    stream.push(whole);
    expect(stream.end("the disk is gone")).toEqual({
      status: "damaged",
      format: "pcap",
      damage: { offsetBytes: whole.length, reason: "the disk is gone" },
    });
  });
});
