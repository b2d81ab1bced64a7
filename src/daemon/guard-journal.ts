/** The guard's journal in the state directory, and what is wrong with it as a health problem. */
import { join } from "node:path";
import type { Clock } from "../clock.ts";
import type { HealthTracker } from "../health/tracker.ts";
import type { Journal } from "../journal/journal.ts";
import { openHistory } from "../journal/open-history.ts";
import { openJournal } from "../journal/open-journal.ts";
import { findLastSetAside } from "../journal/set-aside.ts";
import type { Stories } from "../journal/stories.ts";
import { HourCounter } from "./hour-counter.ts";
import { StoryRecorder } from "./story-recorder.ts";

/** How long (ms) it is told that a damaged journal was set aside, over all restarts: a day. */
const TOLD_MS = 86_400_000;

export interface GuardJournal {
  readonly journal: Journal;
  readonly stories: Stories;
  /** Writes what is told into the stories. */
  readonly recorder: StoryRecorder;
  /** Counts into them, hour by hour. */
  readonly counter: HourCounter;
}

/** The directory that the guard's user may write: the journal, and what is remembered of sources. */
export function journalDirectoryOf(stateDirectory: string): string {
  return join(stateDirectory, "journal");
}

/** Beside the journal's own file: what happened. */
const HISTORY_FILE_NAME = "history.sqlite";

/** The history's file in that directory. */
export function historyPathOf(stateDirectory: string): string {
  return join(journalDirectoryOf(stateDirectory), HISTORY_FILE_NAME);
}

/** The journal's file in that directory. */
export function journalPathOf(stateDirectory: string): string {
  return join(journalDirectoryOf(stateDirectory), "journal.sqlite");
}

/** Always opens one: in memory where the file cannot be had, which is told. */
export function openGuardJournal(
  directory: string,
  health: HealthTracker,
  clock: Clock,
): GuardJournal {
  const path = join(directory, "journal.sqlite");
  const { journal, note, trouble } = openJournal({ path, clock });
  const historyPath = join(directory, HISTORY_FILE_NAME);
  const history = openHistory({ path: historyPath, clock });
  const isStandIn = trouble === "stand-in" || history.trouble === "stand-in";
  if (isStandIn) {
    const action = "Make room there, and let the guard's user write; then start it again.";
    const ofBans =
      trouble === "stand-in" && note !== undefined
        ? `${note} Bans go on and are remembered until this process ends.`
        : undefined;
    health.raise("journal-failed", "warning", ofBans ?? history.note ?? path, action);
  }
  tellOfSetAside(path, trouble === "set-aside" ? note : undefined, health, clock);
  tellOfSetAside(
    historyPath,
    history.trouble === "set-aside" ? history.note : undefined,
    health,
    clock,
  );
  const { stories } = history;
  const recorder = new StoryRecorder(stories, clock);
  return { journal, stories, recorder, counter: new HourCounter(stories, clock) };
}

/**
 * Tells of a journal that was set aside lately: now, by an earlier guard, or by a command without
 * one. Whoever deletes the file ends the problem with the next start.
 * @param note what there is to say when it was now.
 */
function tellOfSetAside(
  path: string,
  note: string | undefined,
  health: HealthTracker,
  clock: Clock,
): void {
  const last = findLastSetAside(path);
  if (last === undefined) return;
  const leftMs = Math.min(TOLD_MS, last.atEpochMs + TOLD_MS - clock.epochMs());
  if (leftMs <= 0) return;
  const text =
    note ??
    `The journal was damaged, and at ${new Date(last.atEpochMs).toISOString()} it was set aside ` +
      `as ${last.path} and a new one begun.`;
  const action = "Look into the old one with sqlite3, or delete it; and look after the disk.";
  health.raiseFor(leftMs, "journal-set-aside", "warning", text, action);
}
