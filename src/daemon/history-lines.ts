/**
 * HISTORY_FILE on the privileged side: which file in which of the two forms, and what is wrong with
 * it as a health problem. A file that cannot be written costs its lines and nothing else.
 */
import { HistoryFile } from "../broker/legacy/history-file.ts";
import { HistoryWriter } from "../broker/legacy/history-writer.ts";
import type { TrustedSet } from "../broker/trusted-set.ts";
import { systemClock } from "../clock.ts";
import type { Settings } from "../config/schema.ts";
import type { HealthTracker } from "../health/tracker.ts";
import { formatScan } from "./dialects/dialect-2.x.ts";
import type { ToldModes } from "./dialects/modes.ts";
import type { Events } from "./events.ts";

export interface HistoryLinesParts {
  readonly stateDirectory: string;
  /** Whoever is trusted has no line. */
  readonly trusted: TrustedSet;
  readonly health: HealthTracker;
  readonly events: Pick<Events, "fileFailed">;
  /** Those in force when a line is written. */
  readonly modes: () => ToldModes;
}

/** Which file, and in which of the two forms: while it is the same, the writer goes on. */
export function historyKindOf(values: Settings) {
  return { path: values.HISTORY_FILE, isOf2x: values.LOG_DIALECT === "2.x" };
}

/** @returns undefined without HISTORY_FILE. */
export function openHistory(
  values: Settings,
  { stateDirectory, trusted, health, events, modes }: HistoryLinesParts,
): HistoryWriter | undefined {
  const { path, isOf2x } = historyKindOf(values);
  if (path === undefined) return undefined;
  return new HistoryWriter({
    file: new HistoryFile({ path, stateDirectory }, systemClock),
    trusted,
    clock: systemClock,
    formatScan: isOf2x
      ? ({ result, ...record }) =>
          formatScan({ ...record, mode: modes()[record.transport] }, { status: result })
      : undefined,
    onFault: (reason) => {
      if (reason === undefined) {
        health.clear("history-failed");
        return;
      }
      const action = "Make room, or mend HISTORY_FILE; what is told meanwhile is not in the file.";
      health.raise("history-failed", "warning", `HISTORY_FILE: ${reason}.`, action);
      events.fileFailed("history", path);
    },
  });
}
