import { describe, expect, it } from "vitest";
import type { CampaignView, LiveEvent } from "../../src/api/contract.ts";
import {
  afterEvent,
  endedBans,
  MOST_CAMPAIGNS,
  MOST_EVENTS,
  NOTHING_YET,
  SECONDS,
  withGap,
  withHistory,
} from "../../src/dashboard/live-state.ts";
import { CAMPAIGN, STATUS, VERDICT } from "../api/fake-operator.ts";

const EPOCH_MS = Date.parse("2026-11-22T13:00:00.000Z");

function statusAt(second: number, probes = second): LiveEvent {
  const at = new Date(EPOCH_MS + second * 1000).toISOString();
  const rates = {
    probes_per_second: probes,
    verdicts_per_second: 0,
    holds_per_second: 0,
    dropped_per_second: 0,
  };
  return { kind: "status", at, status: STATUS, rates };
}

const { id: _, ...HAPPENED } = VERDICT;

function stateAfter(...events: LiveEvent[]) {
  return events.reduce((state, event) => afterEvent(state, event, EPOCH_MS), NOTHING_YET);
}

describe("afterEvent", () => {
  it("keeps the rates of five minutes", () => {
    const events = Array.from({ length: SECONDS + 5 }, (_none, second) => statusAt(second));
    const { seconds } = stateAfter(...events);
    expect(seconds).toHaveLength(SECONDS);
    expect(seconds[0]).toEqual({ at: EPOCH_MS / 1000 + 5, probes: 5, dropped: 0 });
  });

  it("has no rate of the first status, which has nothing before it", () => {
    const { status, seconds } = stateAfter({ ...statusAt(0), rates: null } as LiveEvent);
    expect([status, seconds]).toEqual([STATUS, []]);
  });

  it("draws no line that runs backwards when the clock was set", () => {
    const { seconds } = stateAfter(statusAt(5), statusAt(6), statusAt(2), statusAt(3));
    expect(seconds.map(({ probes }) => probes)).toEqual([2, 3]);
  });

  it("has each campaign once, as it was told last, the latest probe first", () => {
    const told = (id: string, last: string): LiveEvent => ({
      kind: "campaign",
      at: last,
      change: "updated",
      campaign: { ...CAMPAIGN, id, last },
    });
    const { campaigns } = stateAfter(
      told("a", "2026-11-22T13:00:01.000Z"),
      told("b", "2026-11-22T13:00:03.000Z"),
      told("c", "2026-11-22T13:00:02.000Z"),
      told("a", "2026-11-22T13:00:04.000Z"),
    );
    expect(campaigns.map(({ id }) => id)).toEqual(["a", "b", "c"]);
  });

  it("is bounded whatever comes", () => {
    const events = Array.from({ length: 500 }, (_none, place): LiveEvent[] => [
      { kind: "event", event: HAPPENED },
      {
        kind: "campaign",
        at: CAMPAIGN.last,
        change: "opened",
        campaign: { ...CAMPAIGN, id: `c${place}` },
      },
    ]).flat();
    const state = stateAfter(...events);
    expect(state.happened).toHaveLength(MOST_EVENTS);
    expect(state.campaigns).toHaveLength(MOST_CAMPAIGNS);
    expect(new Set(state.happened.map(({ key }) => key)).size).toBe(MOST_EVENTS);
  });

  it("counts what it was not told, and says when", () => {
    const state = stateAfter({ kind: "lagged", dropped: 30 }, { kind: "lagged", dropped: 12 });
    expect(state).toMatchObject({ missed: 42, missedAtMs: EPOCH_MS, bansTurn: 2 });
  });

  it.each([
    { kind: "ban", turns: 1 },
    { kind: "unban", turns: 1 },
    { kind: "exonerated", turns: 1 },
    { kind: "trust", turns: 1 },
    { kind: "verdict", turns: 0 },
    { kind: "health", turns: 0 },
  ])("has the bans asked for again after $kind: $turns", ({ kind, turns }) => {
    expect(stateAfter({ kind: "event", event: { ...HAPPENED, kind } }).bansTurn).toBe(turns);
  });

  it.each([
    { kind: "ban", outcome: "banned" },
    { kind: "unban", outcome: "unbanned" },
    { kind: "exonerated", outcome: "unbanned" },
    { kind: "spared", outcome: "spared" },
    { kind: "request", outcome: "none" },
  ])("knows from $kind what became of the campaign, and of no other", ({ kind, outcome }) => {
    const campaign = { ...CAMPAIGN, outcome: "none" as const };
    const told = (id: string): LiveEvent => ({
      kind: "campaign",
      at: CAMPAIGN.last,
      change: "convicted",
      campaign: { ...campaign, id },
    });
    const happened: LiveEvent = { kind: "event", event: { ...HAPPENED, kind, campaign: "c1" } };
    const { campaigns } = stateAfter(told("other"), told("c1"), happened);
    expect(campaigns.map((each) => [each.id, each.outcome])).toEqual([
      ["c1", outcome],
      ["other", "none"],
    ]);
  });

  it("passes over a kind that it does not know", () => {
    expect(stateAfter({ kind: "later" } as unknown as LiveEvent)).toBe(NOTHING_YET);
  });
});

