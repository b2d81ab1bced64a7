import { existsSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { afterAll, describe, expect, it } from "vitest";
import { OperationalError } from "../../src/errors.ts";
import { type CaptureReading, readCapture } from "../../src/sensors/capture-file.ts";
import { type Captured, copyPacket } from "../packet/captured.ts";
import { bytesOf } from "../packet/hex.ts";
import { type CaptureForm, type Frame, writeCapture } from "../packet/write-capture.ts";

const directory = mkdtempSync(join(tmpdir(), "vedette-capture-"));
afterAll(() => rmSync(directory, { recursive: true }));

/** Captures with known truth, beside the repository; they are no part of it. */
const shared = new URL("../../../shared/captures/", import.meta.url).pathname;
const hasShared = existsSync(shared);

const EXPECTED = "a capture begins as pcap or pcapng, plain or packed with gzip";

/** Packets of 20 to 1,019 bytes whose identification counts, a microsecond apart. */
function makeFrames(count: number): Frame[] {
  return Array.from({ length: count }, (_, index) => {
    const bytes = Buffer.alloc(20 + ((index * 7919) % 1000), index);
    bytes.set(bytesOf("45000014 00000000 40060000 c0000207 c6336401"));
    bytes.writeUInt16BE(index & 0xffff, 4);
    return { bytes, epochUs: 1_767_225_600_000_000 + index };
  });
}

const PCAP: CaptureForm = { format: "pcap", isLittle: true, linkType: 101 };
const PCAPNG: CaptureForm = { format: "pcapng", isLittle: false, linkType: 101 };

/** More than several pieces of a file, and of what one unpacks to. */
const FRAMES = makeFrames(2000);

function hexOf(frames: readonly Frame[]): string[] {
  return frames.map(({ bytes }) => Buffer.from(bytes).toString("hex"));
}

let made = 0;

function place(bytes: Uint8Array): string {
  made += 1;
  const path = join(directory, `capture-${made}`);
  writeFileSync(path, bytes);
  return path;
}

async function read(path: string): Promise<{ reading: CaptureReading; packets: Captured[] }> {
  const packets: Captured[] = [];
  const reading = await readCapture(path, (buffer, packet) =>
    packets.push(copyPacket(buffer, packet)),
  );
  return { reading, packets };
}

/** The message that a file is refused with, without its path. */
async function refusalOf(path: string): Promise<string> {
  const error = await readCapture(path, () => {}).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(OperationalError);
  const { code, message } = error as OperationalError;
  expect(code).toBe("ERR_CAPTURE");
  expect(message.startsWith(`${path}: `)).toBe(true);
  return message.slice(path.length + 2);
}

describe("readCapture", () => {
  it.each([
    { what: "pcap", form: PCAP, pack: (bytes: Buffer) => bytes, isGzip: false },
    { what: "pcapng", form: PCAPNG, pack: (bytes: Buffer) => bytes, isGzip: false },
    { what: "packed pcap", form: PCAP, pack: gzipSync, isGzip: true },
    { what: "packed pcapng", form: PCAPNG, pack: gzipSync, isGzip: true },
  ])("hands on every packet of a $what", async ({ form, pack, isGzip }) => {
    const { reading, packets } = await read(place(pack(writeCapture(FRAMES, form))));
    expect(packets.map(({ hex }) => hex)).toEqual(hexOf(FRAMES));
    expect(packets.at(-1)?.seenAtEpochMs).toBe(1_767_225_600_001.999);
    expect(reading).toMatchObject({ format: form.format, isGzip, damage: undefined });
    expect(reading.counts).toMatchObject({ packets: 2000, ip: 2000, outOfOrder: 0 });
  });

  it("reads gzip of several members, as log rotation makes it", async () => {
    const capture = writeCapture(FRAMES, PCAP);
    const members = [capture.subarray(0, 100_000), capture.subarray(100_000)];
    const { reading, packets } = await read(
      place(Buffer.concat(members.map((each) => gzipSync(each)))),
    );
    expect(packets).toHaveLength(2000);
    expect(reading.damage).toBeUndefined();
  });

  it("tells how far it has come, in bytes of the file", async () => {
    const path = place(gzipSync(writeCapture(FRAMES, PCAP), { level: 0 }));
    const steps: number[][] = [];
    await readCapture(
      path,
      () => {},
      (...step) => steps.push(step),
    );
    const { length } = readFileSync(path);
    expect(steps.length).toBeGreaterThan(2);
    expect(steps.every(([, fileBytes]) => fileBytes === length)).toBe(true);
    expect(steps.map(([readBytes]) => readBytes)).toEqual(
      steps.map((_, index) => Math.min((index + 1) * 256 * 1024, length)),
    );
  });

  it("reads to the damage, says where that is, and reads nothing behind it", async () => {
    const [before, after] = [
      writeCapture(FRAMES.slice(0, 1000), PCAP),
      Buffer.alloc(1 << 20, 0xff),
    ];
    const path = place(Buffer.concat([before, after]));
    let lastReadBytes = 0;
    const reading = await readCapture(
      path,
      () => {},
      (readBytes) => {
        lastReadBytes = readBytes;
      },
    );
    expect(reading.counts.packets).toBe(1000);
    expect(reading.damage).toEqual({
      offsetBytes: before.length,
      reason: "a packet of 4294967295 bytes, above 262144",
    });
    expect(lastReadBytes).toBeLessThan(before.length + after.length);
  });

  it("reads a capture that was cut off while it was written", async () => {
    const capture = writeCapture(FRAMES, PCAPNG);
    const { reading, packets } = await read(place(capture.subarray(0, -1)));
    expect(packets).toHaveLength(2000);
    expect(reading.damage?.reason).toMatch(/^the capture ends \d+ bytes into a record$/);
  });

  it("hands on everything that gzip data gives before it is cut off", async () => {
    const capture = writeCapture(FRAMES, PCAP);
    const packed = gzipSync(capture).subarray(0, -1000);
    const unpackedBytes = gunzipSync(packed, { finishFlush: 2 }).length;
    expect(unpackedBytes).toBeLessThan(capture.length);
    const { reading, packets } = await read(place(packed));
    expect(packets.length).toBeGreaterThan(1900);
    expect(packets.map(({ hex }) => hex)).toEqual(hexOf(FRAMES.slice(0, packets.length)));
    expect(reading.damage?.reason).toBe("the gzip data is damaged: unexpected end of file");
    // The record in which it ends is the first that is missing, and the only one begun.
    const lastBytes = 16 + (FRAMES[packets.length]?.bytes.length ?? 0);
    const restBytes = unpackedBytes - (reading.damage?.offsetBytes ?? 0);
    expect(restBytes).toBeGreaterThanOrEqual(0);
    expect(restBytes).toBeLessThan(lastBytes);
  });

  it("reads gzip data to its damage, and nothing behind it", async () => {
    const packed = gzipSync(writeCapture(FRAMES, PCAP), { level: 0 });
    // Behind ten bytes of header comes a stored block, whose length is at its second byte. The
    // block after it gets a type that does not exist.
    const nextBlock = 10 + 5 + packed.readUInt16LE(11);
    packed[nextBlock] = 0xff;
    let lastReadBytes = 0;
    const reading = await readCapture(
      place(packed),
      () => {},
      (readBytes) => {
        lastReadBytes = readBytes;
      },
    );
    expect(reading.damage?.reason).toBe("the gzip data is damaged: invalid block type");
    expect(lastReadBytes).toBeLessThan(packed.length);
  });

  it("says of gzip data with a wrong checksum that it is damaged, at its end", async () => {
    const capture = writeCapture(FRAMES, PCAP);
    const packed = gzipSync(capture);
    packed.writeUInt32LE((packed.readUInt32LE(packed.length - 8) ^ 1) >>> 0, packed.length - 8);
    const { reading } = await read(place(packed));
    expect(reading.damage?.reason).toBe("the gzip data is damaged: incorrect data check");
    expect(reading.counts.packets).toBe(2000);
  });

  it("names the first link type that it does not read", async () => {
    // 105: IEEE 802.11.
    const { reading } = await read(place(writeCapture(FRAMES, { ...PCAP, linkType: 105 })));
    expect(reading.counts).toMatchObject({ packets: 2000, unknownLink: 2000, ip: 0 });
    expect(reading.unknownLinkType).toBe(105);
  });

  it.each([
    {
      what: "text",
      bytes: Buffer.from("not a capture\n"),
      refusal: `this is no capture; ${EXPECTED}`,
    },
    {
      what: "two bytes",
      bytes: Buffer.from("\x1f\x8b", "latin1"),
      refusal: `this is no capture; ${EXPECTED}`,
    },
    { what: "nothing", bytes: Buffer.alloc(0), refusal: `the file is empty; ${EXPECTED}` },
    {
      what: "packed text",
      bytes: gzipSync("not a capture\n"),
      refusal: `what this unpacks to is no capture; ${EXPECTED}`,
    },
    {
      what: "much packed text",
      bytes: gzipSync(Buffer.alloc(1 << 20, "not a capture\n"), { level: 0 }),
      refusal: `what this unpacks to is no capture; ${EXPECTED}`,
    },
    {
      what: "gzip without data",
      bytes: gzipSync("not a capture\n").subarray(0, 10),
      refusal:
        "the gzip data is damaged: unexpected end of file, and nothing before that can be unpacked",
    },
  ])("refuses $what and says what it expects", async ({ bytes, refusal }) => {
    expect(await refusalOf(place(bytes))).toBe(refusal);
  });

  it("refuses a file that is not there, and a directory", async () => {
    expect(await refusalOf(join(directory, "missing"))).toBe(
      "the capture cannot be read: no such file or directory",
    );
    expect(await refusalOf(directory)).toBe(
      "the capture cannot be read: illegal operation on a directory",
    );
  });
});

describe.skipIf(!hasShared)("readCapture on captures with known truth", () => {
  const files = hasShared ? globSync("**/*.{pcap,pcapng}", { cwd: shared }).sort() : [];

  it("has some", () => {
    expect(files.length).toBeGreaterThan(20);
  });

  it.each(files)("reads %s to its end", async (file) => {
    const { reading, packets } = await read(join(shared, file));
    expect(reading.damage).toBeUndefined();
    expect(reading.counts).toMatchObject({ broken: 0, unknownLink: 0, untimed: 0 });
    expect(packets.length).toBeGreaterThan(0);
  });

  // As tcpdump counts them: tcpdump --count -r FILE.
  it.each([
    { file: "ndpi_tcp_scan.pcapng", packets: 30, outOfOrder: 0 },
    { file: "simplescan_445_scan.pcap", packets: 21, outOfOrder: 9 },
    { file: "simplescan_backscatter.pcap", packets: 4771, outOfOrder: 0 },
    { file: "tcpreplay_test.pcap", packets: 179, outOfOrder: 0 },
    { file: "gen/nmap_decoy.pcap", packets: 506, outOfOrder: 0 },
  ])("counts $packets packets in $file", async ({ file, packets, outOfOrder }) => {
    const { reading } = await read(join(shared, file));
    expect(reading.counts).toMatchObject({ packets, outOfOrder });
  });
});
