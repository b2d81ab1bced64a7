import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodePacket } from "../../src/packet/decode-packet.ts";
import { PacketHeader } from "../../src/packet/packet-header.ts";
import {
  isOrdinarySegment,
  ordinaryAcknowledgement,
  ordinaryDestination,
  ordinaryDestinationPort,
  ordinarySequence,
  ordinarySource,
  ordinarySourcePort,
} from "../../src/replay/packet-glance.ts";
import { ACK, encodePacket, SYN } from "../support/packets.ts";

const segment = (flags: number) =>
  encodePacket({
    ...{ from: "192.0.2.7", to: "198.51.100.10", sourcePort: 40_000, port: 443 },
    ...{ flags, sequence: 0x8000_0001, acknowledgement: 0xffff_fffe },
  });

describe("isOrdinarySegment", () => {
  it.each([
    { what: "a segment with ACK", at: 0, byte: 0x45, is: true },
    { what: "a header with options", at: 0, byte: 0x46, is: false },
    { what: "a piece of a datagram", at: 6, byte: 0x20, is: false },
    { what: "a TCP header of 20 bytes", at: 32, byte: 0x50, is: true },
    { what: "a TCP header of 16 bytes", at: 32, byte: 0x40, is: false },
    { what: "a TCP header beyond the packet's end", at: 32, byte: 0x60, is: false },
    { what: "a packet of 39 bytes", at: 3, byte: 39, is: false },
    { what: "a packet of 40 bytes", at: 3, byte: 40, is: true },
  ])("$what: $is", ({ at, byte, is }) => {
    const bytes = segment(ACK).slice(0, 40);
    bytes[3] = 40;
    bytes[32] = 0x50;
    bytes[at] = byte;
    expect(isOrdinarySegment(bytes, 0, bytes.length)).toBe(is);
    expect(isOrdinarySegment(bytes, 0, 39)).toBe(false);
  });

  it("is no SYN+ACK", () => {
    const bytes = segment(SYN | ACK);
    expect(isOrdinarySegment(bytes, 0, bytes.length)).toBe(false);
  });

  it("never differs from what decoding the packet says", () => {
    const header = new PacketHeader();
    const changes = fc.array(fc.tuple(fc.nat(45), fc.nat(255)), { maxLength: 4 });
    fc.assert(
      fc.property(changes, fc.nat(3), (changed, before) => {
        const bytes = Uint8Array.from([...new Uint8Array(before), ...segment(ACK)]);
        for (const [at, byte] of changed) if (at < bytes.length) bytes[at] = byte;
        if (!isOrdinarySegment(bytes, before, bytes.length)) return;
        expect(decodePacket(bytes, before, bytes.length, header)).toBe("decoded");
        expect(header.transport).toBe("tcp");
        expect([header.source[3], header.sourcePort]).toEqual([
          ordinarySource(bytes, before),
          ordinarySourcePort(bytes, before),
        ]);
        expect([header.destination[3], header.destinationPort]).toEqual([
          ordinaryDestination(bytes, before),
          ordinaryDestinationPort(bytes, before),
        ]);
        expect(header.tcpSequence).toBe(ordinarySequence(bytes, before));
        expect(header.tcpAcknowledgement).toBe(ordinaryAcknowledgement(bytes, before));
      }),
      { numRuns: 2000 },
    );
  });
});
