/** The bans of earlier runs, brought together at a guard's start: the kernel's and the journal's. */
import type { BrokerClient } from "../broker/client.ts";
import { systemClock } from "../clock.ts";
import { counted } from "../counted.ts";
import type { HealthTracker } from "../health/tracker.ts";
import type { Journal } from "../journal/journal.ts";
import { EVENT_SHOWN_MS } from "./clock-changes.ts";
import type { Events } from "./events.ts";
import { restoreBans } from "./remembered-bans.ts";
import { adoptBans } from "./standing-bans.ts";

export interface RecoveryParts {
  readonly events: Pick<Events, "note">;
  readonly health: HealthTracker;
  /** Whether nothing may be banned: what stands is listed, and nothing is brought back. */
  readonly isWatchOnly: boolean;
  /** As of {@link adoptBans} and {@link restoreBans}. */
  readonly onProgress: () => void;
}

/** Before `ready`: what the kernel has goes into the journal, and then the other way round. */
export async function recoverBans(
  journal: Journal,
  broker: BrokerClient,
  { events, health, isWatchOnly, onProgress }: RecoveryParts,
): Promise<void> {
  const adopted = await adoptBans(journal, broker, systemClock, onProgress);
  if (adopted > 0) {
    const text = `The journal did not know ${counted(adopted, "ban")} that stood in the kernel when the guard started.`;
    const action =
      "They are listed, end in time and can be taken back; why they were made is lost.";
    // The log and the bans' reasons have it for longer.
    health.raiseFor(EVENT_SHOWN_MS, "bans-adopted", "notice", text, action);
    const told = `${counted(adopted, "ban")} stood in the kernel that the journal did not know`;
    events.note("notice", "adopted", told);
  }
  if (isWatchOnly) return;
  const restored = await restoreBans(journal, broker, onProgress);
  if (restored > 0) events.note("notice", "restored", `restored ${counted(restored, "ban")}`);
}
