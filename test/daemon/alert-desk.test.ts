import { beforeEach, describe, expect, it } from "vitest";
import type { Alert } from "../../src/alerts/alert.ts";
import { AlertDesk, type AlertRules, OUTCOME_WITHIN_MS } from "../../src/daemon/alert-desk.ts";
import type { Campaign } from "../../src/model/campaign.ts";
import type { HealthProblem } from "../../src/model/health.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { campaign, group } from "./campaigns.ts";

const EVERYTHING = new Set(["opened", "convicted", "closed", "health"] as const);
const HOUR_MS = 3_600_000;

let clock: FakeClock;
let delivered: Alert[];
beforeEach(() => {
  clock = new FakeClock(new Date(2026, 10, 22, 12, 0).getTime());
  delivered = [];
});

function open(rules: Partial<AlertRules> = {}): AlertDesk {
  const all = { occasions: EVERYTHING, quiet: undefined, limit: 20, ...rules };
  return new AlertDesk(all, { clock, deliver: (alert) => void delivered.push(alert) });
}

const scan = (id: string, more: Partial<Campaign> = {}) =>
  campaign({ id, verdict: "scan", reason: "4 unused ports", evidence: "alive", ...more });

/** Convicts it and lets the time for its outcome pass. */
function convict(desk: AlertDesk, story: Campaign, isStory = true): void {
  desk.campaign("convicted", () => story, isStory);
  clock.advance(OUTCOME_WITHIN_MS);
  desk.tick();
}

const titles = () => delivered.map(({ kind, title }) => `${kind}: ${title}`);

const problem = (severity: HealthProblem["severity"], code = "hook-failed"): HealthProblem =>
  ({ code, severity, text: "A.", action: "B.", sinceEpochMs: 0 }) as HealthProblem;

