import { describe, expect, it } from "vitest";
import type { ScoreView, WhyView } from "../../../../src/api/contract.ts";
import { toldScore } from "../../../../src/dashboard/pages/story/told-score.ts";

type Event = WhyView["history"][number];
type Ban = WhyView["bans"][number];

const SOURCE = "192.0.2.7";
const NEIGHBOUR = "192.0.2.8";
const MADE_AT = "2026-11-22T13:03:00.000Z";
const LATER = "2026-11-22T13:09:00.000Z";

function scoreOf(value: number): ScoreView {
  return { value, recomputed: value, convicts_at: 99, half_life_seconds: 21_600, steps: [] };
}

function verdict(campaign: string, value: number, address = SOURCE, at = MADE_AT): Event {
  return { id: value, at, kind: "verdict", address, campaign, text: "", score: scoreOf(value) };
}

function ban(campaign: string | null, since = MADE_AT, inside = false): Ban {
  return { address: SOURCE, campaign, since, inside } as Ban;
}

function why(parts: {
  bans?: Ban[];
  campaigns?: readonly string[];
  history?: Event[];
  now?: number;
  address?: string;
}) {
  const { bans = [], campaigns = ["c"], history = [], now, address = SOURCE } = parts;
  return {
    address,
    bans,
    campaigns: campaigns.map((id) => ({ id })) as WhyView["campaigns"],
    history,
    score: now === undefined ? null : scoreOf(now),
  };
}

function told(parts: Parameters<typeof why>[0]) {
  const { score, ...rest } = toldScore(why(parts)) ?? {};
  return { value: score?.value, ...rest };
}

describe("toldScore", () => {
  it("is of the verdict behind the ban, and not of what came before the ban did", () => {
    const history = [verdict("c", 256)];
    const now = 16_777_216;
    expect(told({ bans: [ban("c", LATER)], history, now })).toEqual({
      value: 256,
      of: undefined,
      isVerdict: true,
    });
  });

  it("is of the campaign that was banned, also when another one has followed", () => {
    const history = [verdict("later", 512, SOURCE, LATER), verdict("c", 256)];
    const campaigns = ["later", "c"];
    expect(told({ bans: [ban("c")], campaigns, history }).value).toBe(256);
  });

  it("passes over a verdict that came after the ban", () => {
    const history = [verdict("c", 1024, SOURCE, LATER), verdict("c", 256)];
    expect(told({ bans: [ban("c")], history }).value).toBe(256);
  });

  it("says whose it is where the story is about a prefix", () => {
    const history = [verdict("theirs", 512, NEIGHBOUR, LATER), verdict("c", 256)];
    expect(told({ address: "192.0.2.0/24", campaigns: ["c", "theirs"], history })).toEqual({
      value: 256,
      of: SOURCE,
      isVerdict: true,
    });
  });

  it("takes the verdict on somebody else for nobody's", () => {
    const history = [verdict("theirs", 512, NEIGHBOUR)];
    expect(toldScore(why({ history }))).toBeUndefined();
    expect(told({ history, now: 16 }).value).toBe(16);
  });

  it.each([
    { what: "a ban by hand", bans: [ban(null)] },
    { what: "a ban on a part of it", bans: [ban("c", MADE_AT, true)] },
    { what: "no ban", bans: [] },
  ])("is what counts now with $what and no verdict on the latest campaign", ({ bans }) => {
    const history = [verdict("c", 256)];
    expect(told({ bans, campaigns: ["later", "c"], history, now: 4 })).toEqual({
      value: 4,
      of: undefined,
      isVerdict: false,
    });
  });
});
