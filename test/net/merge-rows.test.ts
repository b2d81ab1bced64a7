import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { maskWords, parseWords } from "../../src/net/address-words.ts";
import { expandRows } from "../../src/net/expand-rows.ts";
import { mergeRows } from "../../src/net/merge-rows.ts";
import { familyOfPrefix, firstAddressOf, lengthOf, parsePrefix } from "../../src/net/prefix.ts";
import { planLengths } from "../../src/net/prefix-lengths.ts";
import { PrefixRows } from "../../src/net/prefix-rows.ts";

const wordsOf = (text: string) => parseWords(text) ?? new Uint32Array(4);

function rowsOf(family: 4 | 6, texts: readonly string[]): PrefixRows {
  const rows = new PrefixRows(family);
  for (const [origin, text] of texts.entries()) {
    const prefix = parsePrefix(text);
    if (prefix === undefined || familyOfPrefix(prefix) !== family) throw new Error(text);
    rows.add(wordsOf(firstAddressOf(prefix)), lengthOf(prefix), origin + 1);
  }
  return rows;
}

function textsOf(rows: PrefixRows): string[] {
  return Array.from({ length: rows.length }, (_, row) => {
    const words = Array.from({ length: rows.wordsEach }, (_each, index) => rows.word(row, index));
    const text =
      rows.family === 4
        ? words
            .flatMap((word) => [word >>> 24, (word >>> 16) & 255, (word >>> 8) & 255, word & 255])
            .join(".")
        : words
            .flatMap((word) => [word >>> 16, word & 0xffff])
            .map((group) => group.toString(16))
            .join(":");
    return `${parsePrefix(`${text}/${rows.bits(row)}`)}`;
  });
}

describe("mergeRows", () => {
  it.each([
    { what: "nothing", family: 4, lines: [], merged: [] },
    { what: "one twice", family: 4, lines: ["192.0.2.7", "192.0.2.7"], merged: ["192.0.2.7/32"] },
    { what: "inside", family: 4, lines: ["192.0.2.7", "192.0.2.0/24"], merged: ["192.0.2.0/24"] },
    {
      what: "halves",
      family: 4,
      lines: ["192.0.2.128/25", "192.0.2.0/25"],
      merged: ["192.0.2.0/24"],
    },
    {
      what: "neighbours that are no halves of one block",
      family: 4,
      lines: ["192.0.2.1", "192.0.2.2"],
      merged: ["192.0.2.1/32", "192.0.2.2/32"],
    },
    {
      what: "quarters",
      family: 4,
      lines: ["192.0.2.0/26", "192.0.2.64/26", "192.0.2.128/26", "192.0.2.192/26"],
      merged: ["192.0.2.0/24"],
    },
    {
      what: "everything, in halves",
      family: 4,
      lines: ["0.0.0.0/1", "128.0.0.0/1"],
      merged: ["0.0.0.0/0"],
    },
    {
      what: "the last address",
      family: 4,
      lines: ["255.255.255.255", "255.255.255.254"],
      merged: ["255.255.255.254/31"],
    },
    {
      what: "IPv6",
      family: 6,
      lines: ["2001:db8:8000::/33", "2001:db8::7", "2001:db8::/33", "2001:db9::1"],
      merged: ["2001:db8::/32", "2001:db9::1/128"],
    },
  ] as const)("$what", ({ family, lines, merged }) => {
    expect(textsOf(mergeRows(family, [rowsOf(family, lines)]))).toEqual(merged);
  });

  it.each([4, 6] as const)("holds the addresses of IPv%s that one of its parts holds", (family) => {
    // Few bits, so that blocks meet.
    const block = fc.tuple(fc.nat(255), fc.integer({ min: 0, max: 8 }));
    const parts = fc.array(fc.array(block, { maxLength: 20 }), { maxLength: 3 });
    fc.assert(
      fc.property(parts, (lists) => {
        const rows = lists.map((blocks) => {
          const all = new PrefixRows(family);
          const at = family === 4 ? 24 : 120;
          for (const [low, bits] of blocks) {
            const words = wordsOf(
              family === 4 ? `192.0.2.${low}` : `2001:db8::${low.toString(16)}`,
            );
            maskWords(words, 120 + bits, words);
            all.add(words, at + bits, 1);
          }
          return all;
        });
        const merged = mergeRows(family, rows);
        for (let low = 0; low < 256; low += 1) {
          const words = wordsOf(family === 4 ? `192.0.2.${low}` : `2001:db8::${low.toString(16)}`);
          const isNamed = rows.some((part) => [...part.covering(words)].length > 0);
          expect([...merged.covering(words)].length).toBe(isNamed ? 1 : 0);
        }
      }),
      { numRuns: 30 },
    );
  });
});