describe("AlertDesk", () => {
  it("tells one alert a change, however often the change is told", () => {
    const desk = open();
    desk.campaign("opened", () => campaign(), false);
    for (let times = 0; times < 3; times++) {
      convict(desk, scan("c-1"));
      desk.campaign("updated", () => scan("c-1"), true);
      desk.campaign("closed", () => scan("c-1"), true);
    }
    expect(titles()).toEqual([
      "opened: Probes by 198.51.100.7",
      "convicted: Scan by 198.51.100.7",
      "closed: Scan is over: 198.51.100.7",
    ]);
  });

  it("says what was done about a scan, and on what evidence", () => {
    const desk = open();
    desk.campaign("convicted", () => scan("c-1", { evidence: "claimed" }), true);
    const untilEpochMs = Date.parse("2026-11-22T14:00:00Z");
    desk.raised({ campaignId: "c-1", evidence: "proven" } as never, true);
    desk.outcome(
      { act: "ban", ban: { campaignId: "c-1", untilEpochMs } } as never,
      { status: "applied" },
      [],
    );
    clock.advance(OUTCOME_WITHIN_MS - 1);
    desk.tick();
    expect(delivered).toEqual([]);
    clock.advance(1);
    desk.tick();
    expect(delivered).toMatchObject([
      {
        text: "198.51.100.7 scans (SYN): 4 unused ports; banned until 2026-11-22 14:00:00 UTC",
        facts: { evidence: "proven", outcome: "banned", until: "2026-11-22T14:00:00.000Z" },
        details: { campaign: { id: "c-1", evidence: "proven", over: false } },
      },
    ]);
  });

  it("is silent on what people are told of otherwise, and on what is not asked for", () => {
    const desk = open({ occasions: new Set(["convicted"]) });
    desk.campaign("opened", () => campaign(), false);
    convict(desk, scan("c-1"), false);
    desk.campaign("closed", () => scan("c-1"), true);
    desk.health(problem("error"), "raised");
    expect(delivered).toEqual([]);
  });

  it("takes several sources of one block for one", () => {
    const desk = open();
    const story = group({ convicted: 2, evidence: "alive" });
    desk.group("convicted", () => story, true);
    desk.group("convicted", () => ({ ...story, sources: 4 }), true);
    desk.group("closed", () => story, true);
    expect(titles()).toEqual([
      "convicted: Scan by several addresses of 198.51.100.0/24",
      "closed: Scan is over: several addresses of 198.51.100.0/24",
    ]);
  });

  it("tells no more in an hour than the limit, and then how many more there were", () => {
    const desk = open({ limit: 3 });
    for (let each = 0; each < 8; each++) convict(desk, scan(`c-${each}`));
    expect(titles()).toHaveLength(3);
    // The first that was withheld was the fourth: four more have waited for their outcome since.
    clock.advance(HOUR_MS - 4 * OUTCOME_WITHIN_MS - 1);
    desk.tick();
    expect(titles()).toHaveLength(3);
    clock.advance(1);
    desk.tick();
    desk.tick();
    expect(titles().slice(3)).toEqual(["summary: 5 alerts more in the last hour"]);
    expect(delivered.at(-1)?.facts.count).toBe(5);
  });

  it("leaves forged sources half of the limit", () => {
    const desk = open({ limit: 4 });
    for (let each = 0; each < 50; each++) {
      desk.campaign("convicted", () => scan(`f-${each}`, { evidence: "claimed" }), true);
    }
    convict(desk, scan("c-1", { evidence: "alive" }));
    expect(delivered.map(({ facts }) => facts.campaign)).toEqual(["f-0", "f-1", "c-1"]);
  });

  it("gathers what happens in quiet hours, and tells it in one at their end", () => {
    const desk = open({ quiet: { fromMinute: 12 * 60, toMinute: 13 * 60 }, limit: 1 });
    for (let each = 0; each < 5; each++) convict(desk, scan(`c-${each}`));
    desk.health(problem("warning"), "raised");
    expect(delivered).toEqual([]);
    clock.advance(HOUR_MS);
    desk.tick();
    desk.tick();
    expect(titles()).toEqual(["summary: 6 alerts during quiet hours"]);
    expect(delivered[0]?.text.split("\n")).toHaveLength(6);
    expect(delivered[0]?.facts.count).toBe(6);
  });

  it("is bounded in quiet hours, and says how many more there were", () => {
    const desk = open({ quiet: { fromMinute: 12 * 60, toMinute: 13 * 60 } });
    for (let each = 0; each < 300; each++) {
      desk.campaign("opened", () => scan(`c-${each}`), true);
    }
    clock.advance(HOUR_MS);
    desk.tick();
    expect(titles()).toEqual(["summary: 300 alerts during quiet hours"]);
    expect(delivered[0]?.text).toMatch(/\n250 more: vedette campaigns, vedette history$/);
  });

  it("says at once that nothing is guarded, whatever the hour, and never of itself", () => {
    const desk = open({ quiet: { fromMinute: 12 * 60, toMinute: 13 * 60 } });
    desk.health(problem("error", "table-failed"), "raised");
    desk.health(problem("error", "alert-webhook-failed"), "raised");
    expect(titles()).toEqual(["health: error: table-failed"]);
  });

  it("says by the other ways that a file of one is refused", () => {
    open().health(problem("warning", "alert-file-refused"), "raised");
    expect(titles()).toEqual(["health: warning: alert-file-refused"]);
  });

  it("keeps no scanner's alerts from those of health", () => {
    const desk = open({ limit: 1 });
    convict(desk, scan("c-1"));
    convict(desk, scan("c-2"));
    desk.health(problem("warning"), "raised");
    expect(titles().at(-1)).toBe("health: warning: hook-failed");
  });

  it("tells at the end what waited for an outcome", () => {
    const desk = open();
    desk.campaign("convicted", () => scan("c-1"), true);
    desk.close();
    expect(titles()).toEqual(["convicted: Scan by 198.51.100.7"]);
  });
});
