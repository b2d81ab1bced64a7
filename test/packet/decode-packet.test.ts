import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatWords } from "../../src/net/address-words.ts";
import { HAS_UNREADABLE_OPTION } from "../../src/net/tcp-option-kinds.ts";
import { decodePacket } from "../../src/packet/decode-packet.ts";
import { PacketHeader } from "../../src/packet/packet-header.ts";
import { UNKNOWN_END_OFFSET } from "../../src/packet/spec.ts";
import { bytesOf } from "./hex.ts";

/** From 192.0.2.7 to 198.51.100.1. */
const V4 = "c0000207 c6336401";
/** From 2001:db8::7 to 2001:db8::1. */
const V6 = "20010db8 00000000 00000000 00000007 20010db8 00000000 00000000 00000001";
/** From port 40000 to port 22, a SYN without options. */
const SYN = "9c40 0016 01020304 00000000 50 02 0400 0000 0000";
/** From port 40000 to port 53, without data. */
const UDP = "9c40 0035 0008 0000";

const SYN_IN_V4 = bytesOf("45 00 0028 1234 4000 40 06 0000", V4, SYN);
const SYN_IN_V6 = bytesOf("60000000 0014 06 40", V6, SYN);

function decode(...hex: string[]) {
  const bytes = bytesOf(...hex);
  const header = new PacketHeader();
  return { outcome: decodePacket(bytes, 0, bytes.length, header), header };
}

