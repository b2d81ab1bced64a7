import { describe, expect, it } from "vitest";
import { encodePortUnreachable, encodeTcp, encodeUdp } from "../../../bench/traffic/packets.ts";
import { formatWords } from "../../../src/net/address-words.ts";
import { decodePacket } from "../../../src/packet/decode-packet.ts";
import { PacketHeader } from "../../../src/packet/packet-header.ts";

const ENDS = {
  source: "203.0.113.66",
  destination: "198.51.100.10",
  sourcePort: 40_000,
  destinationPort: 22,
};
const ENDS6 = { ...ENDS, source: "2001:db8::66", destination: "2001:db8:1::10" };

/** Sum of 16-bit words, folded: 0xffff of whatever has a right checksum in it (RFC 1071). */
function foldedSum(...parts: readonly Uint8Array[]): number {
  const bytes = Buffer.concat(parts);
  const even = bytes.length % 2 === 0 ? bytes : Buffer.concat([bytes, Buffer.alloc(1)]);
  let sum = 0;
  for (let index = 0; index < even.length; index += 2) sum += even.readUInt16BE(index);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return sum;
}

/** Addresses, protocol and length, as RFC 9293 section 3.1 and RFC 8200 section 8.1 sum them. */
function pseudoHeaderOf(packet: Buffer, protocol: number): Buffer {
  const isIpv6 = packet.readUInt8(0) >> 4 === 6;
  const addresses = isIpv6 ? packet.subarray(8, 40) : packet.subarray(12, 20);
  const rest = Buffer.from([0, protocol, 0, packet.length - (isIpv6 ? 40 : 20)]);
  return Buffer.concat([addresses, rest]);
}

describe("encodeTcp", () => {
  it("writes the packet that the standard says", () => {
    const packet = encodeTcp({
      ...ENDS,
      flags: 2,
      sequence: 1,
      window: 1024,
      options: "020405b4",
      id: 7,
      ttl: 50,
    });
    expect(packet.toString("hex").match(/.{1,40}/g)).toEqual([
      // 45 00, 44 bytes, id 7, no flags, TTL 50, TCP, checksum, from, to.
      `4500002c000700003206${packet.toString("hex", 10, 12)}cb007142c633640a`,
      // 40000 > 22, sequence 1, no acknowledgement, 24 bytes, SYN, window 1024, checksum, 0.
      `9c400016000000010000000060020400${packet.toString("hex", 36, 38)}0000`,
      "020405b4",
    ]);
  });

  it.each([
    { what: "a bare SYN", fields: { ...ENDS, flags: 2 } },
    { what: "with options", fields: { ...ENDS, flags: 2, options: "020405b401030308" } },
    { what: "with an odd number of data bytes", fields: { ...ENDS, flags: 24, payloadBytes: 3 } },
    { what: "over IPv6", fields: { ...ENDS6, flags: 2, sequence: 0xffff_ffff } },
  ])("has right checksums: $what", ({ fields }) => {
    const packet = encodeTcp(fields);
    const headerBytes = packet.readUInt8(0) >> 4 === 6 ? 40 : 20;
    expect(foldedSum(pseudoHeaderOf(packet, 6), packet.subarray(headerBytes))).toBe(0xffff);
    if (headerBytes === 20) expect(foldedSum(packet.subarray(0, 20))).toBe(0xffff);
  });

  it("is read back by the product's own decoder", () => {
    const header = new PacketHeader();
    const fields = {
      flags: 0x29,
      sequence: 9,
      acknowledgement: 8,
      window: 7,
      ttl: 6,
      id: 5,
      df: true,
    };
    const packet = encodeTcp({ ...ENDS, ...fields, payloadBytes: 4 });
    expect(decodePacket(packet, 0, packet.length, header)).toBe("decoded");
    expect([header.source, header.destination].map(formatWords)).toEqual([
      ENDS.source,
      ENDS.destination,
    ]);
    expect(header).toMatchObject({
      sourcePort: 40_000,
      destinationPort: 22,
      tcpFlags: 0x29,
      tcpSequence: 9,
      tcpAcknowledgement: 8,
      tcpWindow: 7,
      ttlHops: 6,
      ipIdentification: 5,
      hasDontFragment: true,
      payloadBytes: 4,
    });
  });
});

describe("encodeUdp", () => {
  it.each([
    { what: "IPv4", ends: ENDS },
    { what: "IPv6", ends: ENDS6 },
  ])("has a right checksum and length over $what", ({ ends }) => {
    const packet = encodeUdp({ ...ends, payloadBytes: 5 });
    const datagram = packet.subarray(packet.readUInt8(0) >> 4 === 6 ? 40 : 20);
    expect(datagram.readUInt16BE(4)).toBe(13);
    expect(foldedSum(pseudoHeaderOf(packet, 17), datagram)).toBe(0xffff);
  });
});

describe("encodePortUnreachable", () => {
  it("goes back to the sender, quotes the datagram, and has a right checksum", () => {
    const datagram = encodeUdp({ ...ENDS, payloadBytes: 5 });
    const answer = encodePortUnreachable(datagram);
    expect(answer.subarray(12, 16)).toEqual(datagram.subarray(16, 20));
    expect(answer.subarray(16, 20)).toEqual(datagram.subarray(12, 16));
    expect([...answer.subarray(20, 22)]).toEqual([3, 3]);
    expect(answer.subarray(28)).toEqual(datagram);
    expect(foldedSum(answer.subarray(20))).toBe(0xffff);
  });

  it("does so for IPv6, whose checksum covers the addresses", () => {
    const datagram = encodeUdp(ENDS6);
    const answer = encodePortUnreachable(datagram);
    expect([...answer.subarray(40, 42)]).toEqual([1, 4]);
    expect(answer.subarray(48)).toEqual(datagram);
    expect(foldedSum(pseudoHeaderOf(answer, 58), answer.subarray(40))).toBe(0xffff);
  });
});
