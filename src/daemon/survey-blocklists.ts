/** Reads blocklists as a guard would, for commands that only tell what is in them. */
import { readBlocklist } from "../broker/blocklists/read-blocklist.ts";

/** What a file was found to be. */
export interface SurveyedList {
  readonly path: string;
  /** Lines that name somebody; 0 where the file is none that a guard would load. */
  readonly entries: number;
  /** Lines that are no entries. */
  readonly bad: number;
  /** Entries of which something is never taken from a list. */
  readonly withheld: number;
  /** What is wrong, one sentence each, with its place: the file, or the first of its lines. */
  readonly faults: readonly string[];
  /** Whether a guard would load it. */
  readonly isRead: boolean;
}

/** One after the other, so that one file at a time is in memory. */
export async function surveyBlocklists(paths: readonly string[]): Promise<SurveyedList[]> {
  const surveyed: SurveyedList[] = [];
  for (const path of paths) surveyed.push(await surveyBlocklist(path));
  return surveyed;
}

async function surveyBlocklist(path: string): Promise<SurveyedList> {
  const reading = await readBlocklist(path);
  if (reading.status === "read") {
    const { entries, bad, withheld, told } = reading.list;
    return { path, entries, bad, withheld, faults: told, isRead: true };
  }
  const reason = reading.status === "changing" ? `${path} is being written` : reading.reason;
  return { path, entries: 0, bad: 0, withheld: 0, faults: [reason], isRead: false };
}
