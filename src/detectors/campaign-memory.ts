/**
 * Everything that is remembered of campaigns: one table of sources, and what stands beside its slots.
 *
 * Taken at once, in full, for as many campaigns as there may be; nothing of it grows afterwards but
 * what src/detectors/campaign-records.ts keeps of the convicted and the maps of
 * src/detectors/campaign-ports.ts, which have bounds of their own.
 */
import type { Clock } from "../clock.ts";
import type { SourceKeys } from "../net/source-keys.ts";
import type { AddressHashKey } from "./address-hash.ts";
import { CampaignGroups, type GroupListener } from "./campaign-groups.ts";
import { CampaignRecords } from "./campaign-records.ts";
import { CampaignTelling } from "./campaign-telling.ts";
import { Decoys } from "./decoys.ts";
import type { ProvesAlone } from "./proven-ports.ts";
import { SourceTable } from "./source-table.ts";

export interface CampaignMemoryOptions {
  /** A campaign is closed when no probe has come for so long. Milliseconds, finite. */
  readonly quietMs: number;
  /** Campaigns at once: {@link SourceTable}. */
  readonly maxCampaigns: number;
  /** The detector's, so that both are as sure of a source. */
  readonly provesAlone: ProvesAlone;
  /** Default: random. Given by tests that must know which sources share their slots. */
  readonly hashKey?: AddressHashKey;
}

export interface CampaignMemory {
  readonly table: SourceTable;
  readonly records: CampaignRecords;
  readonly decoys: Decoys;
  readonly groups: CampaignGroups;
  readonly telling: CampaignTelling;
}

/** @param onEnd as the table's. @param tellGroup told of each change of a group. */
export function makeCampaignMemory(
  { quietMs, maxCampaigns, hashKey, provesAlone }: CampaignMemoryOptions,
  clock: Clock,
  keys: SourceKeys,
  onEnd: (slot: number) => void,
  tellGroup: GroupListener,
): CampaignMemory {
  const table = new SourceTable({
    maxSources: maxCampaigns,
    recordMs: quietMs,
    ...(hashKey === undefined ? {} : { hashKey }),
    onEnd,
  });
  const decoys = new Decoys(table, keys, hashKey);
  const isOneSender = decoys.areOne.bind(decoys);
  return {
    table,
    records: new CampaignRecords(table, clock, keys, provesAlone),
    decoys,
    groups: new CampaignGroups(table.capacity, clock, keys, isOneSender, tellGroup, hashKey),
    telling: new CampaignTelling(table.capacity),
  };
}
