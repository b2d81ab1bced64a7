/** Fills the journal of a guard that does not run with bans that are in force. */
import { join } from "node:path";
import { systemClock } from "../../src/clock.ts";
import { journalPathOf } from "../../src/daemon/guard-journal.ts";
import { openJournal } from "../../src/journal/open-journal.ts";
import type { Ban } from "../../src/model/ban.ts";
import { EVIDENCE_LEVELS } from "../../src/model/evidence.ts";
import type { Prefix } from "../../src/net/prefix.ts";
import type { Guard } from "./guard.ts";

const DAY_MS = 86_400_000;

/** Writes `count` of them, of 198.18.0.0 and what follows it, the last one the newest. */
export function writeOldBans({ folder }: Guard, count: number): void {
  const path = journalPathOf(join(folder, "state"));
  const { journal, trouble } = openJournal({ path, clock: systemClock });
  if (trouble !== undefined) throw new Error(`the journal of ${folder} is ${trouble}`);
  const newestEpochMs = systemClock.epochMs() - 60_000;
  journal.recordBans(
    Array.from({ length: count }, (_, place): Ban => {
      const sinceEpochMs = newestEpochMs - (count - place) * 1000;
      return {
        prefix: `198.${18 + (place >> 16)}.${(place >> 8) & 255}.${place & 255}/32` as Prefix,
        sinceEpochMs,
        untilEpochMs: place % 10 === 0 ? undefined : sinceEpochMs + 7 * DAY_MS,
        evidence: EVIDENCE_LEVELS[place % 3] ?? "claimed",
        origin: "detector",
        reason: `${4 + (place % 9)} unused ports within 2 s`,
        ruleId: "sequential",
        campaignId: `old-${place}`,
        means: ["nftables"],
        configRevision: "0".repeat(12),
      };
    }),
  );
  journal.close();
}
