import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodePacket } from "../../src/packet/decode-packet.ts";
import { PacketHeader } from "../../src/packet/packet-header.ts";
import { Datagrams } from "../../src/replay/datagrams.ts";
import { bytesOf } from "../packet/hex.ts";

/** A SYN from port 40000 to 22: twenty bytes of TCP. */
const SYN = bytesOf("9c40 0016 01020304 00000000 5002 0400 0000 0000");

/** One piece of the datagram that `payload` is, from 192.0.2.66 to 192.0.2.1. */
function pieceOf(payload: Uint8Array, from: number, to: number, id = 7): Uint8Array {
  const piece = Buffer.alloc(20 + to - from);
  piece.set(bytesOf("45000000 00000000 40060000 c0000242 c0000201"));
  piece.writeUInt16BE(piece.length, 2);
  piece.writeUInt16BE(id, 4);
  piece.writeUInt16BE((from / 8) | (to < payload.length ? 0x2000 : 0), 6);
  piece.set(payload.subarray(from, to), 20);
  return piece;
}

/** Puts the pieces in, a millisecond apart. @returns what came out with the last. */
function assemble(pieces: readonly Uint8Array[], gapMs = 1): Uint8Array | undefined {
  const datagrams = new Datagrams();
  return pieces
    .map((piece, index) => datagrams.take(piece, 0, piece.length, index * gapMs)?.slice())
    .at(-1);
}

/** What a decoder sees of it. */
function decoded(bytes: Uint8Array | undefined): object | string {
  if (bytes === undefined) return "nothing";
  const header = new PacketHeader();
  const outcome = decodePacket(bytes, 0, bytes.length, header);
  const { destinationPort, tcpFlags, tcpWindow, payloadBytes, isFragment } = header;
  return { outcome, destinationPort, tcpFlags, tcpWindow, payloadBytes, isFragment };
}

const WHOLE_SYN = {
  outcome: "decoded",
  destinationPort: 22,
  tcpFlags: 2,
  tcpWindow: 1024,
  payloadBytes: 0,
  isFragment: false,
};

describe("Datagrams", () => {
  const first = pieceOf(SYN, 0, 8);
  const second = pieceOf(SYN, 8, 16);
  const third = pieceOf(SYN, 16, 20);

  it.each([
    { what: "in order", pieces: [first, second, third] },
    { what: "last first", pieces: [third, second, first] },
    { what: "with a repeat", pieces: [first, first, second, third] },
    // Another datagram's piece between them.
    { what: "amid others", pieces: [first, pieceOf(SYN, 0, 16, 8), second, third] },
  ])("makes a SYN of tiny pieces $what", ({ pieces }) => {
    expect(decoded(assemble(pieces))).toEqual(WHOLE_SYN);
  });

  it.each([
    { what: "a piece is missing", pieces: [first, third] },
    { what: "pieces overlap", pieces: [first, pieceOf(SYN, 0, 16), third] },
    // A middle piece of seven bytes.
    { what: "a middle piece is not of eights", pieces: [first, pieceOf(SYN, 8, 15), third] },
    { what: "a piece lies past the last", pieces: [third, pieceOf(new Uint8Array(64), 24, 32)] },
  ])("makes nothing when $what", ({ pieces }) => {
    expect(assemble(pieces)).toBeUndefined();
  });

  it.each([
    { gapMs: 15_000, made: WHOLE_SYN },
    { gapMs: 15_001, made: "nothing" },
  ])("waits 30 s for the rest (two gaps of $gapMs ms)", ({ gapMs, made }) => {
    expect(decoded(assemble([first, second, third], gapMs))).toEqual(made);
  });

  it("keeps the true length of what is longer than it keeps", () => {
    const payload = Buffer.concat([SYN, new Uint8Array(3980)]);
    const made = decoded(assemble([pieceOf(payload, 0, 2000), pieceOf(payload, 2000, 4000)]));
    expect(made).toEqual({ ...WHOLE_SYN, payloadBytes: 3980 });
  });

  it("never throws, whatever comes", () => {
    const datagrams = new Datagrams();
    const piece = fc.record({
      fields: fc.uint8Array({ minLength: 20, maxLength: 20 }),
      data: fc.uint8Array({ maxLength: 40 }),
    });
    fc.assert(
      fc.property(piece, fc.nat(100_000), ({ fields, data }, atMs) => {
        const bytes = Buffer.concat([fields, data]);
        // What the caller has seen to: a header of 20 bytes that the packet's length holds.
        bytes[0] = 0x45;
        bytes.writeUInt16BE(20 + (bytes.readUInt16BE(2) % 65_516), 2);
        bytes[4] = 0;
        bytes[5] = (bytes[5] ?? 0) & 1;
        datagrams.take(bytes, 0, bytes.length, atMs);
      }),
    );
  });
});
