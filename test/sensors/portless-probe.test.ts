import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodePacket } from "../../src/packet/decode-packet.ts";
import { PacketHeader } from "../../src/packet/packet-header.ts";
import { fillPortless } from "../../src/sensors/portless-probe.ts";
import { bytesOf } from "../packet/hex.ts";

/** From 192.0.2.7 to 198.51.100.1. */
const V4 = "c0000207 c6336401";
/** From 2001:db8::7 to 2001:db8::1. */
const V6 = "20010db8 00000000 00000000 00000007 20010db8 00000000 00000000 00000001";

const octet = (value: number) => value.toString(16).padStart(2, "0");

/** An IPv4 packet with eight bytes of this protocol, the first of which is `type`. */
const v4 = (protocol: number, type = 0) =>
  bytesOf("45 00 001c 1234 0000 40", octet(protocol), "0000", V4, octet(type), "00".repeat(7));

const v6 = (protocol: number, type = 0) =>
  bytesOf("60000000 0008", octet(protocol), "40", V6, octet(type), "00".repeat(7));

/** @returns what is filled; undefined when the packet is no probe. */
function probeOf(packet: Uint8Array) {
  const header = new PacketHeader();
  expect(decodePacket(packet, 0, packet.length, header)).toBe("other-protocol");
  const probe = { transport: "tcp", port: 1, sourcePort: 2, tcpFlags: 3, kind: "tcp-odd" } as const;
  const filled = { ...probe };
  if (fillPortless(header, filled)) return filled;
  expect(filled).toEqual(probe);
  return undefined;
}

describe("fillPortless", () => {
  it.each([
    { what: "an echo request", packet: v4(1, 8), kind: "icmp-echo", port: 8 },
    { what: "a timestamp request", packet: v4(1, 13), kind: "icmp-timestamp", port: 13 },
    { what: "an address mask request", packet: v4(1, 17), kind: "icmp-mask", port: 17 },
    { what: "an echo request of IPv6", packet: v6(58, 128), kind: "icmp-echo", port: 128 },
  ])("$what is $kind", ({ packet, kind, port }) => {
    const fields = { transport: "icmp", sourcePort: 0, tcpFlags: 0 };
    expect(probeOf(packet)).toEqual({ ...fields, kind, port });
  });

  it.each([
    { what: "GRE", packet: v4(47), port: 47 },
    { what: "protocol 0 in IPv4", packet: v4(0), port: 0 },
    { what: "protocol 255", packet: v4(255), port: 255 },
    { what: "an authentication header in IPv4", packet: v4(51), port: 51 },
    // The other family's ICMP, whatever its first byte.
    { what: "ICMPv6 in IPv4", packet: v4(58, 128), port: 58 },
    { what: "ICMP in IPv6", packet: v6(1, 8), port: 1 },
    { what: "ESP in IPv6", packet: v6(50), port: 50 },
  ])("$what is a protocol", ({ packet, port }) => {
    const fields = { transport: "ip", kind: "ip-protocol", sourcePort: 0, tcpFlags: 0 };
    expect(probeOf(packet)).toEqual({ ...fields, port });
  });

  it("takes no answer, no error and no other message of ICMP for a probe", () => {
    const probes = (make: (type: number) => Uint8Array) =>
      Array.from({ length: 256 }, (_, type) => type).filter((type) => probeOf(make(type)));
    expect(probes((type) => v4(1, type))).toEqual([8, 13, 17]);
    // Neighbour discovery is 133 to 137, multicast listeners are 130 to 132 and 143.
    expect(probes((type) => v6(58, type))).toEqual([128]);
  });

  it("takes an IPv6 packet behind which nothing follows for none", () => {
    expect(probeOf(v6(59))).toBeUndefined();
    expect(probeOf(v4(59))).toMatchObject({ kind: "ip-protocol" });
  });

  it("fills numbers that a probe may have, whatever the bytes", () => {
    const header = new PacketHeader();
    const bytes = fc
      .tuple(fc.constantFrom(v4(1, 8), v6(58, 128), v4(47)), fc.nat(60), fc.nat(255))
      .map(([packet, at, value]) => {
        const changed = packet.slice();
        if (at < changed.length) changed[at] = value;
        return changed;
      });
    fc.assert(
      fc.property(bytes, (packet) => {
        if (decodePacket(packet, 0, packet.length, header) !== "other-protocol") return;
        const probe = { transport: "tcp", port: -1, sourcePort: 2, tcpFlags: 3, kind: "udp" };
        if (!fillPortless(header, probe as never)) return;
        expect(probe.port).toBeGreaterThanOrEqual(0);
        expect(probe.port).toBeLessThanOrEqual(255);
        expect(["icmp", "ip"]).toContain(probe.transport);
      }),
      { numRuns: 3000 },
    );
  });
});
