/**
 * Tells whoever listens to the API what happens: campaigns as they change, and events.
 *
 * Made as the journal's are, with smaller rations, and not at all while nobody listens. What is
 * beyond the rations is told as a number, in the place where it is missing.
 */
import type { LiveEvent } from "../api/contract.ts";
import type { LiveFeed } from "../api/live-feed.ts";
import type { Clock } from "../clock.ts";
import type { Prefix } from "../net/prefix.ts";
import type { PlacedFields } from "./geo-lookup.ts";
import { type StoryRations, StoryRecorder } from "./story-recorder.ts";
import { campaignView, happenedView } from "./story-views.ts";
import { isoTime } from "./views.ts";

/** A quarter of what waits for one client, if all are used up. */
const LIVE_RATIONS: StoryRations = { campaigns: 16, events: 16 };

/** @param placeOf where a source belongs. @returns a listener for the events of a guard. */
export function liveStories(
  feed: Pick<LiveFeed, "publish" | "isListenedTo">,
  clock: Clock,
  placeOf: (source: Prefix) => PlacedFields = () => ({}),
): StoryRecorder {
  let told = 0;
  const publish = (event: LiveEvent): void => {
    const missing = recorder.leftOut - told;
    told += missing;
    if (missing > 0) feed.publish({ kind: "lagged", dropped: missing });
    feed.publish(event);
  };
  const recorder = new StoryRecorder(
    {
      keepCampaign: (campaign, isOver, change) => {
        const at = isoTime(clock.epochMs());
        const view = { ...campaignView({ campaign, isOver }), ...placeOf(campaign.source) };
        publish({ kind: "campaign", at, change, campaign: view });
      },
      keepEvent: (event) => publish({ kind: "event", event: happenedView(event) }),
    },
    clock,
    LIVE_RATIONS,
    () => feed.isListenedTo,
  );
  return recorder;
}
