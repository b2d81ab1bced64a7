/**
 * From the records of a table to what outlives the process, and back.
 *
 * Bytes are src/detectors/saved-sources.ts's. What comes back was written by this program, or by
 * whoever may write its file; nothing of it is believed longer than a record lasts.
 */
import type { Clock } from "../clock.ts";
import type { SourceKeys } from "../net/source-keys.ts";
import { MAX_SAVED_SOURCES, type SavedSource } from "./saved-sources.ts";
import type { SourceTable } from "./source-table.ts";

/** @param campaignEpochMs what makes wall time of the time by which campaigns are named. */
export function rememberSources(
  table: SourceTable,
  clock: Clock,
  campaignEpochMs: number,
): SavedSource[] {
  const nowMs = clock.monotonicMs();
  const epochOffsetMs = clock.epochMs() - nowMs;
  const epochOf = (atMs: number) => Math.max(0, Math.round(epochOffsetMs + atMs));
  return table.convincing(MAX_SAVED_SOURCES, nowMs).map((slot) => ({
    words: table.wordsAt(slot),
    // By the same clock as the campaign's name, which is made of it.
    firstSeenAtEpochMs: Math.max(
      0,
      Math.round(campaignEpochMs + (table.firstSeenAtMs[slot] as number)),
    ),
    lastCountedAtEpochMs: epochOf(table.lastCountedAtMs[slot] as number),
    convictedAtEpochMs: epochOf(table.convictedAtMs[slot] as number),
    probes: table.probes[slot] as number,
    campaign: table.campaign[slot] as number,
    contacts: table.contacts[slot] as number,
    kinds: table.kinds[slot] as number,
    evidence: table.evidence[slot] as number,
    entries: Array.from({ length: table.ports.count(slot) }, (_, index) => ({
      entry: table.ports.at(slot, index),
      listedAtEpochMs: epochOf(table.ports.timeAt(slot, index) ?? 0),
    })),
  }));
}

/** What a record is made again by. */
export interface Restoring {
  readonly table: SourceTable;
  readonly clock: Clock;
  readonly keys: SourceKeys;
  /** As of {@link rememberSources}. */
  readonly campaignEpochMs: number;
  /** How long a record lasts, and how long its source is passed over after a conviction. */
  readonly recordMs: number;
  readonly reconvictAfterMs: number;
  /** Told of each slot that is another source's from now on. */
  readonly onBegin: (slot: number) => void;
}

/**
 * Remembers what was saved, as of its own times; what has been idle for too long is left out, and a
 * source that was convicted may be convicted anew at once. A time that has not come yet, because
 * somebody has set the clock, counts as now.
 * @returns how many sources.
 */
export function restoreSources(saved: readonly SavedSource[], by: Restoring): number {
  const nowMs = by.clock.monotonicMs();
  const epochOffsetMs = by.clock.epochMs() - nowMs;
  const monotonicOf = (atEpochMs: number) => Math.min(nowMs, atEpochMs - epochOffsetMs);
  let restored = 0;
  // The most convincing last: it pushes out what it shares its slots with, and not the reverse.
  for (const source of saved.toReversed()) {
    const lastCountedAtMs = monotonicOf(source.lastCountedAtEpochMs);
    if (nowMs - lastCountedAtMs > by.recordMs) continue;
    restoreSource(source, lastCountedAtMs, monotonicOf, by);
    restored += 1;
  }
  return restored;
}

function restoreSource(
  source: SavedSource,
  lastCountedAtMs: number,
  monotonicOf: (atEpochMs: number) => number,
  { table, clock, keys, campaignEpochMs, reconvictAfterMs, onBegin }: Restoring,
): void {
  // The block that is one source may be another than when it was saved.
  const key = new Uint32Array(4);
  keys.keyOf(source.words, key);
  table.forgetSource(key);
  const slot = table.touch(key, lastCountedAtMs);
  onBegin(slot);
  table.firstSeenAtMs[slot] = source.firstSeenAtEpochMs - campaignEpochMs;
  table.lastCountedAtMs[slot] = lastCountedAtMs;
  // The conviction outranks others in the table, and its pause is over: what was under way at it
  // has arrived, and this process may ban where the one before only watched.
  const pauseEndedMs = clock.monotonicMs() - reconvictAfterMs - 1;
  const convictedAtMs = monotonicOf(source.convictedAtEpochMs);
  table.convictedAtMs[slot] = Math.min(convictedAtMs, pauseEndedMs);
  table.probes[slot] = source.probes;
  table.contacts[slot] = source.contacts;
  table.kinds[slot] = source.kinds;
  table.evidence[slot] = source.evidence;
  table.setCampaign(slot, source.campaign);
  for (const { entry, listedAtEpochMs } of source.entries) {
    table.ports.list(slot, entry, Math.round(monotonicOf(listedAtEpochMs)));
  }
  table.countingSinceMs[slot] = table.ports.timeAt(slot, 0) ?? lastCountedAtMs;
}