describe("decodePacket", () => {
  it("fills every field of an IPv4 packet", () => {
    // Options of TCP: MSS 1460, four bytes; data offset 6; ECE and CWR beside SYN.
    const tcp = "9c40 0016 f1020304 81020304 60 c2 0400 0000 0000 020405b4";
    const { outcome, header } = decode("45 00 002e 1234 4000 3a 06 0000", V4, tcp, "4142");
    expect(outcome).toBe("decoded");
    expect(formatWords(header.source)).toBe("192.0.2.7");
    expect(formatWords(header.destination)).toBe("198.51.100.1");
    expect(header).toMatchObject({
      version: 4,
      protocol: 6,
      transport: "tcp",
      sourcePort: 40_000,
      destinationPort: 22,
      tcpFlags: 0xc2,
      tcpSequence: 0xf1020304,
      tcpAcknowledgement: 0x81020304,
      tcpWindow: 1024,
      tcpOptionsOffset: 40,
      tcpOptionBytes: 4,
      tcpOptionKinds: 0x01,
      tcpOptionsDigest: 0xd65bcbe2,
      ipIdentification: 0x1234,
      ttlHops: 58,
      hasIpOptions: false,
      isFragment: false,
      isFirstFragment: false,
      hasDontFragment: true,
      transportOffset: 20,
      payloadOffset: 44,
      packetEndOffset: 46,
      payloadBytes: 2,
    });
  });

  it("fills every field of an IPv6 packet", () => {
    const { outcome, header } = decode("60000000 000a 11 ff", V6, "9c40 0035 000a 0000 4142");
    expect(outcome).toBe("decoded");
    expect(formatWords(header.source)).toBe("2001:db8::7");
    expect(formatWords(header.destination)).toBe("2001:db8::1");
    expect(header).toMatchObject({
      version: 6,
      protocol: 17,
      transport: "udp",
      sourcePort: 40_000,
      destinationPort: 53,
      tcpFlags: 0,
      tcpOptionBytes: 0,
      ipIdentification: 0,
      ttlHops: 255,
      hasIpOptions: false,
      isFragment: false,
      hasDontFragment: false,
      transportOffset: 40,
      payloadOffset: 48,
      packetEndOffset: 50,
      payloadBytes: 2,
    });
  });

  it("leaves nothing of the packet before in the header", () => {
    const header = new PacketHeader();
    const udp = bytesOf("45 00 001c 0000 0000 40 11 0000", V4, UDP);
    // More Fragments set, one option of IPv4 (four NOPs) and one of TCP (four NOPs).
    const first = bytesOf(
      "46 00 0030 1234 6000 40 06 0000",
      V4,
      "01010101",
      "9c40 0016 01020304 05060708 60 02 0400 0000 0000 01010101",
    );
    expect(decodePacket(first, 0, first.length, header)).toBe("decoded");
    expect(decodePacket(udp, 0, udp.length, header)).toBe("decoded");
    const fresh = new PacketHeader();
    decodePacket(udp, 0, udp.length, fresh);
    expect(header).toEqual(fresh);
  });

  it("begins where it is told to, in a Buffer as well", () => {
    const header = new PacketHeader();
    const bytes = Buffer.concat([Buffer.from("ffffff", "hex"), SYN_IN_V6, Buffer.from("ff")]);
    expect(decodePacket(bytes, 3, 3 + SYN_IN_V6.length, header)).toBe("decoded");
    expect(header).toMatchObject({ destinationPort: 22, transportOffset: 43, payloadOffset: 63 });
  });

  it.each([
    { what: "no bytes", hex: [""], outcome: "truncated" },
    // Version 5.
    {
      what: "IP version 5",
      hex: ["55 00 0028 1234 4000 40 06 0000", V4, SYN],
      outcome: "malformed",
    },
    {
      // IHL of 4 words: shorter than the fixed header.
      what: "an IPv4 header of 16 bytes",
      hex: ["44 00 0028 1234 4000 40 06 0000", V4, SYN],
      outcome: "malformed",
    },
    {
      // Total length 0x13: one byte less than the header.
      what: "an IPv4 length of 19",
      hex: ["45 00 0013 1234 4000 40 06 0000", V4, SYN],
      outcome: "malformed",
    },
    {
      // Total length 0x27: one byte less than IP and TCP headers, though 40 bytes came.
      what: "an IPv4 length that cuts the TCP header",
      hex: ["45 00 0027 1234 4000 40 06 0000", V4, SYN],
      outcome: "malformed",
    },
    {
      // IHL of 6 words, with 20 bytes captured of 44.
      what: "IPv4 options that were not captured",
      hex: ["46 00 002c 1234 4000 40 06 0000", V4],
      outcome: "truncated",
    },
    {
      // Protocol 1, ICMP.
      what: "ICMP",
      hex: ["45 00 001c 1234 0000 40 01 0000", V4, "0800 0000 0000 0000"],
      outcome: "other-protocol",
    },
    {
      // Data offset of 4 words.
      what: "a TCP header of 16 bytes",
      hex: [
        "45 00 0028 1234 4000 40 06 0000",
        V4,
        "9c40 0016 01020304 00000000 40 02 0400 0000 0000",
      ],
      outcome: "malformed",
    },
    {
      // Data offset of 6 words in a packet that ends after 5.
      what: "TCP options that the packet has no room for",
      hex: [
        "45 00 0028 1234 4000 40 06 0000",
        V4,
        "9c40 0016 01020304 00000000 60 02 0400 0000 0000",
      ],
      outcome: "malformed",
    },
    {
      // UDP length 7, below its own header.
      what: "a UDP length of 7",
      hex: ["45 00 001c 1234 0000 40 11 0000", V4, "9c40 0035 0007 0000"],
      outcome: "malformed",
    },
    {
      // UDP length 9 in a packet with room for 8.
      what: "a UDP length beyond the packet",
      hex: ["45 00 001c 1234 0000 40 11 0000", V4, "9c40 0035 0009 0000"],
      outcome: "malformed",
    },
    {
      // UDP length 0, which only IPv6 knows.
      what: "a UDP length of 0 in IPv4",
      hex: ["45 00 001c 1234 0000 40 11 0000", V4, "9c40 0035 0000 0000"],
      outcome: "malformed",
    },
    {
      // UDP length 0: a jumbogram's datagram.
      what: "a UDP length of 0 in IPv6",
      hex: ["60000000 0008 11 40", V6, "9c40 0035 0000 0000"],
      outcome: "decoded",
    },
    {
      // Payload length 0 and TCP next.
      what: "IPv6 without payload",
      hex: ["60000000 0000 06 40", V6, SYN],
      outcome: "malformed",
    },
    {
      // Next header 59, "no next header".
      what: "IPv6 with nothing next",
      hex: ["60000000 0000 3b 40", V6],
      outcome: "other-protocol",
    },
    {
      // Next header 50, ESP: encrypted, so there is nothing to see.
      what: "ESP",
      hex: ["60000000 0008 32 40", V6, "00000001 00000001"],
      outcome: "other-protocol",
    },
  ])("$what -> $outcome", ({ hex, outcome }) => {
    expect(decode(...hex).outcome).toBe(outcome);
  });

  it.each([
    { what: "IPv4", packet: SYN_IN_V4 },
    { what: "IPv6", packet: SYN_IN_V6 },
    { what: "UDP", packet: bytesOf("45 00 001c 0000 0000 40 11 0000", V4, UDP) },
  ])("calls every captured beginning of an $what packet truncated", ({ packet }) => {
    for (let end = 0; end < packet.length; end += 1) {
      expect(decodePacket(packet, 0, end, new PacketHeader())).toBe("truncated");
    }
    expect(decodePacket(packet, 0, packet.length, new PacketHeader())).toBe("decoded");
  });

  it("needs the headers of a long packet and not its payload", () => {
    // Total length 0x05dc (1500), of which 40 bytes came.
    const { outcome, header } = decode("45 00 05dc 1234 4000 40 06 0000", V4, SYN);
    expect(outcome).toBe("decoded");
    expect(header.packetEndOffset).toBe(1500);
  });

  it("passes over the padding that Ethernet adds", () => {
    // Data offset 6 in a packet of 40 bytes: the four bytes of padding are no options.
    const tcp = "9c40 0016 01020304 00000000 60 02 0400 0000 0000";
    const header = "45 00 0028 1234 4000 40 06 0000";
    expect(decode(header, V4, tcp, "00000000").outcome).toBe("malformed");
    expect(decode(header, V4, SYN, "00000000 0000").outcome).toBe("decoded");
  });

  it("decodes a TCP header whose options were cut off by the capture", () => {
    // Data offset 15 (60 bytes), total length 80; five bytes of options came.
    const tcp = "9c40 0016 01020304 00000000 f0 02 0400 0000 0000 0101010101";
    const { outcome, header } = decode("45 00 0050 1234 4000 40 06 0000", V4, tcp);
    expect(outcome).toBe("decoded");
    expect(header).toMatchObject({ tcpFlags: 2, tcpOptionBytes: 5, payloadOffset: 80 });
    expect(header).toMatchObject({ tcpOptionKinds: HAS_UNREADABLE_OPTION, payloadBytes: 0 });
  });

  it.each([
    // UDP length 300, of which two bytes came.
    { what: "as sent, not as captured", hex: ["45 00 0140 1042 0000 40 11 0000", V4], bytes: 292 },
    { what: "without Ethernet padding", hex: ["45 00 001c 1042 0000 40 11 0000", V4], bytes: 0 },
  ])("counts data $what", ({ hex, bytes }) => {
    const length = (bytes + 8).toString(16).padStart(4, "0");
    const { outcome, header } = decode(...hex, "9c40 0035", length, "0000 4343");
    expect(outcome).toBe("decoded");
    expect(header.payloadBytes).toBe(bytes);
  });

  it("skips IPv4 options and says that there were some", () => {
    // IHL of 6 words: four NOPs before TCP.
    const { outcome, header } = decode("46 00 002c 1234 4000 40 06 0000", V4, "01010101", SYN);
    expect(outcome).toBe("decoded");
    expect(header).toMatchObject({ hasIpOptions: true, transportOffset: 24, destinationPort: 22 });
  });
});