describe("PrefixRows", () => {
  it("says from where each block comes that holds an address, and from nowhere else", () => {
    const rows = rowsOf(4, ["192.0.2.0/24", "192.0.2.7", "192.0.2.8", "198.51.100.0/22"]);
    expect([...rows.covering(wordsOf("192.0.2.7"))]).toEqual([
      { bits: 24, origin: 1 },
      { bits: 32, origin: 2 },
    ]);
    expect([...rows.covering(wordsOf("198.51.103.255"))]).toEqual([{ bits: 22, origin: 4 }]);
    expect([...rows.covering(wordsOf("198.51.104.0"))]).toEqual([]);
  });

  it("grows beyond its first room", () => {
    const rows = new PrefixRows(6);
    for (let row = 0; row < 5000; row += 1) rows.add(Uint32Array.of(row, 1, 2, 3), 128, row);
    expect(rows.word(4999, 0)).toBe(4999);
    expect([...rows.covering(Uint32Array.of(4321, 1, 2, 3))]).toEqual([
      { bits: 128, origin: 4321 },
    ]);
  });
});

describe("planLengths", () => {
  const countsOf = (counts: Readonly<Record<number, number>>) =>
    Array.from({ length: 33 }, (_, bits) => counts[bits] ?? 0);

  it.each([
    { counts: {}, maxLengths: 4, lengths: [], elements: 0 },
    { counts: { 32: 10 }, maxLengths: 4, lengths: [32], elements: 10 },
    { counts: { 24: 2, 32: 10 }, maxLengths: 2, lengths: [24, 32], elements: 12 },
    // One /23 is two /24, which is less than one question more.
    { counts: { 23: 1, 24: 2, 32: 10 }, maxLengths: 2, lengths: [24, 32], elements: 14 },
    { counts: { 23: 1, 24: 2, 32: 10 }, maxLengths: 3, lengths: [23, 24, 32], elements: 13 },
    { counts: { 8: 1, 31: 5, 32: 10 }, maxLengths: 2, lengths: [8, 32], elements: 21 },
  ])(
    "of $counts asks $lengths where $maxLengths may be asked",
    ({ counts, maxLengths, ...plan }) => {
      expect(
        planLengths(countsOf(counts), { maxLengths, maxElements: 1000, spareElements: 0 }),
      ).toEqual(plan);
    },
  );

  it("asks more lengths before it makes too many elements, and says when it cannot help that", () => {
    const counts = countsOf({ 20: 10, 24: 10 });
    const limits = { maxLengths: 1, maxElements: 170, spareElements: 0 };
    expect(planLengths(counts, limits)).toEqual({ lengths: [24], elements: 170 });
    expect(planLengths(counts, { ...limits, maxElements: 169 })?.lengths).toEqual([20, 24]);
    expect(planLengths(counts, { ...limits, maxElements: 20 })?.lengths).toEqual([20, 24]);
    expect(planLengths(counts, { ...limits, maxElements: 19 })).toBeUndefined();
  });
});

describe("planLengths with elements to spare", () => {
  it.each([
    { spareElements: 0, lengths: [22, 23, 24] },
    { spareElements: 1, lengths: [22, 24] },
    { spareElements: 3, lengths: [22, 24] },
    { spareElements: 4, lengths: [24] },
  ])("asks $lengths with $spareElements", ({ spareElements, lengths }) => {
    const counts = Array.from({ length: 33 }, (_, bits) => ({ 22: 1, 23: 1, 24: 5 })[bits] ?? 0);
    const limits = { maxLengths: 8, maxElements: 1000, spareElements };
    expect(planLengths(counts, limits)?.lengths).toEqual(lengths);
  });
});

describe("expandRows", () => {
  it("writes the blocks between two lengths as blocks of the longer one", () => {
    const rows = rowsOf(4, ["10.0.0.0/8", "192.0.2.0/23", "198.51.100.0/24", "203.0.113.7"]);
    // A batch is read before the next one is asked for.
    const found = Array.from(expandRows(rows, 8, 24, 2), (batch) => [...batch]).flat();
    const wanted = ["192.0.2.0", "192.0.3.0", "198.51.100.0"];
    expect(found).toEqual(wanted.map((text) => wordsOf(text)[3]));
  });

  it.each([
    {
      block: "2001:db8::/30",
      bits: 32,
      blocks: ["2001:db8::", "2001:db9::", "2001:dba::", "2001:dbb::"],
    },
    {
      block: "2001:db8::/62",
      bits: 64,
      blocks: ["2001:db8::", "2001:db8:0:1::", "2001:db8:0:2::", "2001:db8:0:3::"],
    },
    {
      block: "2001:db8:0:0:c000::/66",
      bits: 67,
      blocks: ["2001:db8:0:0:c000::", "2001:db8:0:0:e000::"],
    },
    {
      block: "2001:db8::/31",
      bits: 33,
      blocks: ["2001:db8::", "2001:db8:8000::", "2001:db9::", "2001:db9:8000::"],
    },
    { block: "2001:db8::fe/127", bits: 128, blocks: ["2001:db8::fe", "2001:db8::ff"] },
  ])("$block as blocks of $bits bits", ({ block, bits, blocks }) => {
    const found = [...expandRows(rowsOf(6, [parsePrefix(block) ?? ""]), 0, bits, 100)];
    expect(found.flatMap((batch) => [...batch])).toEqual(
      blocks.flatMap((text) => [...wordsOf(text)]),
    );
  });
});
