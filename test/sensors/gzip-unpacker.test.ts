import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { constants, gunzipSync, gzipSync } from "node:zlib";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { OperationalError } from "../../src/errors.ts";
import { readCapture } from "../../src/sensors/capture-file.ts";
import { copyPacket } from "../packet/captured.ts";
import { bytesOf } from "../packet/hex.ts";
import { type CaptureForm, type Frame, writeCapture } from "../packet/write-capture.ts";

const directory = mkdtempSync(join(tmpdir(), "vedette-gzip-"));
afterAll(() => rmSync(directory, { recursive: true }));
const path = join(directory, "capture.gz");

const PCAP: CaptureForm = { format: "pcap", isLittle: true, linkType: 101 };

/** Packets of 20 to 1,019 bytes whose identification counts. */
const FRAMES: readonly Frame[] = Array.from({ length: 2000 }, (_, index) => {
  const bytes = Buffer.alloc(20 + ((index * 7919) % 1000), index);
  bytes.set(bytesOf("45000014 00000000 40060000 c0000207 c6336401"));
  bytes.writeUInt16BE(index, 4);
  return { bytes, epochUs: 1_767_225_600_000_000 + index };
});

/** How many of the first packets are whole in so many bytes of a pcap file of them. */
function packetsWithin(count: number, bytes: number): number {
  let endBytes = 24;
  let packets = 0;
  for (const frame of FRAMES.slice(0, count)) {
    endBytes += 16 + frame.bytes.length;
    if (endBytes > bytes) break;
    packets += 1;
  }
  return packets;
}

function firstPackets(count: number): string[] {
  return FRAMES.slice(0, count).map(({ bytes }) => Buffer.from(bytes).toString("hex"));
}

/** The packets that are handed on, and the damage that is told. */
async function read(bytes: Uint8Array) {
  writeFileSync(path, bytes);
  const packets: string[] = [];
  try {
    const reading = await readCapture(path, (buffer, packet) =>
      packets.push(copyPacket(buffer, packet).hex),
    );
    return { packets, why: reading.damage?.reason };
  } catch (error) {
    expect(error).toBeInstanceOf(OperationalError);
    return { packets, why: "refused" };
  }
}

describe("GzipUnpacker", () => {
  const small = gzipSync(writeCapture(FRAMES.slice(0, 20), PCAP));
  const flags = Buffer.from(small);
  flags[3] = 0x1f;
  const withEverything = Buffer.concat([
    flags.subarray(0, 10),
    // An extra field of two bytes, a name, a comment, and the sum of a header.
    bytesOf("0200 1f8b 6e00 6300 0000"),
    flags.subarray(10),
  ]);
  it.each([
    { what: "text behind its end", bytes: [small, Buffer.from("garbage\n")], why: "what follows" },
    { what: "a byte behind its end", bytes: [small, Buffer.of(1)], why: "what follows" },
    {
      what: "text behind padding",
      bytes: [small, Buffer.alloc(9), Buffer.of(1)],
      why: "what follows",
    },
    { what: "half a magic behind it", bytes: [small, Buffer.of(0x1f)], why: "unexpected end" },
    {
      what: "a wrong length",
      bytes: [small.subarray(0, -1), Buffer.of(1)],
      why: "incorrect length",
    },
    { what: "a sum cut off", bytes: [small.subarray(0, -1)], why: "unexpected end" },
    {
      what: "a member of a bad kind",
      bytes: [small, bytesOf("1f8b08ff")],
      why: "unknown header flags",
    },
    { what: "zeros behind its end", bytes: [small, Buffer.alloc(300_000)], why: undefined },
    { what: "an empty member behind it", bytes: [small, gzipSync("")], why: undefined },
    {
      what: "members with padding between",
      bytes: [small, Buffer.alloc(3), gzipSync("")],
      why: undefined,
    },
    { what: "a header with every field", bytes: [withEverything], why: undefined },
  ])("hands on all of gzip data with $what", async ({ bytes, why }) => {
    const told = await read(Buffer.concat(bytes));
    expect(told.packets).toEqual(firstPackets(20));
    if (why === undefined) expect(told.why).toBeUndefined();
    else expect(told.why).toContain(`the gzip data is damaged: ${why}`);
  });

  it("hands on everything that comes before a cut or a changed byte of gzip data", async () => {
    const capture = writeCapture(FRAMES.slice(0, 60), PCAP);
    const packed = Buffer.concat(
      [capture.subarray(0, 9000), capture.subarray(9000)].map((each) => gzipSync(each)),
    );
    const anyPlace = fc.integer({ min: 10, max: packed.length - 1 });
    const change = fc.integer({ min: 0, max: 255 });
    await fc.assert(
      fc.asyncProperty(anyPlace, change, async (at, bits) => {
        const damaged = Buffer.from(packed.subarray(0, bits === 0 ? at : packed.length));
        if (bits !== 0) damaged[at] = (packed[at] ?? 0) ^ bits;
        const before = packed.subarray(0, at);
        const surely = gunzipSync(before, { finishFlush: constants.Z_SYNC_FLUSH }).length;
        const whole = packetsWithin(60, surely);
        const { packets } = await read(damaged);
        expect(packets.slice(0, whole)).toEqual(firstPackets(whole));
      }),
      { numRuns: 150 },
    );
  });

  it("hands on everything before a changed byte deep in a large member", async () => {
    const capture = writeCapture(FRAMES, PCAP);
    const packed = gzipSync(capture, { level: 0 });
    const nextBlock = 10 + 5 + packed.readUInt16LE(11);
    packed[nextBlock] = 0xff;
    const { packets } = await read(packed);
    expect(packets).toEqual(firstPackets(packetsWithin(2000, nextBlock - 15)));
  });
});