describe("decodePacket on ICMP", () => {
  it.each([
    // Type 8, code 0: an echo request.
    {
      what: "an echo request",
      hex: ["45 00 001c 1234 0000 40 01 0000", V4, "08 00 0000 00000000"],
      type: 8,
    },
    // Type 3, code 2 (protocol unreachable), of which only the first eight bytes were captured.
    {
      what: "an error that was cut",
      hex: ["45 00 0038 1234 0000 40 01 0000", V4, "03 02 0000 00000000"],
      type: 3,
    },
    {
      what: "an echo request of IPv6",
      hex: ["60000000 0008 3a 40", V6, "80 00 0000 00000000"],
      type: 128,
    },
    {
      // Hop-by-hop options with a router alert, as MLD has them.
      what: "a report behind hop-by-hop options",
      hex: ["60000000 0010 00 01", V6, "3a 00 0502 0000 0100", "8f 00 0000 00000000"],
      type: 143,
    },
    // Protocol 58 in IPv4 and protocol 1 in IPv6 are nobody's ICMP.
    {
      what: "ICMPv6 in IPv4",
      hex: ["45 00 001c 1234 0000 40 3a 0000", V4, "80 00 0000 00000000"],
      type: undefined,
    },
    {
      what: "ICMP in IPv6",
      hex: ["60000000 0008 01 40", V6, "08 00 0000 00000000"],
      type: undefined,
    },
    { what: "GRE", hex: ["45 00 0018 1234 0000 40 2f 0000", V4, "0000 0800"], type: undefined },
    // nmap -sO sends most protocols without a byte behind the IP header.
    { what: "an empty packet", hex: ["45 00 0014 1234 0000 40 63 0000", V4], type: undefined },
  ])("reads of $what the type $type", ({ hex, type }) => {
    const { outcome, header } = decode(...hex);
    expect(outcome).toBe("other-protocol");
    expect(header.icmpType).toBe(type);
    expect(header.transport).toBeUndefined();
  });

  it.each([
    // Seven bytes, as the packet itself says: there is no shorter message than eight.
    { what: "sent short", hex: ["45 00 001b 1234 0000 40 01 0000", V4, "08 00 0000 000000"] },
    { what: "sent empty", hex: ["60000000 0000 3a 40", V6] },
  ])("calls a message that was $what malformed", ({ hex }) => {
    expect(decode(...hex).outcome).toBe("malformed");
  });

  it("calls a message that was captured short truncated", () => {
    const { outcome } = decode("45 00 001c 1234 0000 40 01 0000", V4, "08 00 0000 000000");
    expect(outcome).toBe("truncated");
  });

  it("keeps no type of the packet before", () => {
    const header = new PacketHeader();
    const ping = bytesOf("45 00 001c 1234 0000 40 01 0000", V4, "08 00 0000 00000000");
    expect(decodePacket(ping, 0, ping.length, header)).toBe("other-protocol");
    expect(decodePacket(SYN_IN_V4, 0, SYN_IN_V4.length, header)).toBe("decoded");
    expect(header.icmpType).toBeUndefined();
  });
});

