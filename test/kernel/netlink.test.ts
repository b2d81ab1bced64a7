import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  attributeEnd,
  encodeMessage,
  encodeUint16,
  encodeUint32,
  findAttribute,
  MESSAGE_HEADER_BYTES,
  messageEnd,
  messageType,
  nextOffset,
} from "../../src/kernel/netlink.ts";

const hex = (text: string) => Buffer.from(text.replaceAll(" ", ""), "hex");

describe("encodeMessage", () => {
  it("writes header, body and padded attributes as linux/netlink.h lays them out", () => {
    const message = encodeMessage({
      type: 0x0401,
      flags: 0x04,
      body: hex("00 00 10 92"),
      attributes: [
        { type: 1, value: hex("01") },
        { type: 3, value: encodeUint32(131_072) },
      ],
    });
    // length 36, type 0x0401, flags REQUEST|ACK, sequence and port 0; then 1 byte and 3 of padding.
    expect(message.toString("hex")).toBe(
      "24000000 0104 0500 00000000 00000000 00001092 0500 0100 01000000 0800 0300 00020000".replaceAll(
        " ",
        "",
      ),
    );
  });

  it("is taken apart again by the walkers, whatever the attributes", () => {
    const attribute = fc.record({
      type: fc.integer({ min: 1, max: 0x3fff }),
      value: fc.uint8Array({ maxLength: 40 }),
    });
    fc.assert(
      fc.property(fc.uniqueArray(attribute, { selector: ({ type }) => type }), (attributes) => {
        const message = encodeMessage({ type: 20, body: Buffer.alloc(4), attributes });
        const end = messageEnd(message, 0, message.length);
        expect([end, messageType(message, 0)]).toEqual([message.length, 20]);
        for (const { type, value } of attributes) {
          const found = findAttribute(message, MESSAGE_HEADER_BYTES + 4, end, type);
          expect(found?.equals(value)).toBe(true);
        }
      }),
    );
  });
});

describe("messageEnd", () => {
  const header = (length: number) => Buffer.concat([encodeLength(length), Buffer.alloc(16)]);
  const encodeLength = (length: number) => Buffer.from(Uint32Array.of(length).buffer);

  it.each([
    { what: "a header alone", length: 16, limit: 16, end: 16 },
    { what: "a length up to the limit", length: 20, limit: 20, end: 20 },
    { what: "a length one past the limit", length: 21, limit: 20, end: -1 },
    { what: "a length below the header's own", length: 15, limit: 20, end: -1 },
    { what: "a length of four gigabytes", length: 0xffff_ffff, limit: 20, end: -1 },
    { what: "a header that is cut off", length: 16, limit: 15, end: -1 },
  ])("$what ends at $end", ({ length, limit, end }) => {
    expect(messageEnd(header(length), 0, limit)).toBe(end);
  });
});

describe("attributeEnd", () => {
  it.each([
    { what: "an empty value", bytes: "0400 0100", end: 4 },
    { what: "a value up to the limit", bytes: "0600 0100 abcd", end: 6 },
    { what: "a length one past the limit", bytes: "0700 0100 abcd", end: -1 },
    { what: "a length of zero, which would never advance", bytes: "0000 0100 abcd", end: -1 },
    { what: "a header that is cut off", bytes: "0400 01", end: -1 },
  ])("$what ends at $end", ({ bytes, end }) => {
    const buffer = hex(bytes);
    expect(attributeEnd(buffer, 0, buffer.length)).toBe(end);
  });
});

describe("findAttribute", () => {
  it("sees through the nested and byte-order flags of a type", () => {
    const buffer = hex("0600 0180 abcd 0000 0500 0240 ef");
    expect(findAttribute(buffer, 0, buffer.length, 1)?.toString("hex")).toBe("abcd");
    expect(findAttribute(buffer, 0, buffer.length, 2)?.toString("hex")).toBe("ef");
  });

  it("finds nothing behind an attribute that lies about its length", () => {
    const buffer = hex("0300 0100 0500 0200 ef");
    expect(findAttribute(buffer, 0, buffer.length, 2)).toBeUndefined();
  });
});

describe("nextOffset", () => {
  it.each([
    [0, 0],
    [1, 4],
    [4, 4],
    [5, 8],
  ])("after an end at %i comes %i", (end, next) => {
    expect(nextOffset(end)).toBe(next);
  });
});

describe("encodeUint16", () => {
  it("puts the high byte first, as netfilter reads a group number", () => {
    expect(encodeUint16(4242).toString("hex")).toBe("1092");
  });
});
