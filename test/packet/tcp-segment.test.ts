import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseWords } from "../../src/net/address-words.ts";
import { decodePacket } from "../../src/packet/decode-packet.ts";
import { PacketHeader } from "../../src/packet/packet-header.ts";
import {
  encodeTcpSegment,
  SEGMENT_BUFFER_BYTES,
  type TcpSegment,
} from "../../src/packet/tcp-segment.ts";
import { bytesOf } from "./hex.ts";

const words = (text: string) => parseWords(text) as Uint32Array;
const NOTHING = new Uint8Array();

function segment(fields: Partial<TcpSegment> = {}): TcpSegment {
  return {
    source: words("192.0.2.1"),
    destination: words("198.51.100.7"),
    sourcePort: 23,
    destinationPort: 40_000,
    sequence: 0x01020304,
    acknowledgement: 0xfffefdfc,
    flags: 0x12,
    window: 64_240,
    options: NOTHING,
    payload: NOTHING,
    ...fields,
  };
}

function encode(fields: Partial<TcpSegment> = {}): Uint8Array {
  // What was in the memory before must not show through.
  const memory = new Uint8Array(SEGMENT_BUFFER_BYTES).fill(0xa5);
  return memory.subarray(0, encodeTcpSegment(segment(fields), memory));
}

/** Sum of all 16-bit words, folded: 0xffff over bytes that hold their right checksum (RFC 1071). */
function foldedSum(...parts: Uint8Array[]): number {
  const bytes = parts.flatMap((part) => [...part, ...(part.length % 2 === 0 ? [] : [0])]);
  let sum = 0;
  for (let at = 0; at < bytes.length; at += 2) {
    sum += ((bytes[at] as number) << 8) | (bytes[at + 1] as number);
  }
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return sum;
}

/** What the checksum of TCP covers: pseudo-header and segment. RFC 9293 section 3.1. */
function checkedByTcp(packet: Uint8Array): Uint8Array[] {
  const isIpv4 = (packet[0] as number) >>> 4 === 4;
  const start = isIpv4 ? 20 : 40;
  const bytes = packet.length - start;
  const addresses = packet.subarray(isIpv4 ? 12 : 8, start);
  return [addresses, Uint8Array.of(0, 6, bytes >>> 8, bytes & 255), packet.subarray(start)];
}

describe("encodeTcpSegment", () => {
  it("writes IPv4 with its checksums", () => {
    expect([...encode()]).toEqual([
      // Version, length 40, no identification, DF, 64 hops, TCP, checksum, both addresses.
      ...bytesOf("45 00 0028 0000 4000 40 06 4e94 c0000201 c6336407"),
      // Ports 23 and 40000, both numbers, offset 5, SYN and ACK, window, checksum, no urgent data.
      ...bytesOf("0017 9c40 01020304 fffefdfc 50 12 faf0 2a4c 0000"),
    ]);
  });

  it("writes IPv6 without a checksum of its own", () => {
    const addresses = { source: words("2001:db8::1"), destination: words("2001:db8:7::2") };
    expect([...encode(addresses).subarray(0, 40)]).toEqual([
      ...bytesOf("60000000 0014 06 40"),
      ...bytesOf("20010db8 00000000 00000000 00000001"),
      ...bytesOf("20010db8 00070000 00000000 00000002"),
    ]);
    expect(encode(addresses)).toHaveLength(60);
  });

  const octets = (count: number) => fc.uint8Array({ minLength: count, maxLength: count });
  const port = fc.integer({ min: 0, max: 65_535 });
  const number = fc.integer({ min: 0, max: 0xffff_ffff });

  it("is read back as it was written, and every checksum is right", () => {
    const family = fc.constantFrom("192.0.2.1 198.51.100.7", "2001:db8::1 2001:db8:7::2");
    const fields = fc.record({
      sourcePort: port,
      destinationPort: port,
      sequence: number,
      acknowledgement: number,
      flags: fc.integer({ min: 0, max: 255 }),
      window: port,
      options: fc.integer({ min: 0, max: 10 }).chain((count) => octets(count * 4)),
      payload: fc.uint8Array({ maxLength: 300 }),
    });
    fc.assert(
      fc.property(family, fields, (addresses, values) => {
        const [source, destination] = addresses.split(" ").map(words) as [Uint32Array, Uint32Array];
        const packet = encode({ ...values, source, destination });
        const header = new PacketHeader();
        expect(decodePacket(packet, 0, packet.length, header)).toBe("decoded");
        expect({
          source: [...header.source],
          destination: [...header.destination],
          sourcePort: header.sourcePort,
          destinationPort: header.destinationPort,
          sequence: header.tcpSequence,
          acknowledgement: header.tcpAcknowledgement,
          flags: header.tcpFlags,
          window: header.tcpWindow,
          optionBytes: header.tcpOptionBytes,
          payloadBytes: header.payloadBytes,
        }).toEqual({
          source: [...source],
          destination: [...destination],
          sourcePort: values.sourcePort,
          destinationPort: values.destinationPort,
          sequence: values.sequence,
          acknowledgement: values.acknowledgement,
          flags: values.flags,
          window: values.window,
          optionBytes: values.options.length,
          payloadBytes: values.payload.length,
        });
        expect([...packet.subarray(header.payloadOffset)]).toEqual([...values.payload]);
        expect(foldedSum(...checkedByTcp(packet))).toBe(0xffff);
        if (header.version === 4) expect(foldedSum(packet.subarray(0, 20))).toBe(0xffff);
      }),
    );
  });

  it.each([
    { what: "addresses of two families", fields: { destination: words("2001:db8::1") } },
    { what: "options that are not padded", fields: { options: bytesOf("020405") } },
    { what: "44 bytes of options", fields: { options: new Uint8Array(44) } },
    { what: "more data than the memory holds", fields: { payload: new Uint8Array(1241) } },
  ])("refuses $what as a bug", ({ fields }) => {
    expect(() => encode(fields)).toThrow(RangeError);
  });

  it("takes as much data as the memory holds", () => {
    expect(encode({ payload: new Uint8Array(1240) })).toHaveLength(SEGMENT_BUFFER_BYTES);
  });
});