describe("decodePacket on IPv4 fragments", () => {
  it("decodes a first fragment that holds the TCP header", () => {
    // More Fragments.
    const { outcome, header } = decode("45 00 0028 1234 2000 40 06 0000", V4, SYN);
    expect(outcome).toBe("decoded");
    expect(header).toMatchObject({
      isFragment: true,
      isFirstFragment: true,
      ipIdentification: 0x1234,
    });
  });

  it("does not guess the flags of a first fragment of 8 bytes, as nmap -f makes them", () => {
    // More Fragments, total length 28: ports and sequence number only.
    const { outcome } = decode("45 00 001c 1234 2000 40 06 0000", V4, "9c40 0016 01020304");
    expect(outcome).toBe("truncated");
  });

  it("takes the UDP length of a first fragment for that of the datagram", () => {
    // More Fragments; UDP length 1000 in a piece of 8 bytes.
    const { outcome } = decode("45 00 001c 1234 2000 40 11 0000", V4, "9c40 0035 03e8 0000");
    expect(outcome).toBe("decoded");
  });

  it.each([
    // Offset of one unit, last piece.
    { what: "the last piece", hex: "45 00 0028 1234 0001 40 06 0000" },
    // Offset of one unit and More Fragments.
    { what: "a middle piece", hex: "45 00 0028 1234 2001 40 06 0000" },
    // The largest offset.
    { what: "a piece at the largest offset", hex: "45 00 0028 1234 1fff 40 06 0000" },
  ])("finds no ports in $what", ({ hex }) => {
    const { outcome, header } = decode(hex, V4, SYN);
    expect(outcome).toBe("later-fragment");
    expect(header).toMatchObject({
      isFragment: true,
      isFirstFragment: false,
      transport: undefined,
      protocol: 6,
    });
  });
});

