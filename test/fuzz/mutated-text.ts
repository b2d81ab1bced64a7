/** Files that people write, with lines exchanged, characters put in and words made long. */
import fc from "fast-check";
import { anyCharacter } from "./any-character.ts";

const PIECES = [
  "\u0000",
  "\r",
  "\n",
  "\u2028",
  "\u001b[2J",
  "\u202e",
  "\ud800",
  "\uFEFF",
  '"',
  "\\",
  "#",
  "=",
  "$TARGET$",
  "-1",
  "99999999999999999999",
  "1-65535",
  "0.0.0.0/0",
  "__proto__",
  "a".repeat(3000),
  "1.".repeat(1000),
  "1,".repeat(2000),
];

const change = fc.record({
  at: fc.nat({ max: 0xffff }),
  cutLength: fc.constantFrom(0, 0, 1, 10, 200),
  piece: fc.oneof(fc.constantFrom(...PIECES), fc.string({ unit: anyCharacter, maxLength: 30 })),
});

/** One of the seeds with up to eight changes. */
export function mutatedText(seeds: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc.tuple(seeds, fc.array(change, { maxLength: 8 })).map(([text, changes]) =>
    changes.reduce((changed, { at, cutLength, piece }) => {
      const start = changed.length === 0 ? 0 : at % changed.length;
      return changed.slice(0, start) + piece + changed.slice(start + cutLength);
    }, text),
  );
}

/** Whether a terminal shows it as it is: no control character but those that end lines. */
export function isPrintable(text: string): boolean {
  return !/[\p{Cc}\p{Bidi_Control}\p{Cs}]/u.test(text.replaceAll("\n", ""));
}
