/** A campaign and a group that a test fills in where it matters. */
import type { Campaign, CampaignGroup } from "../../src/model/campaign.ts";
import type { Prefix } from "../../src/net/prefix.ts";

const STARTED_AT_EPOCH_MS = Date.parse("2026-11-22T12:00:00Z");

/** Two ports, three packets, two seconds; nothing decided. */
export function campaign(more: Partial<Campaign> = {}): Campaign {
  return {
    id: "c-1",
    source: "198.51.100.7/32" as Prefix,
    firstAtEpochMs: STARTED_AT_EPOCH_MS,
    lastAtEpochMs: STARTED_AT_EPOCH_MS + 2000,
    packets: 3,
    ports: [{ transport: "tcp", ranges: [{ first: 22, last: 23 }] }],
    portCount: { count: 2, isAtLeast: false },
    kinds: ["tcp-syn"],
    tool: undefined,
    evidence: "claimed",
    destinations: { count: 1, isAtLeast: false },
    verdict: "undecided",
    score: undefined,
    reason: undefined,
    wasHeld: false,
    outcome: { status: "none" },
    emitter: undefined,
    ...more,
  };
}

/** Three sources, none of them convicted. */
export function group(more: Partial<CampaignGroup> = {}): CampaignGroup {
  return {
    prefix: "198.51.100.0/24" as Prefix,
    firstAtEpochMs: STARTED_AT_EPOCH_MS,
    lastAtEpochMs: STARTED_AT_EPOCH_MS + 2000,
    sources: 3,
    convicted: 0,
    banned: 0,
    scanners: [],
    others: ["198.51.100.7/32", "198.51.100.8/32", "198.51.100.9/32"] as Prefix[],
    kinds: ["tcp-syn"],
    tool: undefined,
    evidence: "claimed",
    packets: 9,
    ports: [{ transport: "tcp", ranges: [{ first: 22, last: 25 }] }],
    portCount: { count: 4, isAtLeast: false },
    ...more,
  };
}
