import { describe, expect, it } from "vitest";
import type { CampaignView, EventView } from "../../../src/api/contract.ts";
import { readReport } from "../../../src/cli/report/read-report.ts";
import { type ReportInput, summarize } from "../../../src/cli/report/summary.ts";
import { BAN, CAMPAIGN, FakeOperator, STATUS, VERDICT } from "../../api/fake-operator.ts";

const NOW = Date.parse("2026-11-22T13:04:00.000Z");
const HOUR = 3_600_000;

function inputOf(more: Partial<ReportInput> = {}): ReportInput {
  return {
    sinceEpochMs: NOW - 24 * HOUR,
    nowEpochMs: NOW,
    status: STATUS,
    campaigns: [CAMPAIGN],
    banEvents: [{ ...VERDICT, kind: "ban" }],
    bans: [BAN],
    isCut: false,
    ...more,
  };
}

const tcp = (...ranges: [number, number][]): CampaignView["ports"] => [
  { transport: "tcp", ranges },
];

describe("summarize", () => {
  it("adds up what happened", () => {
    const other = { ...CAMPAIGN, id: "c2", address: "192.0.2.8", packets: 10, verdict: "benign" };
    const summary = summarize(inputOf({ campaigns: [CAMPAIGN, other as CampaignView] }));
    expect(summary).toMatchObject({ probes: 14, campaigns: 2, scans: 1, sources: 2, bansMade: 1 });
    expect(summary.topSources).toEqual([
      { name: "192.0.2.8", count: 10 },
      { name: "192.0.2.7", count: 4 },
    ]);
    expect(summary.stories.map(({ id }) => id)).toEqual(["c1", "c2"]);
  });

  it("counts a port once for each campaign, ends of ranges included, up to the last port", () => {
    const campaigns = [
      { ...CAMPAIGN, ports: tcp([22, 23], [65_535, 65_535]) },
      { ...CAMPAIGN, ports: tcp([23, 24], [65_530, 65_535]) },
    ];
    const { ports } = summarize(inputOf({ campaigns }));
    expect(ports.slice(0, 3)).toEqual([
      { name: "tcp 23", count: 2 },
      { name: "tcp 65535", count: 2 },
      { name: "tcp 22", count: 1 },
    ]);
    expect(ports).toHaveLength(9);
  });

  it.each([
    { hours: 1, columnHours: 1 },
    { hours: 72, columnHours: 1 },
    { hours: 73, columnHours: 2 },
    { hours: 720, columnHours: 10 },
  ])("shows $hours h in columns of $columnHours h", ({ hours, columnHours }) => {
    const { columns, columnMs } = summarize(inputOf({ sinceEpochMs: NOW - hours * HOUR }));
    expect(columnMs).toBe(columnHours * HOUR);
    expect(columns.length).toBeLessThanOrEqual(74);
    expect(columns.at(-1)?.fromEpochMs).toBeLessThanOrEqual(NOW);
    expect((columns.at(-1)?.fromEpochMs ?? 0) + columnMs).toBeGreaterThan(NOW);
  });

  it("spreads probes over the hours of their campaign, and puts a ban into its own", () => {
    const campaign = {
      ...CAMPAIGN,
      packets: 30,
      first: "2026-11-22T10:30:00.000Z",
      last: "2026-11-22T12:10:00.000Z",
    };
    const { columns } = summarize(inputOf({ campaigns: [campaign] }));
    expect(columns.slice(-4).map(({ probes, bans }) => [probes, bans])).toEqual([
      [10, 0],
      [10, 0],
      [10, 0],
      [0, 1],
    ]);
  });

  it("takes what began before the span into its first column", () => {
    const campaign = {
      ...CAMPAIGN,
      first: "2026-11-01T00:00:00.000Z",
      last: "2026-11-01T00:00:00.000Z",
    };
    expect(summarize(inputOf({ campaigns: [campaign] })).columns[0]?.probes).toBe(4);
  });
});

describe("readReport", () => {
  it("counts a ban that was lengthened once, when it was made", async () => {
    const operator = new FakeOperator();
    const ban = (id: number, at: string): EventView => ({ ...VERDICT, id, at, kind: "ban" });
    const stories = {
      ...operator.stories,
      history: async () => [
        ban(9, "2026-11-22T13:03:02.000Z"),
        ban(8, "2026-11-22T13:03:00.000Z"),
        { ...ban(7, "2026-11-22T12:00:00.000Z"), campaign: null },
      ],
    };
    const asked = {
      stories,
      status: () => operator.status(),
      bans: (limit: number, after: string | undefined) => operator.bans(limit, after),
    };
    const { banEvents, isCut } = await readReport(asked, NOW - HOUR, NOW);
    expect(banEvents.map(({ id }) => id).sort()).toEqual([7, 8]);
    expect(isCut).toBe(false);
  });
});
