/**
 * Big-endian integers out of bytes and into them (RFC 791, appendix B).
 *
 * Not bounds-checked: whoever calls has compared the offset with the end of the packet.
 */
import type { AddressWords } from "../net/address-words.ts";

/** One byte at `offset`. */
export function uint8At(bytes: Uint8Array, offset: number): number {
  return bytes[offset] as number;
}

/** Two bytes from `offset` on. */
export function uint16At(bytes: Uint8Array, offset: number): number {
  return ((bytes[offset] as number) << 8) | (bytes[offset + 1] as number);
}

/** Four bytes from `offset` on, as an unsigned number. */
export function uint32At(bytes: Uint8Array, offset: number): number {
  return (
    (((bytes[offset] as number) << 24) |
      ((bytes[offset + 1] as number) << 16) |
      ((bytes[offset + 2] as number) << 8) |
      (bytes[offset + 3] as number)) >>>
    0
  );
}

/** Writes the IPv4 address at `offset` to `into`, in its IPv4-mapped place. */
export function copyIpv4Address(bytes: Uint8Array, offset: number, into: AddressWords): void {
  into[0] = 0;
  into[1] = 0;
  into[2] = 0xffff;
  into[3] = uint32At(bytes, offset);
}

/** Writes the IPv6 address at `offset` to `into`. */
export function copyIpv6Address(bytes: Uint8Array, offset: number, into: AddressWords): void {
  into[0] = uint32At(bytes, offset);
  into[1] = uint32At(bytes, offset + 4);
  into[2] = uint32At(bytes, offset + 8);
  into[3] = uint32At(bytes, offset + 12);
}

/** Writes the low two bytes of `value` from `offset` on. */
export function writeUint16(bytes: Uint8Array, offset: number, value: number): void {
  bytes[offset] = value >>> 8;
  bytes[offset + 1] = value;
}

/** Writes `value`, 0 to 4294967295, from `offset` on. */
export function writeUint32(bytes: Uint8Array, offset: number, value: number): void {
  writeUint16(bytes, offset, value >>> 16);
  writeUint16(bytes, offset + 2, value);
}
