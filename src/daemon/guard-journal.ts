/** The guard's journal in the state directory, and what is wrong with it as a health problem. */
import { join } from "node:path";
import type { Clock } from "../clock.ts";
import type { HealthTracker } from "../health/tracker.ts";
import type { Journal } from "../journal/journal.ts";
import { openJournal } from "../journal/open-journal.ts";

/** The directory that the guard's user may write: the journal, and what is remembered of sources. */
export function journalDirectoryOf(stateDirectory: string): string {
  return join(stateDirectory, "journal");
}

/** Always opens one: in memory where the file cannot be had, which is told. */
export function openGuardJournal(directory: string, health: HealthTracker, clock: Clock): Journal {
  const path = join(directory, "journal.sqlite");
  const { journal, note, isStandIn } = openJournal({ path, clock });
  if (note !== undefined) {
    const action = isStandIn
      ? "Make room there, and let the guard's user write; then start it again."
      : "The guard goes on with the new one; look into the old one with sqlite3, or delete it.";
    health.raise("journal-failed", "warning", note, action);
  }
  return journal;
}
