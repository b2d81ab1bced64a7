/** Fills the history of a guard that does not run with campaigns of days gone by. */
import { join } from "node:path";
import { systemClock } from "../../src/clock.ts";
import { historyPathOf } from "../../src/daemon/guard-journal.ts";
import { openHistory } from "../../src/journal/open-history.ts";
import { EVIDENCE_LEVELS } from "../../src/model/evidence.ts";
import { TOOLS } from "../../src/model/tool.ts";
import type { Prefix } from "../../src/net/prefix.ts";
import { campaign } from "../daemon/campaigns.ts";
import type { Guard } from "./guard.ts";

/** Between two of them, in ms. */
const APART_MS = 20_000;

/** Ports that are often looked for, which they take turns with. */
const PORTS = [22, 23, 80, 445, 1433, 2375, 3306, 3389, 5432, 5555, 6379, 8080, 9200, 27_017];

/** The source of the n-th of them; the latest is 0. */
export function oldCampaignSource(place: number): string {
  return `198.${18 + (place >> 16)}.${(place >> 8) & 255}.${place & 255}`;
}

/** Writes `count` of them, the latest an hour old, from as many sources of 198.18.0.0/15. */
export function writeOldCampaigns({ folder }: Guard, count: number): void {
  const path = historyPathOf(join(folder, "state"));
  const { stories, trouble } = openHistory({ path, clock: systemClock });
  if (trouble !== undefined) throw new Error(`the history of ${folder} is ${trouble}`);
  const untilEpochMs = systemClock.epochMs() - 3_600_000;
  for (let place = 0; place < count; place += 1) {
    const lastAtEpochMs = untilEpochMs - place * APART_MS;
    const first = PORTS[place % PORTS.length] ?? 22;
    const isScan = place % 4 !== 0;
    stories.keepCampaign(
      campaign({
        id: `old-${place}`,
        source: `${oldCampaignSource(place)}/32` as Prefix,
        firstAtEpochMs: lastAtEpochMs - (place % 300) * 1000,
        lastAtEpochMs,
        packets: 3 + ((place * 7) % 400),
        ports: [{ transport: "tcp", ranges: [{ first, last: first + (place % 9) }] }],
        portCount: { count: 1 + (place % 9), isAtLeast: false },
        tool: TOOLS[place % (TOOLS.length + 2)],
        evidence: EVIDENCE_LEVELS[place % 3] ?? "claimed",
        verdict: isScan ? "scan" : "undecided",
        score: isScan ? 256 : undefined,
        outcome: isScan ? { status: "banned", untilEpochMs: lastAtEpochMs } : { status: "none" },
      }),
      true,
    );
    if (place % 500 === 499) stories.flush("all");
  }
  stories.close();
}
