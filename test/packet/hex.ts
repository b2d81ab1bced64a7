/** Packets written as hexadecimal digits, with blanks wherever they help the reader. */

/** Anything but pairs of digits and blanks is a mistake in the test and throws. */
export function bytesOf(...hex: string[]): Uint8Array {
  const digits = hex.join("").replaceAll(/\s/g, "");
  if (!/^([0-9a-f]{2})*$/.test(digits)) throw new TypeError(`not hexadecimal: ${digits}`);
  return Uint8Array.from(Buffer.from(digits, "hex"));
}
