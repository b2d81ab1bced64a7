import { describe, expect, it } from "vitest";
import type { CampaignView, EventView } from "../../../src/api/contract.ts";
import { readReport } from "../../../src/cli/report/read-report.ts";
import { formatPage } from "../../../src/cli/report/report-page.ts";
import { formatReport } from "../../../src/cli/report/report-text.ts";
import { type ReportInput, summarize } from "../../../src/cli/report/summary.ts";
import { OperationalError } from "../../../src/errors.ts";
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
    hours: [],
    bans: [BAN],
    isCut: false,
    fault: null,
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

  const hour = (at: string, probes: number, bans = 0) => ({ at, probes, verdicts: bans, bans });

  it("puts what was counted in an hour into its column, and says where nobody counted", () => {
    const hours = [
      hour("2026-11-22T10:00:00.000Z", 30),
      hour("2026-11-22T12:00:00.000Z", 0),
      hour("2026-11-22T13:00:00.000Z", 5, 1),
    ];
    const summary = summarize(inputOf({ sinceEpochMs: NOW - 3 * HOUR, hours }));
    expect(
      summary.columns.map((column) => [column.probes, column.bans, column.uncountedHours]),
    ).toEqual([
      [30, 0, 0],
      [0, 0, 1],
      [0, 0, 0],
      [5, 1, 0],
    ]);
    const missing = "Nobody counted in 1 of these 4 hours: no guard ran, or none that kept count.";
    expect(formatReport(summary, "UTC")).toContain(missing);
    expect(formatPage(summary, "UTC")).toContain(missing);
    expect(formatPage(summary, "UTC")).toContain("2026-11-22 11:00: nobody counted");
  });

  it("says nothing of hours that were all counted, and makes nothing of a long campaign", () => {
    const hours = [11, 12, 13].map((at) => hour(`2026-11-22T${at}:00:00.000Z`, 0));
    const campaigns = [{ ...CAMPAIGN, packets: 30, first: "2026-11-22T10:30:00.000Z" }];
    const summary = summarize(inputOf({ sinceEpochMs: NOW - 2 * HOUR, hours, campaigns }));
    expect(summary.columns.map(({ probes }) => probes)).toEqual([0, 0, 0]);
    expect(formatReport(summary, "UTC")).not.toContain("Nobody counted");
  });

  it("adds up the hours of a wide column", () => {
    const hours = ["08", "09", "10"].map((at) => hour(`2026-11-22T${at}:00:00.000Z`, 7, 1));
    const { columns } = summarize(inputOf({ sinceEpochMs: NOW - 100 * HOUR, hours }));
    const probed = columns.filter(({ probes }) => probes > 0);
    expect(
      probed.map(({ probes, bans, uncountedHours }) => [probes, bans, uncountedHours]),
    ).toEqual([
      [14, 2, 0],
      [7, 1, 1],
    ]);
  });
});

describe("readReport", () => {
  it("says that nothing is known of a past that cannot be read, and how things stand", async () => {
    const operator = new FakeOperator();
    const unread = async (): Promise<never> => {
      throw new OperationalError("ERR_JOURNAL", "the history cannot be read.");
    };
    const asked = {
      stories: { ...operator.stories, campaigns: unread },
      status: () => operator.status(),
      bans: () => operator.bans(1, undefined),
    };
    const summary = summarize(await readReport(asked, NOW - HOUR, NOW));
    expect(summary).toMatchObject({
      fault: "the history cannot be read.",
      sentence: STATUS.sentence,
    });
    for (const text of [formatReport(summary, "UTC"), formatPage(summary, "UTC")]) {
      expect(text).toContain("What happened is not known: the history cannot be read.");
      expect(text).not.toMatch(/Nobody (probed|counted)|class="tiles"/);
    }
  });

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
