import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  HAS_MAXIMUM_SEGMENT_SIZE as MSS,
  HAS_OTHER_OPTION as OTHER,
  HAS_SACK_PERMITTED as SACK,
  HAS_WINDOW_SCALE as SCALE,
  HAS_TIMESTAMPS as STAMPS,
  HAS_UNREADABLE_OPTION as UNREADABLE,
} from "../../src/net/tcp-option-kinds.ts";
import { PacketHeader } from "../../src/packet/packet-header.ts";
import { bytesOf } from "./hex.ts";

function decode(bytes: Uint8Array, isCut = false): PacketHeader {
  const header = new PacketHeader();
  header.placeTcpOptions(bytes, 0, bytes.length, isCut);
  return header;
}

describe("PacketHeader.tcpOptionKinds, tcpOptionsDigest", () => {
  it.each([
    { what: "none", hex: "", kinds: 0, digest: 0 },
    { what: "a segment size", hex: "020405b4", kinds: MSS, digest: 0xd65bcbe2 },
    { what: "padding alone", hex: "01010100", kinds: 0, digest: undefined },
    {
      what: "Linux's five",
      hex: "020405b4 0402 080a 1afcdb55 00000000 01 03030a",
      kinds: MSS | SACK | STAMPS | SCALE,
      digest: undefined,
    },
    { what: "TCP Fast Open, kind 34", hex: "2202 0101", kinds: OTHER, digest: undefined },
    // What follows the end of the list is padding, even when it looks like an option.
    { what: "an option behind the end", hex: "00 020405b4 000000", kinds: 0, digest: undefined },
    // A length of 1 cannot hold kind and length.
    { what: "a length of 1", hex: "0401 0402", kinds: UNREADABLE, digest: undefined },
    { what: "a length of 0", hex: "0402 0300", kinds: SACK | UNREADABLE, digest: undefined },
    // The length reaches one byte past the end.
    {
      what: "an option past the end",
      hex: "0402 0304",
      kinds: SACK | UNREADABLE,
      digest: undefined,
    },
    {
      what: "a kind without length",
      hex: "0402 01 03",
      kinds: SACK | UNREADABLE,
      digest: undefined,
    },
  ])("sees $what", ({ hex, kinds, digest }) => {
    const header = decode(bytesOf(hex));
    expect(header.tcpOptionKinds).toBe(kinds);
    if (digest !== undefined) expect(header.tcpOptionsDigest).toBe(digest);
  });

  it("digests by FNV-1a: the published value for the text foobar", () => {
    expect(decode(Buffer.from("foobar")).tcpOptionsDigest).toBe(0xbf9cf968);
  });

  it("calls options unreadable that a capture cut between two of them", () => {
    const header = decode(bytesOf("020405b4"), true);
    expect(header.tcpOptionKinds).toBe(MSS | UNREADABLE);
  });

  it("has another digest for another order, and another value", () => {
    const digests = ["0402 020405b4", "020405b4 0402", "020405b5 0402"].map(
      (hex) => decode(bytesOf(hex)).tcpOptionsDigest,
    );
    expect(new Set(digests).size).toBe(3);
  });

  it("ends on any bytes, with numbers in their range", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), fc.boolean(), (bytes, isCut) => {
        const { tcpOptionKinds, tcpOptionsDigest } = decode(bytes, isCut);
        expect(tcpOptionKinds >= 0 && tcpOptionKinds < 0x40).toBe(true);
        expect(tcpOptionsDigest >= 0 && tcpOptionsDigest <= 0xffffffff).toBe(true);
      }),
    );
  });
});
