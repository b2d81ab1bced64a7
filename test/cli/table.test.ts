import { describe, expect, it } from "vitest";
import type { Column } from "../../src/cli/table.ts";
import { formatTable } from "../../src/cli/table.ts";

const COLUMNS: readonly Column[] = [
  { title: "ADDRESS" },
  { title: "LEFT", align: "right" },
  { title: "REASON", mayShrink: true },
];

const ROWS = [
  ["192.0.2.7", "59 min", "3 unused ports within 2 s: tcp 22, 23, 25"],
  ["2001:db8:1234:5678::/64", "1 h", "by command"],
];

describe("formatTable", () => {
  it("makes columns as wide as their content", () => {
    expect(formatTable(COLUMNS, ROWS, undefined)).toBe(
      [
        "ADDRESS                    LEFT  REASON",
        "192.0.2.7                59 min  3 unused ports within 2 s: tcp 22, 23, 25",
        "2001:db8:1234:5678::/64     1 h  by command",
      ].join("\n"),
    );
  });

  it("cuts the column that may shrink to the terminal, and nothing else", () => {
    expect(formatTable(COLUMNS, ROWS, 60)).toBe(
      [
        "ADDRESS                    LEFT  REASON",
        "192.0.2.7                59 min  3 unused ports within 2 s:…",
        "2001:db8:1234:5678::/64     1 h  by command",
      ].join("\n"),
    );
  });

  it.each([
    { width: 74, longest: 74 },
    { width: 73, longest: 73 },
    { width: 53, longest: 53 },
    { width: 52, longest: 53 },
    { width: 1, longest: 53 },
  ])("on $width columns has lines of up to $longest", ({ width, longest }) => {
    const lines = formatTable(COLUMNS, ROWS, width).split("\n");
    expect(Math.max(...lines.map((line) => line.length))).toBe(longest);
  });

  it.each([
    { width: 21, titles: "ADDRESS REASON BY" },
    { width: 20, titles: "ADDRESS BY" },
    { width: 13, titles: "ADDRESS BY" },
    { width: 12, titles: "ADDRESS" },
    { width: 1, titles: "ADDRESS" },
  ])("on $width columns has $titles, as columns may leave", ({ width, titles }) => {
    const columns = [
      { title: "ADDRESS" },
      { title: "REASON", leaves: 1 },
      { title: "BY", leaves: 2 },
    ];
    const [head] = formatTable(columns, [["192.0.2.7", "a scan", "me"]], width).split("\n");
    expect(head?.split(/ +/).join(" ")).toBe(titles);
  });

  it("does not make a narrow column wider", () => {
    const table = formatTable([{ title: "A", mayShrink: true }], [["b"]], 1);
    expect(table).toBe("A\nb");
  });

  it("shows its titles when there are no rows", () => {
    expect(formatTable(COLUMNS, [], 80)).toBe("ADDRESS  LEFT  REASON");
  });

  it("keeps a row on its line, whatever stands in a cell", () => {
    const table = formatTable([{ title: "A" }], [["x\n203.0.113.1\u001b[2J\u202Ey\u009b"]], 80);
    expect(table).toBe("A\nx\\x0a203.0.113.1\\x1b[2J\\u{202e}y\\x9b");
  });
});
