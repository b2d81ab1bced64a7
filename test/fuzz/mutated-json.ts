/**
 * JSON texts of valid values in which fields were exchanged, taken away, added, repeated or nested.
 *
 * They are texts, because what no value can be (NaN, 1e400, a key twice) is sent as well.
 */
import fc from "fast-check";
import { anyCharacter } from "./any-character.ts";

export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [key: string]: Json };

/** Addresses that a guard must not get at, and others that are none. */
export const NASTY_ADDRESSES: readonly string[] = [
  "0.0.0.0/0",
  "::/0",
  "0.0.0.0/1",
  "128.0.0.0/1",
  "192.0.2.1",
  "192.0.2.0/24",
  "192.0.0.0/8",
  "::ffff:192.0.2.1",
  "::ffff:0:0/96",
  "198.51.100.10",
  "203.0.113.5",
  "2001:db8::10",
  "2001:db8::/32",
  "127.0.0.1",
  "::1",
  "255.255.255.255",
  "224.0.0.1",
  "ff02::1",
  "fe80::1%eth0",
  "192.0.2.7/33",
  "192.0.2.7/-1",
  "192.0.2.07",
  "0x7f000001",
  "2130706433",
  "1.2.3",
  "10.0.0.9; flush ruleset",
  "10.0.0.9\nflush ruleset",
  "$(reboot)",
];

/** Sent as they stand, without quotes: {@link rawJson} takes the marks away. */
const RAW_WORDS = [
  "NaN",
  "Infinity",
  "-0",
  "1e400",
  "-1e400",
  "01",
  "0.1e-400",
  "9007199254740993",
  "18446744073709551616",
  "undefined",
  "'x'",
  '{"a":1,"a":2}',
  '{"__proto__":{"isOnce":false}}',
  "[".repeat(5000),
  `${"[".repeat(3000)}${"]".repeat(3000)}`,
  `${'{"a":'.repeat(2000)}1${"}".repeat(2000)}`,
].map((word) => `@@${word.replaceAll('"', "~")}@@`);

const NASTY_NUMBERS = [
  -1,
  0,
  0.5,
  255,
  256,
  999,
  1000,
  65_535,
  65_536,
  2 ** 31,
  2 ** 53,
  1e308,
  5e-324,
];
const NASTY_TEXTS = [
  "",
  " ",
  "\u0000",
  "\u001b[2J\u0007",
  "\u202e",
  "\ud800",
  "a\nb\rc",
  "x".repeat(5000),
  "1".repeat(60_000),
  "1.".repeat(20_000),
  ":".repeat(20_000),
  "__proto__",
];

const nasty: fc.Arbitrary<Json> = fc.oneof(
  fc.constantFrom<Json>(...NASTY_ADDRESSES),
  fc.constantFrom<Json>(...NASTY_NUMBERS, ...NASTY_TEXTS, ...RAW_WORDS),
  fc.constantFrom<Json>(null, true, false, [], {}, [[]], [null], { length: 3 }),
  fc.string({ unit: anyCharacter, maxLength: 300 }),
  fc.jsonValue() as fc.Arbitrary<Json>,
);

const KEYS = [
  "id",
  "more",
  "__proto__",
  "constructor",
  "toString",
  "request",
  "length",
  "",
  "\u0000",
];

const mutation = fc.record({
  act: fc.constantFrom(
    "replace",
    "replace",
    "replace",
    "remove",
    "add",
    "wrap",
    "repeat",
    "rename",
  ),
  at: fc.nat({ max: 0xffff }),
  key: fc.oneof(fc.constantFrom(...KEYS), fc.string({ maxLength: 20 })),
  value: nasty,
  times: fc.constantFrom(2, 20, 499, 500, 501, 3000),
});

type Mutation = typeof mutation extends fc.Arbitrary<infer Each> ? Each : never;

/** The value with its `at`-th part, counted in depth-first order, changed. */
function mutate(value: Json, change: Mutation): Json {
  const count = countParts(value);
  return changeAt(value, { left: change.at % count }, change) ?? null;
}

function countParts(value: Json): number {
  if (typeof value !== "object" || value === null) return 1;
  return 1 + Object.values(value).reduce<number>((sum, each) => sum + countParts(each), 0);
}

/** @returns undefined when the part is taken away. */
function changeAt(value: Json, counter: { left: number }, change: Mutation): Json | undefined {
  if (counter.left === 0) {
    counter.left = -1;
    return changeHere(value, change);
  }
  counter.left -= 1;
  if (typeof value !== "object" || value === null || counter.left < 0) return value;
  if (Array.isArray(value)) {
    return value.flatMap((each) => changeAt(each, counter, change) ?? []);
  }
  const entries = Object.entries(value).flatMap(([key, each]): [string, Json][] => {
    const isHere = counter.left === 0;
    const changed = changeAt(each, counter, change);
    if (changed === undefined) return [];
    return [[isHere && change.act === "rename" ? change.key : key, changed]];
  });
  // Own properties in any case, "__proto__" included.
  return Object.fromEntries(entries);
}

function changeHere(
  value: Json,
  { act, key, value: nastyValue, times }: Mutation,
): Json | undefined {
  const isList = Array.isArray(value);
  switch (act) {
    case "remove":
      return undefined;
    case "add":
      if (typeof value !== "object" || value === null || isList) return nastyValue;
      return Object.fromEntries([...Object.entries(value), [key, nastyValue]]);
    case "wrap":
      return isList ? { ...value } : [value];
    case "repeat":
      return isList
        ? Array.from({ length: times }, (_, index) => value[index % value.length] ?? null)
        : nastyValue;
    case "rename":
      return value;
    default:
      return nastyValue;
  }
}

/** JSON, with the words that no value can be in their places. */
function rawJson(value: Json): string {
  return JSON.stringify(value).replace(/"@@(.*?)@@"/g, (_, word: string) =>
    word.replaceAll("~", '"'),
  );
}

/** Texts of `values` with up to three changes each; every third or so has none. */
export function mutatedJson(values: fc.Arbitrary<Json>): fc.Arbitrary<string> {
  return fc
    .tuple(values, fc.array(mutation, { maxLength: 3 }))
    .map(([value, changes]) => rawJson(changes.reduce(mutate, value)));
}
