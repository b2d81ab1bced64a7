import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  decodeBlockedBinary,
  encodeBlockedBinary,
  encodeBlockedText,
  MAX_BLOCKED,
  parseBlockedText,
} from "../../../src/broker/legacy/blocked-forms.ts";
import type { HistoryRecord } from "../../../src/broker/legacy/history-line.ts";
import { type AddressWords, formatWords } from "../../../src/net/address-words.ts";
import { address } from "../fakes.ts";

const LINE = "1795354999 - 11/22/2026 13:43:19 Host: 192.0.2.7/192.0.2.7 Port: 11 TCP Blocked";

const record: HistoryRecord = {
  address: address("192.0.2.7"),
  host: "192.0.2.7",
  port: 11,
  transport: "tcp",
  sinceEpochMs: 1_795_354_999_000,
};

function bytes(hex: string): Buffer {
  return Buffer.from(hex.replaceAll(" ", ""), "hex");
}

const V4 = "0200 c0000207";
const V6 = "0a00 20010db8 00000000 00000000 00000007";

const words: fc.Arbitrary<AddressWords> = fc.oneof(
  fc.uint32Array({ minLength: 4, maxLength: 4 }),
  fc.nat(0xffffffff).map((last) => Uint32Array.of(0, 0, 0xffff, last)),
);

describe("decodeBlockedBinary", () => {
  it.each([
    { what: "an empty file", hex: "", addresses: [], unreadBytes: 0 },
    // As 2.x wrote it for 10.91.0.2.
    { what: "2.x's own record", hex: "0200 0a5b0002", addresses: ["10.91.0.2"], unreadBytes: 0 },
    {
      what: "both families",
      hex: V4 + V6,
      addresses: ["192.0.2.7", "2001:db8::7"],
      unreadBytes: 0,
    },
    { what: "a source twice", hex: V4 + V4, addresses: ["192.0.2.7"], unreadBytes: 0 },
    {
      what: "a record without its last byte",
      hex: `${V4} 0200 c00002`,
      addresses: ["192.0.2.7"],
      unreadBytes: 5,
    },
    { what: "one byte of a family", hex: `${V4} 02`, addresses: ["192.0.2.7"], unreadBytes: 1 },
    {
      what: "a family that is none",
      hex: `${V4} 0300 ${V4}`,
      addresses: ["192.0.2.7"],
      unreadBytes: 8,
    },
    { what: "a family in network order", hex: `0002 c0000207`, addresses: [], unreadBytes: 6 },
    {
      what: "an IPv4-mapped address",
      hex: "0a00 00000000 00000000 0000ffff c0000207",
      addresses: ["192.0.2.7"],
      unreadBytes: 0,
    },
  ])("reads $what", ({ hex, addresses, unreadBytes }) => {
    expect(decodeBlockedBinary(bytes(hex))).toEqual({ addresses, unreadBytes });
  });

  it("reads an array that is part of a larger one", () => {
    const whole = bytes(`ffff ${V4} ffff`);
    expect(decodeBlockedBinary(whole.subarray(2, 8)).addresses).toEqual(["192.0.2.7"]);
  });

  it("never throws, whatever the bytes, and leaves no more unread than there were", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (data) => {
        expect(decodeBlockedBinary(data).unreadBytes).toBeLessThanOrEqual(data.length);
      }),
    );
  });

  it("reads back what was written", () => {
    fc.assert(
      fc.property(fc.array(words.map(formatWords)), (addresses) => {
        expect(decodeBlockedBinary(encodeBlockedBinary(addresses))).toEqual({
          addresses: [...new Set(addresses)],
          unreadBytes: 0,
        });
      }),
    );
  });

  it(`reads no more than ${MAX_BLOCKED} sources`, () => {
    const data = Buffer.alloc((MAX_BLOCKED + 1) * 6);
    for (let index = 0; index <= MAX_BLOCKED; index += 1) {
      data.writeUInt16LE(2, index * 6);
      data.writeUInt32BE(index, index * 6 + 2);
    }
    const { addresses, unreadBytes } = decodeBlockedBinary(data);
    expect([addresses.length, unreadBytes]).toEqual([MAX_BLOCKED, 6]);
  });
});

describe("encodeBlockedBinary", () => {
  it("writes a family and an address for each source", () => {
    const written = encodeBlockedBinary([address("192.0.2.7"), address("2001:db8::7")]);
    expect(written).toEqual(bytes(V4 + V6));
  });
});

describe("parseBlockedText", () => {
  it.each([
    { what: "an empty file", text: "", count: 0, faults: 0 },
    { what: "a line", text: `${LINE}\n`, count: 1, faults: 0 },
    { what: "a line without an end", text: LINE, count: 1, faults: 0 },
    { what: "lines with carriage returns", text: `${LINE}\r\n`, count: 1, faults: 0 },
    { what: "a source twice", text: `${LINE}\n${LINE}\n`, count: 1, faults: 0 },
    {
      what: "a line that was cut short",
      text: `${LINE}\n${LINE.slice(0, -1)}`,
      count: 1,
      faults: 1,
    },
    { what: "noise between lines", text: `\0\0\xff\n${LINE}\n`, count: 1, faults: 1 },
  ])("reads $what", ({ text, count, faults }) => {
    const reading = parseBlockedText(text);
    expect([reading.records.length, reading.faults]).toEqual([count, faults]);
  });

  it("keeps the first line of a source", () => {
    const later = LINE.replace("1795354999", "1795355000").replace("11 TCP", "12 UDP");
    expect(parseBlockedText(`${LINE}\n${later}\n`).records).toEqual([record]);
  });

  it("does not take a source for another that ends like it", () => {
    const longer = LINE.replaceAll("192.0.2.7", "92.0.2.7");
    const { records } = parseBlockedText(`${LINE}\n${longer}\n`);
    expect(records.map(({ address: each }) => each)).toEqual(["192.0.2.7", "92.0.2.7"]);
  });

  it("never throws, whatever the bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (data) => {
        expect(parseBlockedText(Buffer.from(data).toString()).records).toEqual([]);
      }),
    );
  });

  it("never throws on a line with bytes changed", () => {
    fc.assert(
      fc.property(fc.nat(LINE.length), fc.string(), (at, noise) => {
        const damaged = LINE.slice(0, at) + noise + LINE.slice(at + noise.length);
        expect(parseBlockedText(damaged).records.length).toBeLessThanOrEqual(1);
      }),
    );
  });

  it("reads back what was written", () => {
    const other = { ...record, address: address("2001:db8::7"), host: "2001:db8::7" };
    const text = encodeBlockedText([record, other]).toString();
    expect(parseBlockedText(text)).toEqual({ records: [record, other], faults: 0 });
  });
});
