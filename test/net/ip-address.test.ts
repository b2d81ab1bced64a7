import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { familyOf, type IpAddress, parseIpAddress } from "../../src/net/ip-address.ts";

describe("parseIpAddress", () => {
  it.each([
    { text: "192.0.2.7", expected: "192.0.2.7" },
    { text: "0.0.0.0", expected: "0.0.0.0" },
    { text: "::FFFF:192.0.2.7", expected: "192.0.2.7" },
    { text: "2001:0db8:0000::0007", expected: "2001:db8::7" },
    { text: "192.0.2.007", expected: undefined },
    { text: "192.0.2", expected: undefined },
    { text: "fe80::7%eth0", expected: undefined },
  ])("$text -> $expected", ({ text, expected }) => {
    expect(parseIpAddress(text)).toBe(expected);
  });

  it("leaves canonical text as it is", () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (text) => {
        const address = parseIpAddress(text);
        expect(address).toBeDefined();
        expect(parseIpAddress(address as string)).toBe(address);
      }),
    );
  });

  it("never throws, whatever the text", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(() => parseIpAddress(text)).not.toThrow();
      }),
    );
  });
});

describe("familyOf", () => {
  it.each([
    { text: "192.0.2.7", family: 4 },
    { text: "::ffff:192.0.2.7", family: 4 },
    { text: "::192.0.2.7", family: 6 },
    { text: "2001:db8::7", family: 6 },
  ])("$text is IPv$family", ({ text, family }) => {
    expect(familyOf(parseIpAddress(text) as IpAddress)).toBe(family);
  });
});