describe("decodePacket on IPv6 extension headers", () => {
  /** A header of eight bytes: next header, length 0, six bytes of padding (PadN). */
  const padded = (nextHeader: string) => `${nextHeader} 00 0104 00000000`;

  it.each([
    { what: "hop-by-hop options", hex: ["60000000 001c 00 40", V6, padded("06")], options: true },
    { what: "destination options", hex: ["60000000 001c 3c 40", V6, padded("06")], options: true },
    {
      // Type 2, no segments left.
      what: "a routing header",
      hex: ["60000000 001c 2b 40", V6, "06 00 02 00 00000000"],
      options: true,
    },
    {
      // Length field 4: six words of four bytes, not five of eight.
      what: "an authentication header",
      hex: ["60000000 002c 33 40", V6, "06 04 0000 00000001 00000001", "00".repeat(12)],
      options: false,
    },
    {
      // Offset 0, no more fragments, identification 0xa1b2c3d4: whole (RFC 6946).
      what: "an atomic fragment",
      hex: ["60000000 001c 2c 40", V6, "06 00 0000 a1b2c3d4"],
      options: false,
    },
    {
      // Hop-by-hop, destination options, routing, fragment, destination options.
      what: "the five headers in the order of RFC 8200 section 4.1",
      hex: [
        "60000000 003c 00 40",
        V6,
        padded("3c"),
        padded("2b"),
        "2c 00 02 00 00000000",
        "3c 00 0000 a1b2c3d4",
        padded("06"),
      ],
      options: true,
    },
  ])("finds TCP behind $what", ({ hex, options }) => {
    const { outcome, header } = decode(...hex, SYN);
    expect(outcome).toBe("decoded");
    expect(header).toMatchObject({
      transport: "tcp",
      destinationPort: 22,
      hasIpOptions: options,
      isFragment: false,
    });
  });

  it("counts a longer header's eight-byte units", () => {
    // Length field 1: sixteen bytes.
    const { outcome, header } = decode(
      "60000000 0024 3c 40",
      V6,
      "06 01 010c",
      "00".repeat(12),
      SYN,
    );
    expect(outcome).toBe("decoded");
    expect(header.transportOffset).toBe(56);
  });

  it("decodes a first fragment and keeps its identification", () => {
    // Offset 0, M flag.
    const { outcome, header } = decode("60000000 001c 2c 40", V6, "06 00 0001 a1b2c3d4", SYN);
    expect(outcome).toBe("decoded");
    expect(header).toMatchObject({
      isFragment: true,
      isFirstFragment: true,
      ipIdentification: 0xa1b2c3d4,
    });
  });

  it.each([
    // Offset of one unit (three low bits are not part of it).
    { what: "the last piece", hex: "06 00 0008 a1b2c3d4" },
    { what: "a middle piece", hex: "06 00 0009 a1b2c3d4" },
  ])("finds no ports in $what", ({ hex }) => {
    const { outcome, header } = decode("60000000 001c 2c 40", V6, hex, SYN);
    expect(outcome).toBe("later-fragment");
    expect(header).toMatchObject({ isFragment: true, isFirstFragment: false, protocol: 6 });
  });

  it.each([
    {
      // Hop-by-hop behind destination options: allowed directly behind IPv6 only.
      what: "hop-by-hop options in second place",
      hex: ["60000000 0024 3c 40", V6, padded("00"), padded("06"), SYN],
      outcome: "malformed",
    },
    {
      // Two fragment headers, the first with the M flag.
      what: "a fragment in a fragment",
      hex: ["60000000 0024 2c 40", V6, "2c 00 0001 00000001", "06 00 0001 00000001", SYN],
      outcome: "malformed",
    },
    {
      // Length field 255 (2,048 bytes) in a payload of 28.
      what: "an extension header longer than the packet",
      hex: ["60000000 001c 3c 40", V6, "06 ff 0104 00000000", SYN],
      outcome: "malformed",
    },
    {
      // Payload length 1: not even the length field.
      what: "an extension header of one byte",
      hex: ["60000000 0001 3c 40", V6, "06"],
      outcome: "malformed",
    },
    {
      // Payload length 2,068, of which the first eight bytes came.
      what: "an extension header that was not captured whole",
      hex: ["60000000 0814 3c 40", V6, "06 ff 0104 00000000"],
      outcome: "truncated",
    },
    {
      // Payload length 28, of which one byte came.
      what: "an extension header of which one byte came",
      hex: ["60000000 001c 3c 40", V6, "06"],
      outcome: "truncated",
    },
    {
      // M flag, and a chain that ends with the piece: the rest is in the next one.
      what: "a first fragment without the transport header",
      hex: ["60000000 0010 2c 40", V6, "3c 00 0001 00000001", padded("06")],
      outcome: "truncated",
    },
    {
      what: "eight extension headers",
      hex: ["60000000 0054 3c 40", V6, padded("3c").repeat(7), padded("06"), SYN],
      outcome: "decoded",
    },
    {
      what: "nine extension headers",
      hex: ["60000000 005c 3c 40", V6, padded("3c").repeat(8), padded("06"), SYN],
      outcome: "malformed",
    },
  ])("$what -> $outcome", ({ hex, outcome }) => {
    expect(decode(...hex).outcome).toBe(outcome);
  });

  it("takes a jumbogram as far as it came", () => {
    // Payload length 0; hop-by-hop with the jumbo option (type c2, four bytes: 65,576).
    const jumbo = ["60000000 0000 00 40", V6, "06 00 c204 00010028"];
    expect(decode(...jumbo, SYN)).toMatchObject({
      outcome: "decoded",
      header: { packetEndOffset: UNKNOWN_END_OFFSET },
    });
    expect(decode(...jumbo).outcome).toBe("truncated");
  });
});

