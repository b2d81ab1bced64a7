/**
 * What an order leaves behind when it was carried out, or was not: in the journal, in the story of
 * the source, in what the detector remembers of it, and in the state of health.
 *
 * A ban is recorded only when something does shut the source out. One that failed is not tried again
 * by itself: the source is forgotten, and banned when it convicts itself anew. A hostile sender can
 * bring about a ban of itself and nothing more. What grows is bounded by the journal and by the
 * detector.
 */
import type { Clock } from "../clock.ts";
import type { Campaigns } from "../detectors/campaigns.ts";
import type { Detector } from "../detectors/detector.ts";
import type { HealthTracker } from "../health/tracker.ts";
import type { Journal } from "../journal/journal.ts";
import type { Ban } from "../model/ban.ts";
import { isDone, type Outcome } from "../model/order.ts";
import type { Prefix } from "../net/prefix.ts";

/** Who remembers a source. */
export interface Memories {
  readonly journal: Pick<Journal, "recordBan" | "endBan">;
  readonly detector: Pick<Detector, "forget">;
  readonly campaigns: Pick<Campaigns, "settle">;
  readonly clock: Pick<Clock, "epochMs">;
}

/** Records a ban that was carried out; after one that was not, the source begins anew. */
export function afterBan(
  memories: Memories,
  health: Pick<HealthTracker, "raise" | "clear">,
  ban: Ban,
  outcome: Outcome,
): void {
  const { journal, detector, campaigns } = memories;
  if (isDone(outcome)) {
    journal.recordBan(ban);
    const { prefix, origin, untilEpochMs } = ban;
    if (origin === "detector") campaigns.settle(prefix, { status: "banned", untilEpochMs });
    health.clear("ban-failed");
    return;
  }
  // What was not done may be tried again: the source begins anew and convicts itself.
  if (ban.origin === "detector") {
    campaigns.settle(ban.prefix, { status: "failed", text: outcome.reason });
    detector.forget(ban.prefix);
  }
  if (outcome.status === "failed") {
    health.raise(
      "ban-failed",
      "warning",
      `A ban could not be made: ${outcome.reason}.`,
      "Look at the table with `nft list table inet vedette` and at the log.",
    );
  }
}

/** An unbanned source starts with a clean record; one that is still shut out keeps its own. */
export function afterUnban(memories: Memories, prefix: Prefix, outcome: Outcome): void {
  if (!isDone(outcome)) return;
  const { journal, detector, campaigns, clock } = memories;
  campaigns.settle(prefix, { status: "unbanned" });
  journal.endBan(prefix, "unbanned", clock.epochMs());
  detector.forget(prefix);
}