describe("endedBans", () => {
  const at = (second: number) => new Date(EPOCH_MS + second * 1000).toISOString();
  const happens = (kind: string, address: string, second: number): LiveEvent => ({
    kind: "event",
    event: { ...HAPPENED, kind, address, at: at(second) },
  });

  it("names those of whom it was told since, each with the last time", () => {
    const state = stateAfter(
      happens("unban", "192.0.2.1", 1),
      happens("unban", "192.0.2.2", 2),
      happens("ban", "192.0.2.3", 3),
      happens("exonerated", "192.0.2.4", 4),
      happens("unban", "192.0.2.2", 5),
    );
    expect([...endedBans(state, 1)]).toEqual([
      ["192.0.2.2", EPOCH_MS + 5000],
      ["192.0.2.4", EPOCH_MS + 4000],
    ]);
    expect(endedBans(state, state.count).size).toBe(0);
  });
});

describe("withHistory", () => {
  it("puts what was before behind what was told live, and nothing twice", () => {
    const older = { ...VERDICT, id: 6, at: "2026-11-22T12:00:00.000Z" };
    const live = stateAfter({ kind: "event", event: HAPPENED });
    const { happened, campaigns } = withHistory(live, [VERDICT, older], [CAMPAIGN]);
    expect(happened.map(({ key }) => key)).toEqual(["live-0", "kept-6"]);
    expect(campaigns).toEqual([CAMPAIGN]);
  });

  it("puts what happened in a gap before what was told live before it", () => {
    const gap = { ...VERDICT, id: 9, at: new Date(Date.parse(VERDICT.at) + 60_000).toISOString() };
    const live = stateAfter({ kind: "event", event: HAPPENED });
    expect(withHistory(live, [gap], []).happened.map(({ key }) => key)).toEqual([
      "kept-9",
      "live-0",
    ]);
  });

  it("takes the list's word for a campaign that has ended in a gap", () => {
    const told = (campaign: CampaignView): LiveEvent => {
      return { kind: "campaign", at: campaign.last, change: "updated", campaign };
    };
    const open = { ...CAMPAIGN, over: false };
    const old = { ...open, id: "old", last: "2020-01-01T00:00:00.000Z" };
    const ended = { ...CAMPAIGN, over: true };
    expect(withHistory(stateAfter(told(open), told(old)), [], [ended]).campaigns).toEqual([ended]);
  });

  it("keeps what was told live of a campaign, which is later than the list", () => {
    const later = { ...CAMPAIGN, packets: 99 };
    const live = stateAfter({
      kind: "campaign",
      at: later.last,
      change: "updated",
      campaign: later,
    });
    expect(withHistory(live, [], [CAMPAIGN]).campaigns).toEqual([later]);
  });
});

describe("withGap", () => {
  it("knows what has happened only until the gap", () => {
    const known = withHistory(stateAfter(), [], []);
    expect(
      [NOTHING_YET, known, withGap(known, EPOCH_MS)].map((each) => each.isHistoryKnown),
    ).toEqual([false, true, false]);
  });

  it("leaves one hole in the rates, however long nobody was heard", () => {
    const state = withGap(withGap(stateAfter(statusAt(1)), EPOCH_MS + 3000), EPOCH_MS + 9000);
    expect(state.seconds.map(({ probes }) => probes)).toEqual([1, null]);
  });
});
