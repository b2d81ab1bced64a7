import { beforeEach, describe, expect, it } from "vitest";
import { loadConfigurationTexts } from "../../src/config/load.ts";
import { EventsSlot } from "../../src/daemon/events-slot.ts";
import { campaignsOf } from "../../src/daemon/guard-stages.ts";
import { Pipeline } from "../../src/daemon/pipeline.ts";
import { StoryRecorder } from "../../src/daemon/story-recorder.ts";
import type { Campaign } from "../../src/model/campaign.ts";
import type { EvidenceStep } from "../../src/model/evidence.ts";
import type { Outcome } from "../../src/model/order.ts";
import type { StoryEvent } from "../../src/model/story-event.ts";
import { SourceKeys } from "../../src/net/source-keys.ts";
import { campaign as sampleCampaign } from "./campaigns.ts";
import { makeStages, probe } from "./stages.ts";

const APPLIED: Outcome = { status: "applied" };

const settled = () => new Promise((resolve) => setImmediate(resolve));

class KeptStories {
  readonly campaigns: Campaign[] = [];
  readonly events: StoryEvent[] = [];
  readonly keepCampaign = (campaign: Campaign) => void this.campaigns.push(campaign);
  readonly keepEvent = (event: StoryEvent) => void this.events.push(event);
}

let kept: KeptStories;
beforeEach(() => {
  kept = new KeptStories();
});

/** The stages of a guard whose journal is `kept`, with a scan of three ports behind it. */
async function scan(answer: () => Outcome) {
  const stages = makeStages(answer);
  const events = new EventsSlot(stages.events as never);
  events.listen(new StoryRecorder(kept, stages.clock));
  const pipeline = new Pipeline({ ...stages, events });
  pipeline.start();
  for (const port of [22, 25, 8081]) stages.sensor.deliver(probe("198.51.100.7", port));
  await settled();
  return { stages, pipeline };
}

describe("StoryRecorder", () => {
  it("keeps a verdict with what it stands on, and the ban that followed", async () => {
    await scan(() => APPLIED);
    expect(kept.events).toMatchObject([
      {
        source: "198.51.100.7/32",
        detail: { kind: "verdict", ruleId: "trigger", ports: [{ port: 22 }, { port: 25 }, {}] },
      },
      {
        source: "198.51.100.7/32",
        detail: { kind: "ban", origin: "detector", means: ["nftables"] },
      },
    ]);
    expect(kept.events[0]?.campaignId).toBe(kept.events[1]?.campaignId);
  });

  it("keeps by what a source became alive, before the verdict and with its own time", () => {
    const stages = makeStages(() => APPLIED);
    const slot = new EventsSlot(stages.events as never);
    slot.listen(new StoryRecorder(kept, stages.clock));
    const campaigns = campaignsOf(
      loadConfigurationTexts({ DETECTOR: "sequential" }),
      new SourceKeys({ ipv6PrefixBits: 64 }),
      { provesAlone: () => false },
      slot,
      stages.clock,
    );
    new Pipeline({ ...stages, campaigns, events: slot }).start();
    const { source } = probe("198.51.100.7", 22);
    stages.sensor.deliver(probe("198.51.100.7", 22));
    stages.sensor.prove({ source, evidence: "alive", port: 22, seenAtMs: 0 });
    stages.clock.advance(500);
    for (const port of [25, 8081]) stages.sensor.deliver(probe("198.51.100.7", port, 500));
    expect(kept.events.map(({ detail }) => detail.kind)).toEqual(["evidence", "verdict"]);
    expect(kept.events[0]).toMatchObject({
      source: "198.51.100.7/32",
      campaignId: kept.events[1]?.campaignId,
      atEpochMs: stages.clock.epochMs() - 500,
      detail: { kind: "evidence", way: "answer", evidence: "alive", port: 22 },
    });
  });

  it("leaves a ration for proof and for verdicts when a forger has live hosts answer", () => {
    const recorder = new StoryRecorder(kept, { monotonicMs: () => 0, epochMs: () => 0 });
    const step: EvidenceStep = {
      source: "198.51.100.7/32" as never,
      campaignId: "c-1",
      atEpochMs: 7,
      way: "answer",
      evidence: "alive",
      port: 22,
    };
    for (let index = 0; index < 501; index += 1) recorder.evidence(step);
    expect(kept.events).toHaveLength(500);
    expect(recorder.leftOut).toBe(1);
    recorder.evidence({ ...step, way: "earlier", evidence: "proven", port: undefined });
    expect(kept.events.at(-1)?.detail).toEqual({
      kind: "evidence",
      way: "earlier",
      evidence: "proven",
    });
  });

  it("keeps what was refused, and why", async () => {
    await scan(() => ({ status: "refused", reason: "trusted" }));
    expect(kept.events.at(-1)?.detail).toEqual({ kind: "refused", act: "ban", text: "trusted" });
  });

  it("keeps who let it in", async () => {
    const { pipeline } = await scan(() => APPLIED);
    await pipeline.carryOut({ act: "unban", prefix: "198.51.100.7/32" as never, by: "operator" });
    expect(kept.events.at(-1)?.detail).toEqual({ kind: "unban", by: "operator" });
  });

  it("leaves out what is beyond a second's ration, and never a scan for what is none", () => {
    let nowMs = 0;
    const recorder = new StoryRecorder(kept, { monotonicMs: () => nowMs, epochMs: () => nowMs });
    for (let index = 0; index < 1001; index += 1) {
      recorder.campaign("opened", () => sampleCampaign(), false);
    }
    expect(kept.campaigns).toHaveLength(1000);
    expect(recorder.leftOut).toBe(1);
    recorder.campaign("convicted", () => sampleCampaign({ verdict: "scan" }), true);
    expect(kept.campaigns).toHaveLength(1001);
    nowMs = 1000;
    recorder.campaign("opened", () => sampleCampaign(), false);
    expect(kept.campaigns).toHaveLength(1002);
    expect(recorder.leftOut).toBe(1);
  });
});

describe("EventsSlot", () => {
  it("makes a story once for all who want it", () => {
    const slot = new EventsSlot({ campaign: () => {} } as never);
    const recorders = [new KeptStories(), new KeptStories()];
    for (const stories of recorders) {
      slot.listen(new StoryRecorder(stories, { monotonicMs: () => 0, epochMs: () => 0 }));
    }
    let made = 0;
    slot.campaign(
      "opened",
      () => {
        made += 1;
        return sampleCampaign();
      },
      false,
    );
    expect(made).toBe(1);
    expect(recorders.map(({ campaigns }) => campaigns.length)).toEqual([1, 1]);
  });
});
