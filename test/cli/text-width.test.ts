import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatTable } from "../../src/cli/table.ts";
import { cutToWidth, widthOf } from "../../src/cli/text-width.ts";
import { fitTable } from "../../src/cli/watch/fit-table.ts";

describe("widthOf", () => {
  it.each([
    ["", 0],
    ["192.0.2.7", 9],
    ["Zürich", 6],
    // The same letter as u and a mark.
    ["Zu\u0308rich", 6],
    ["日本", 4],
    ["スキャン", 8],
    ["ｽｷｬﾝ", 4],
    ["ー・", 4],
    ["（注）", 6],
    ["한국", 4],
    // The same two blocks as their letters.
    ["한국".normalize("NFD"), 4],
    ["🚫", 2],
    ["🇯🇵", 2],
    ["👍🏽", 2],
    ["❤", 1],
    ["❤\ufe0f", 2],
    ["Москва", 6],
    ["…·▁█", 4],
    ["नमस्ते", 4],
  ])("of %s is %i", (text, width) => {
    expect(widthOf(text)).toBe(width);
  });
});

describe("cutToWidth", () => {
  it.each([
    ["日本語", 5, "日本"],
    ["日本語", 4, "日本"],
    ["日本語", 1, ""],
    ["u\u0308ber", 1, "u\u0308"],
    ["🇯🇵🇳🇱", 3, "🇯🇵"],
    ["abc", 2, "ab"],
  ])("of %s to %i columns is %s", (text, width, shown) => {
    expect(cutToWidth(text, width)).toBe(shown);
  });

  it("is never wider than asked, and the beginning of the text", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), fc.nat(12), (text, width) => {
        const shown = cutToWidth(text, width);
        expect(text.startsWith(shown)).toBe(true);
        expect(widthOf(shown)).toBeLessThanOrEqual(width);
      }),
    );
  });
});

describe("tables with wide letters", () => {
  const rows = [
    ["東京の会社", "1", "a reason"],
    ["Zu\u0308rich", "22", "another 🚫 reason"],
    ["plain", "333", "理由理由理由理由理由理由"],
  ];

  /** Where the second column ends, in columns of the terminal. */
  const endsOf = (lines: readonly string[], ends: readonly string[]) =>
    lines.map((line, index) => {
      const end = ends[index] ?? "";
      return widthOf(line.slice(0, line.indexOf(end) + end.length));
    });

  it("are aligned, and cut between letters", () => {
    const columns = [
      { title: "NAME" },
      { title: "N", align: "right" },
      { title: "WHY", mayShrink: true },
    ] as const;
    const [, ...lines] = formatTable(columns, rows, 37).split("\n");
    expect(endsOf(lines, ["1", "22", "333"])).toEqual([15, 15, 15]);
    expect(lines[2]).toMatch(/理…$/);
    for (const line of lines) expect(widthOf(line)).toBeLessThanOrEqual(37);
  });

  it("are aligned in the live view, too", () => {
    const columns = [
      { title: "NAME", priority: 0 },
      { title: "N", priority: 0, align: "right" },
      { title: "WHY", priority: 1, fills: true },
    ] as const;
    const [, ...lines] = fitTable(columns, rows, 40);
    expect(endsOf(lines, ["1", "22", "333"])).toEqual([15, 15, 15]);
    for (const line of lines) expect(widthOf(line)).toBeLessThanOrEqual(40);
  });
});
