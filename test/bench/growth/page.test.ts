import { describe, expect, it } from "vitest";
import { figureOf, formatGrowth, keepGrowth, withGrowth } from "../../../bench/growth/page.ts";
import type { GrowthResults } from "../../../bench/growth/results.ts";
import type { Subject } from "../../../bench/growth/subject.ts";
import { makeResults } from "../live/made-results.ts";

const SUBJECT: Subject = {
  name: "bans",
  title: "Bans in force",
  sizeTitle: "bans",
  x: "logarithmic",
  sizes: [100, 1000],
  quickSizes: [100],
  groups: [
    { title: "time, ms", y: "logarithmic", curves: [{ id: "add", title: "add one" }] },
    { title: "memory, MB", y: "linear", curves: [{ id: "guard", title: "guard" }] },
  ],
  words: "Made of copies.",
  bends: (points) => [`Of ${points.length} sizes.`, ""],
  measure: async () => ({}),
};

const spread = (median: number) => ({ median, low: median, high: median });

const RESULTS: GrowthResults = {
  version: 1,
  machine: makeResults({}).machine,
  settings: { seconds: 5, questions: 15 },
  subjects: {
    bans: [
      { size: 100, numbers: { add: spread(11.76), guard: spread(150) } },
      { size: 1000, numbers: { guard: spread(151) } },
    ],
  },
};

describe("formatGrowth", () => {
  const section = formatGrowth(RESULTS, [SUBJECT, { ...SUBJECT, name: "other" }], "benchmarks");

  it("has a figure and a table of each subject that was measured, and of no other", () => {
    expect(section).toContain(
      "### Bans in force\n\n![Bans in force: time, ms; memory, MB](benchmarks/growth-bans.svg)\n\nMade of copies.\n\n**Why the curves run so.** Of 2 sizes.\n\n| bans",
    );
    expect(section.split("\n").filter((line) => line.startsWith("|"))).toEqual([
      "| bans | add one (time, ms) | guard (memory, MB) |",
      "| --- | --- | --- |",
      "| 100 | 11.8 | 150 |",
      "| 1,000 | - | 151 |",
    ]);
  });

  it("leaves out a curve of which the run has no number", () => {
    const [group] = SUBJECT.groups;
    const newer = { id: "later", title: "later" };
    const groups = [{ title: "time, ms", y: "linear", curves: [...(group?.curves ?? []), newer] }];
    const text = formatGrowth(RESULTS, [{ ...SUBJECT, groups } as Subject], "benchmarks");
    expect(text).toContain("| bans | add one (time, ms) |\n");
  });

  it("has the machine in its head, and of its programs those that play a part", () => {
    expect(section).toContain("Load average before the first round 0.5");
    const tools = { Node: "26.10.0", iperf3: "unknown", nmap: "7.93", nftables: "1.0.6" };
    const machine = { ...RESULTS.machine, tools };
    expect(formatGrowth({ ...RESULTS, machine }, [SUBJECT], "benchmarks")).toContain(
      "; Node 26.10.0, nftables 1.0.6.\n",
    );
  });
});

describe("figureOf", () => {
  it("leaves out what was not measured, and draws the rest", () => {
    const svg = figureOf(SUBJECT, RESULTS.subjects["bans"] ?? []);
    expect(svg.match(/<title>add one: /g)).toHaveLength(1);
    expect(svg.match(/<title>guard: /g)).toHaveLength(2);
  });
});

describe("the section in its page", () => {
  const old = "## How it grows\n\nold\n";
  const page = "# Benchmarks\n\ntext\n";

  it("is added at the end, or takes the place of the one that is there", () => {
    expect(withGrowth(page, "## How it grows\n\nnew\n")).toBe(`${page}\n## How it grows\n\nnew\n`);
    expect(withGrowth(`${page}\n${old}`, "## How it grows\n\nnew\n")).toBe(
      `${page}\n## How it grows\n\nnew\n`,
    );
    expect(withGrowth("", old)).toBe(old);
  });

  it("stays when the rest of the page is made anew", () => {
    expect(keepGrowth("# Benchmarks\n\nother\n", `${page}\n${old}`)).toBe(
      `# Benchmarks\n\nother\n\n${old}`,
    );
    expect(keepGrowth(page, "# Benchmarks\n")).toBe(page);
  });
});
