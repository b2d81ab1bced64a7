/** Captures made for tests: pcap and pcapng in both byte orders, without the code under test. */

export interface Frame {
  readonly bytes: Uint8Array;
  /** Microseconds since the epoch, below 2^53. */
  readonly epochUs: number;
}

export interface CaptureForm {
  readonly format: "pcap" | "pcapng";
  readonly isLittle: boolean;
  readonly linkType: number;
}

function word(value: number, isLittle: boolean): Buffer {
  const bytes = Buffer.alloc(4);
  if (isLittle) bytes.writeUInt32LE(value);
  else bytes.writeUInt32BE(value);
  return bytes;
}

function half(value: number, isLittle: boolean): Buffer {
  const bytes = Buffer.alloc(2);
  if (isLittle) bytes.writeUInt16LE(value);
  else bytes.writeUInt16BE(value);
  return bytes;
}

/** A pcap file with microseconds. */
function writePcap(frames: readonly Frame[], isLittle: boolean, linkType: number): Buffer {
  const words = (...values: number[]) =>
    Buffer.concat(values.map((value) => word(value, isLittle)));
  const version = Buffer.concat([half(2, isLittle), half(4, isLittle)]);
  const records = frames.map(({ bytes, epochUs }) => {
    const seconds = Math.floor(epochUs / 1e6);
    const head = words(seconds, epochUs % 1e6, bytes.length, bytes.length);
    return Buffer.concat([head, bytes]);
  });
  return Buffer.concat([words(0xa1b2c3d4), version, words(0, 0, 262_144, linkType), ...records]);
}

/** One block of pcapng: its body is padded to four bytes. */
export function blockOf(type: number, body: Uint8Array, isLittle = true): Buffer {
  const padding = Buffer.alloc(-body.length & 3);
  const length = word(12 + body.length + padding.length, isLittle);
  return Buffer.concat([word(type, isLittle), length, body, padding, length]);
}

/** A pcapng file of one section and one interface, with another kind of block amid the packets. */
function writePcapng(frames: readonly Frame[], isLittle: boolean, linkType: number): Buffer {
  const words = (...values: number[]) =>
    Buffer.concat(values.map((value) => word(value, isLittle)));
  const version = Buffer.concat([half(1, isLittle), half(0, isLittle)]);
  const section = Buffer.concat([words(0x1a2b3c4d), version, words(0xffff_ffff, 0xffff_ffff)]);
  const described = Buffer.concat([half(linkType, isLittle), half(0, isLittle), words(0)]);
  const blocks = frames.flatMap(({ bytes, epochUs }) => {
    const time = [Math.floor(epochUs / 2 ** 32), epochUs % 2 ** 32] as const;
    const head = words(0, ...time, bytes.length, bytes.length);
    return [
      blockOf(6, Buffer.concat([head, bytes]), isLittle),
      // Interface statistics.
      blockOf(5, bytes, isLittle),
    ];
  });
  return Buffer.concat([
    blockOf(0x0a0d0d0a, section, isLittle),
    blockOf(1, described, isLittle),
    ...blocks,
  ]);
}

/** The frames in their order, as a file of that form. */
export function writeCapture(frames: readonly Frame[], form: CaptureForm): Buffer {
  const write = form.format === "pcap" ? writePcap : writePcapng;
  return write(frames, form.isLittle, form.linkType);
}
