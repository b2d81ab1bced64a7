import { describe, expect, it } from "vitest";
import { AddressHash, randomAddressHashKey } from "../../src/detectors/address-hash.ts";

describe("AddressHash", () => {
  // lib/tests/siphash_kunit.c, the 32-bit hsiphash vectors: the 16 bytes 00 01 .. 0f.
  it("agrees with the kernel's vector for 16 bytes", () => {
    const words = Uint32Array.of(0x03020100, 0x07060504, 0x0b0a0908, 0x0f0e0d0c);
    expect(new AddressHash([0x03020100, 0x07060504]).of(words)).toBe(0x8b31d501);
  });

  it("puts an address elsewhere under another key", () => {
    const words = Uint32Array.of(0, 0, 0xffff, 0xc0000207);
    expect(new AddressHash([1, 2]).of(words)).not.toBe(new AddressHash([1, 3]).of(words));
  });

  it("gets another key each time", () => {
    expect(randomAddressHashKey()).not.toEqual(randomAddressHashKey());
  });
});
