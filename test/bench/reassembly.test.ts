import { describe, expect, it } from "vitest";
import { Reassembly } from "../../bench/reassembly.ts";
import { encodeTcp } from "../../bench/traffic/packets.ts";

const PACKET = encodeTcp({
  source: "203.0.113.66",
  destination: "198.51.100.10",
  sourcePort: 40_000,
  destinationPort: 22,
  flags: 2,
  id: 7,
  options: "020405b4",
});

/** Pieces of eight bytes of the packet's body; checksums of their headers are left as they are. */
function fragmentsOf(packet: Buffer): Buffer[] {
  const body = packet.subarray(20);
  return Array.from({ length: Math.ceil(body.length / 8) }, (_, index) => {
    const piece = Buffer.concat([packet.subarray(0, 20), body.subarray(index * 8, index * 8 + 8)]);
    const isLast = (index + 1) * 8 >= body.length;
    piece.writeUInt16BE(piece.length, 2);
    piece.writeUInt16BE((isLast ? 0 : 0x2000) | index, 6);
    return piece;
  });
}

/** The header's checksum is the sender's, and not looked at. */
const bodyOf = (packet: Uint8Array | undefined) => packet && Buffer.from(packet).subarray(20);

describe("Reassembly", () => {
  it("passes a whole packet as it is", () => {
    expect(new Reassembly().take(PACKET)).toBe(PACKET);
  });

  it.each([
    { what: "in their order", order: [0, 1, 2] },
    { what: "the last first", order: [2, 1, 0] },
    { what: "one of them twice", order: [0, 0, 1, 2] },
  ])("gives the packet with the piece that completes it: $what", ({ order }) => {
    const reassembly = new Reassembly();
    const fragments = fragmentsOf(PACKET);
    const taken = order.map((index) => reassembly.take(fragments[index] as Buffer));
    expect(taken.slice(0, -1).every((packet) => packet === undefined)).toBe(true);
    expect(bodyOf(taken.at(-1))).toEqual(bodyOf(PACKET));
  });

  it("keeps pieces of two packets apart", () => {
    const reassembly = new Reassembly();
    const other = Buffer.from(PACKET);
    other.writeUInt16BE(8, 4);
    const [first = PACKET, second = PACKET, third = PACKET] = fragmentsOf(PACKET);
    const foreign = fragmentsOf(other)[2] as Buffer;
    expect([first, second, foreign].map((piece) => reassembly.take(piece))).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    expect(bodyOf(reassembly.take(third))).toEqual(bodyOf(PACKET));
  });

  it("leaves what is padded to an Ethernet frame out", () => {
    const reassembly = new Reassembly();
    const padded = fragmentsOf(PACKET).map((piece) => Buffer.concat([piece, Buffer.alloc(18)]));
    const taken = padded.map((piece) => reassembly.take(piece));
    expect(bodyOf(taken.at(-1))).toEqual(bodyOf(PACKET));
  });
});
