/**
 * Any character that a text can have, ASCII as often as all others. fast-check's unit "binary" says
 * the same with a table of them all, which takes seconds and some hundred megabytes.
 */
import fc from "fast-check";

export const anyCharacter: fc.Arbitrary<string> = fc
  .oneof(fc.nat({ max: 0x7f }), fc.nat({ max: 0xd7ff }), fc.integer({ min: 0xe000, max: 0x10ffff }))
  .map((code) => String.fromCodePoint(code));
