import { describe, expect, it } from "vitest";
import { type LiveEvent, liveEventSchema } from "../../src/api/contract.ts";
import { EventsSlot } from "../../src/daemon/events-slot.ts";
import { liveStories } from "../../src/daemon/live-stories.ts";
import { Pipeline } from "../../src/daemon/pipeline.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { campaign } from "./campaigns.ts";
import { makeStages, probe } from "./stages.ts";

function listening(isListenedTo = true) {
  const told: LiveEvent[] = [];
  return { told, feed: { isListenedTo, publish: (event: LiveEvent) => void told.push(event) } };
}

describe("liveStories", () => {
  it("tells a verdict and the ban that followed in the shape of the contract", async () => {
    const { told, feed } = listening();
    const stages = makeStages(() => ({ status: "applied" }));
    const events = new EventsSlot(stages.events as never);
    events.listen(liveStories(feed, stages.clock));
    new Pipeline({ ...stages, events }).start();
    for (const port of [22, 25, 8081]) stages.sensor.deliver(probe("198.51.100.7", port));
    await new Promise((resolve) => setImmediate(resolve));
    expect(told.map((event) => liveEventSchema.parse(event))).toMatchObject([
      { kind: "event", event: { kind: "verdict", address: "198.51.100.7" } },
      { kind: "event", event: { kind: "ban", address: "198.51.100.7" } },
    ]);
  });

  it("tells a campaign with what changed", () => {
    const { told, feed } = listening();
    const stories = liveStories(feed, new FakeClock());
    stories.campaign("opened", () => campaign(), false);
    stories.campaign("closed", () => campaign(), false);
    expect(told.map((event) => liveEventSchema.parse(event))).toMatchObject([
      { kind: "campaign", change: "opened", campaign: { id: "c-1", over: false } },
      { kind: "campaign", change: "closed", campaign: { id: "c-1", over: true } },
    ]);
  });

  it("makes nothing while nobody listens", () => {
    const { told, feed } = listening(false);
    const stories = liveStories(feed, new FakeClock());
    const made = () => {
      throw new Error("nobody wants it");
    };
    stories.campaign("opened", made, false);
    stories.trust("192.0.2.0/24" as never);
    expect(told).toEqual([]);
    expect(stories.leftOut).toBe(0);
  });

  it("says how many are missing beyond a second's ration, before the next that is told", () => {
    const { told, feed } = listening();
    const clock = new FakeClock();
    const stories = liveStories(feed, clock);
    for (let each = 0; each < 19; each += 1) stories.campaign("opened", () => campaign(), false);
    expect(told).toHaveLength(16);
    clock.advance(1000);
    stories.campaign("updated", () => campaign(), false);
    expect(told.slice(16)).toMatchObject([
      { kind: "lagged", dropped: 3 },
      { kind: "campaign", change: "updated" },
    ]);
  });
});
