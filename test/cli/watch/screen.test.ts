import { describe, expect, it } from "vitest";
import type { ActivityView, BanView, CampaignView } from "../../../src/api/contract.ts";
import { fitTable } from "../../../src/cli/watch/fit-table.ts";
import { heatStrip } from "../../../src/cli/watch/heat-strip.ts";
import { formatCountdown, layOut } from "../../../src/cli/watch/screen.ts";
import { FIRST_STATE, type WatchState, withCampaigns } from "../../../src/cli/watch/watch-state.ts";
import { BAN, CAMPAIGN, STATUS, WHY } from "../../api/fake-operator.ts";

const NOW = Date.parse("2026-11-22T13:04:00.000Z");
const LOOKS = { isUtf8: true, nowEpochMs: NOW };

const ACTIVITY: ActivityView = {
  minutes: [],
  ports_since: "2026-11-22T13:00:00.000Z",
  ports: [{ transport: "tcp", port: 22, probes: 14 }],
  heat: [
    { first: 0, last: 63, probes: 14 },
    { first: 64, last: 65_535, probes: 0 },
  ],
  grid: { minutes: [], bands: [], counts: [] },
  tools: [],
};

function stateOf(more: Partial<WatchState> = {}): WatchState {
  return {
    ...FIRST_STATE,
    live: {
      kind: "status",
      at: "2026-11-22T13:04:00.000Z",
      status: STATUS,
      rates: {
        probes_per_second: 12.4,
        verdicts_per_second: 0,
        holds_per_second: 1,
        dropped_per_second: 300,
      },
    },
    campaigns: [{ campaign: CAMPAIGN, more: 3 }],
    bans: [BAN],
    activity: ACTIVITY,
    ...more,
  };
}

const textOf = (state: WatchState, columns: number, rows: number, looks = LOOKS) =>
  layOut(state, { columns, rows }, looks).map(({ text }) => text);

describe("layOut", () => {
  it("shows state, rates, heat, campaigns and bans on a terminal of 100 by 24", () => {
    expect(textOf(stateOf(), 100, 24).join("\n").trimEnd()).toBe(
      [
        "vedette  guarding  banned 1  held 2  campaigns 2",
        "Guarding TCP and UDP: 1 source is banned.",
        "probes 12/s  scans 0/s  holds 1/s  dropped 300/s",
        "ports 0 █  65535",
        "tcp 22 x14",
        "> Campaigns (1)",
        "  ADDRESS    PROBES  GREW  PORTS  OUTCOME  VERDICT  TOOL  EVIDENCE  STORY",
        "> 192.0.2.7       4    +3      3  banned   scan     nmap  proven    192.0.2.7 scanned 3 ports within",
        ...Array.from({ length: 9 }, () => ""),
        "  Bans (1)",
        "  ADDRESS    ENDS IN  EVIDENCE  BY        REASON",
        "  192.0.2.7    59:00  proven    detector  3 unused ports within 2 s: tcp 22, 23, 25",
        "",
        "",
        "",
        "b ban  u unban  t trust  w why  tab  q",
      ].join("\n"),
    );
  });

  it("shows one list at a time on the smallest terminal", () => {
    const campaigns = textOf(stateOf(), 40, 10);
    expect(campaigns).toHaveLength(10);
    expect(campaigns.slice(4, 7)).toEqual([
      "> Campaigns (1)",
      "  ADDRESS    PROBES  GREW  OUTCOME",
      "> 192.0.2.7       4    +3  banned",
    ]);
    const bans = textOf(stateOf({ pane: "bans" }), 40, 10);
    expect(bans.slice(4, 7)).toEqual([
      "> Bans (1)",
      "  ADDRESS    ENDS IN  EVIDENCE  BY",
      "> 192.0.2.7    59:00  proven    detector",
    ]);
  });

  it.each([
    { columns: 39, rows: 10 },
    { columns: 40, rows: 9 },
  ])("says that $columns by $rows is too small", ({ columns, rows }) => {
    expect(textOf(stateOf(), columns, rows)[0]).toBe("too small: 40x10 needed");
  });

  it.each([19, 20])("has one list below 20 rows and both from there on: %i", (rows) => {
    const titles = textOf(stateOf(), 80, rows).filter((text) => /^[> ] (?:Camp|Bans)/.test(text));
    expect(titles).toHaveLength(rows < 20 ? 1 : 2);
  });

  it("fits every size, whatever was sent", () => {
    const nasty = `\x1b[2J\u202e${"x".repeat(300)}日本\n`;
    const campaign: CampaignView = { ...CAMPAIGN, address: nasty, story: nasty, tool: nasty };
    const ban: BanView = { ...BAN, address: nasty, reason: nasty };
    const states = [
      stateOf({
        campaigns: Array.from({ length: 50 }, () => ({ campaign, more: 1 })),
        bans: Array.from({ length: 50 }, () => ban),
      }),
      stateOf({ gone: nasty }),
      stateOf({ message: nasty }),
      stateOf({ question: { act: "ban", address: nasty } }),
      stateOf({ story: { lines: [nasty, nasty], top: 0 } }),
      FIRST_STATE,
    ];
    for (const state of states) {
      for (const [columns, rows] of [
        [1, 1],
        [40, 10],
        [57, 19],
        [200, 60],
      ] as const) {
        const lines = textOf(state, columns, rows);
        expect(lines).toHaveLength(rows);
        for (const text of lines) {
          expect([...text].length).toBeLessThanOrEqual(columns);
          expect(text).not.toMatch(/\p{Cc}|\p{Cf}/u);
        }
      }
    }
  });

  it("has nothing but ASCII where the locale has no more", () => {
    const lines = textOf(stateOf({ message: "é…█" }), 60, 24, { ...LOOKS, isUtf8: false });
    expect(lines.join("")).toMatch(/^[\x20-\x7e]*$/);
  });

  it("keeps the selected row in sight", () => {
    const campaigns = Array.from({ length: 100 }, (_, index) => ({
      campaign: { ...CAMPAIGN, id: `c${index}`, address: `198.51.100.${index}` },
      more: 0,
    }));
    for (const at of [0, 50, 99]) {
      const state = stateOf({ campaigns, selected: { campaigns: `c${at}`, bans: undefined } });
      const chosen = layOut(state, { columns: 80, rows: 12 }, LOOKS).filter(
        ({ style }) => style === "selected",
      );
      expect(chosen.map(({ text }) => text.split(/ +/)[1])).toEqual([`198.51.100.${at}`]);
    }
  });

  it("says that the guard is gone, and keeps what it knew", () => {
    const lines = textOf(stateOf({ gone: "no guard is listening" }), 80, 24);
    expect(lines[1]).toBe("no guard is listening");
    expect(lines.join("\n")).toContain("192.0.2.7");
  });

  it("shows a story in place of everything", () => {
    const lines = textOf(stateOf({ story: { lines: [WHY.summary, "more"], top: 1 } }), 80, 10);
    expect(lines[0]).toBe("more");
    expect(lines.at(-1)).toBe("up/down move   q back");
  });
});