describe("decodePacket on hostile bytes", () => {
  const seeds = [
    SYN_IN_V4,
    SYN_IN_V6,
    bytesOf("46 00 0020 1234 2000 40 11 0000", V4, "01010101", UDP),
    bytesOf("60000000 0024 00 40", V6, "2c 00 0104 00000000", "06 00 0001 a1b2c3d4", SYN),
    bytesOf("60000000 0020 33 40", V6, "3c 04 0000 00000001", "00".repeat(16), UDP),
  ];
  const edit = fc.tuple(fc.nat(80), fc.oneof(fc.nat(255), fc.constantFrom(0, 43, 44, 51, 60, 255)));
  const mutated = fc
    .tuple(fc.constantFrom(...seeds), fc.array(edit, { maxLength: 6 }))
    .map(([seed, edits]) => {
      const bytes = Uint8Array.from(seed);
      for (const [offset, value] of edits) bytes[offset % bytes.length] = value;
      return bytes;
    });
  const anyBytes = fc.oneof(fc.uint8Array({ maxLength: 200 }), mutated);

  /** Fails the test when a byte outside `start` to `end` is read. */
  const guarded = (bytes: Uint8Array, start: number, end: number): Uint8Array =>
    new Proxy(bytes, {
      get(target, key) {
        const offset = Number(key);
        if (!(offset >= start && offset < end)) throw new Error(`read outside: ${String(key)}`);
        return target[offset];
      },
    });

  it("never throws and never reads outside the range", () => {
    const header = new PacketHeader();
    fc.assert(
      fc.property(anyBytes, fc.nat(40), fc.nat(40), (bytes, before, cut) => {
        const start = Math.min(before, bytes.length);
        const end = Math.max(start, bytes.length - cut);
        expect(["decoded", "truncated", "malformed", "other-protocol", "later-fragment"]).toContain(
          decodePacket(guarded(bytes, start, end), start, end, header),
        );
      }),
      { numRuns: 20_000 },
    );
  });

  it("promises only fields that lie within the bytes", () => {
    const header = new PacketHeader();
    fc.assert(
      fc.property(mutated, fc.nat(40), (bytes, cut) => {
        const end = Math.max(0, bytes.length - cut);
        const outcome = decodePacket(bytes, 0, end, header);
        if (outcome === "decoded") {
          expect(header.transport).toBe(header.protocol === 6 ? "tcp" : "udp");
          expect(header.tcpOptionsOffset + header.tcpOptionBytes).toBeLessThanOrEqual(end);
          expect(header.transportOffset).toBeLessThan(end);
          expect(header.tcpOptionBytes).toBeGreaterThanOrEqual(0);
        }
        if (outcome === "other-protocol") {
          expect([6, 17]).not.toContain(header.protocol);
          const isIcmp = header.protocol === (header.version === 4 ? 1 : 58);
          expect(header.icmpType !== undefined).toBe(isIcmp);
        }
        if (outcome === "later-fragment") expect(header.isFirstFragment).toBe(false);
      }),
      { numRuns: 5000 },
    );
  });

  it("says the same of a packet wherever it stands and whatever stands around it", () => {
    fc.assert(
      fc.property(
        mutated,
        fc.uint8Array({ maxLength: 20 }),
        fc.nat(255),
        (bytes, before, after) => {
          const around = Uint8Array.from([...before, ...bytes, after, after, after]);
          const alone = new PacketHeader();
          const inside = new PacketHeader();
          const start = before.length;
          expect(decodePacket(around, start, start + bytes.length, inside)).toBe(
            decodePacket(bytes, 0, bytes.length, alone),
          );
          expect(inside).toMatchObject({
            source: alone.source,
            destination: alone.destination,
            sourcePort: alone.sourcePort,
            destinationPort: alone.destinationPort,
            tcpFlags: alone.tcpFlags,
            tcpOptionBytes: alone.tcpOptionBytes,
          });
        },
      ),
    );
  });
});
