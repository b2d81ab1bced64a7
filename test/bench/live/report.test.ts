import { describe, expect, it } from "vitest";
import { formatReport } from "../../../bench/live/report.ts";
import { formatNumber } from "../../../bench/live/report-table.ts";
import { makeResults } from "./made-results.ts";

/** Lines of the page that begin so. */
function linesOf(page: string, start: string): string[] {
  return page.split("\n").filter((line) => line.startsWith(start));
}

const PAGE = formatReport(
  makeResults({
    "web.pace": {
      none: [10_000, 12_000, 11_000],
      vedette: [9_900, 12_000, 10_780],
      scanlogd: [8_000, null, 8_800],
    },
    "leak.services": { none: [10, 10, 10], vedette: [0, 0, 1], scanlogd: [10, 10, 10] },
    "idle.memory": { none: [null, null, null], vedette: [90, 91, 92], scanlogd: [1.5, 1.5, 1.5] },
  }),
);

describe("formatReport", () => {
  it("has the machine, its programs and its load in the head", () => {
    expect(PAGE).toContain(
      `Measured 2026-11-23T20:00:00Z at revision 0123abc: 2 × Example 1, 8 GiB,
Linux 6.1.0, Debian GNU/Linux 12 (bookworm); wrk 4.1.0, nmap 7.93.
Load average before the first round 0.5, after the last 2.25.`,
    );
  });

  it("has no tool in the head that is not there", () => {
    const results = makeResults({});
    const machine = { ...results.machine, tools: { wrk: "unknown", nmap: "7.93" } };
    expect(formatReport({ ...results, machine })).toContain("(bookworm); nmap 7.93.\n");
  });

  it("names who took part, with version and setting", () => {
    expect(linesOf(PAGE, "- **")).toEqual([
      "- **no guard**: the machine alone",
      "- **Vedette** 0.1.0: defaults",
      "- **scanlogd** 2.2.8: Debian's",
    ]);
  });

  it("tells medians with quartiles, and ratios of the same round", () => {
    expect(linesOf(PAGE, "| new connections")).toEqual([
      "| new connections, a second (more is better) | 11,000 (10,500–11,500) | " +
        "10,780 (10,340–11,390) | 8,400 (8,200–8,600); 2 rounds |",
      "| new connections | 0.990 (0.985–0.995) | 0.800 |",
    ]);
  });

  it("has no ratio of what has no meaning without a guard, and a dash where nothing was measured", () => {
    expect(linesOf(PAGE, "| memory")).toEqual([
      "| memory, MB (less is better) | - | 91 (90.5–91.5) | 1.5 |",
    ]);
  });

  it("says how many rounds a line has that was not measured in all of them", () => {
    const page = formatReport(
      makeResults({ "idle.memory": { vedette: [90, null, 92], scanlogd: [2, null, null] } }),
    );
    expect(linesOf(page, "| memory")).toEqual([
      "| memory, MB (less is better; 2 rounds) | - | 91 (90.5–91.5) | 2; 1 round |",
    ]);
  });

  it("has the notes of what was measured behind the table", () => {
    const results = makeResults({ "idle.memory": { vedette: [90, 91, 92] } });
    const measures = results.measures.map((each) => ({ ...each, note: `Of ${each.id}.` }));
    const page = formatReport({ ...results, measures });
    expect(page).toContain("|\n\n**memory**: Of idle.memory.\n");
    expect(page).not.toContain("Of web.pace.");
  });

  it("says where a peer is ahead, and only there", () => {
    const [, ahead] = PAGE.split("## Where another is ahead\n\n");
    expect(ahead).toBe("- scanlogd, memory: 1.5 MB; Vedette 91.\n");
  });

  it("says that nobody is ahead where quartiles meet", () => {
    const page = formatReport(
      makeResults({
        "idle.memory": { vedette: [1, 2, 3], scanlogd: [1, 1.5, 2] },
      }),
    );
    expect(page).toContain("Nobody: no number of another stands apart");
  });
});

describe("formatNumber", () => {
  it.each([
    { value: 0, places: undefined, text: "0" },
    { value: 0.012345, places: undefined, text: "0.0123" },
    { value: 99.95, places: undefined, text: "100" },
    { value: 100.4, places: undefined, text: "100" },
    { value: 11_877.4, places: undefined, text: "11,877" },
    { value: 0.9, places: 3, text: "0.900" },
  ])("writes $value as $text", ({ value, places, text }) => {
    expect(formatNumber(value, places)).toBe(text);
  });
});