describe("withCampaigns", () => {
  it("counts what came since the reading before", () => {
    const first = withCampaigns(FIRST_STATE, [CAMPAIGN]);
    expect(first.campaigns[0]?.more).toBe(0);
    const next = withCampaigns(first, [
      { ...CAMPAIGN, packets: 10 },
      { ...CAMPAIGN, id: "c2", packets: 5 },
    ]);
    expect(next.campaigns.map(({ more }) => more)).toEqual([6, 5]);
  });
});

describe("formatCountdown", () => {
  it.each([
    { seconds: -1, text: "0:00" },
    { seconds: 59, text: "0:59" },
    { seconds: 60, text: "1:00" },
    { seconds: 3599, text: "59:59" },
    { seconds: 3600, text: "1:00:00" },
    { seconds: 172_799, text: "47:59:59" },
    { seconds: 172_800, text: "2d 0h" },
  ])("writes $seconds s as $text", ({ seconds, text }) => {
    expect(formatCountdown(seconds)).toBe(text);
  });
});

describe("fitTable", () => {
  const columns = [
    { title: "A", priority: 0 },
    { title: "N", priority: 1, align: "right" as const },
    { title: "TEXT", priority: 2, fills: true },
  ];
  const rows = [["192.0.2.7", "12", "x".repeat(30)]];
  it.each([
    { width: 8, row: "192.0.2." },
    { width: 12, row: "192.0.2.7" },
    { width: 13, row: "192.0.2.7  12" },
    { width: 34, row: "192.0.2.7  12" },
    { width: 35, row: `192.0.2.7  12  ${"x".repeat(20)}` },
    { width: 99, row: `192.0.2.7  12  ${"x".repeat(30)}` },
  ])("shows in $width columns: $row", ({ width, row }) => {
    expect(fitTable(columns, rows, width)[1]).toBe(row);
  });
});

describe("heatStrip", () => {
  const heat = [0, 1, 1000, 0].map((probes, index) => ({ first: index, last: index, probes }));
  it("shows one probe beside a thousand", () => {
    expect(heatStrip(heat, 80, true)).toBe("ports 0  ▁█  65535");
  });
  it("has marks for ASCII, and puts bands together where there is no room", () => {
    expect(heatStrip(heat, 16, false)).toBe("ports 0 .@ 65535");
  });
});
