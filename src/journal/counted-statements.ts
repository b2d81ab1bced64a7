/**
 * Reads what is counted of campaigns, in the order of addresses and in parts, so that whoever counts
 * remembers one network at a time and others have their turn in between.
 *
 * Errors of SQLite pass through. A row that this program would not have written is passed over.
 */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { CampaignOutcome, CampaignVerdict } from "../model/campaign.ts";
import { EVIDENCE_LEVELS, type Evidence } from "../model/evidence.ts";
import { TOOLS, type Tool } from "../model/tool.ts";
import { COUNTED } from "./history-schema.ts";
import type { CountedCampaign, CountedPart, CountedPlace } from "./stories.ts";

/** What a story is made of, as far as JSON has it, is anything. */
type CountedRow = readonly [
  id: number,
  sourceKey: string,
  lastEpochMs: number,
  verdict: string,
  packets: unknown,
  tool: unknown,
  evidence: unknown,
  outcome: unknown,
];

const KEY = /^[0-9a-f]{32}$/;

const VERDICTS: readonly CampaignVerdict[] = ["scan", "undecided", "benign"];

const OUTCOMES: readonly CampaignOutcome["status"][] = [
  "none",
  "banned",
  "unbanned",
  "spared",
  "failed",
];

/** Before every row. */
const FIRST: CountedPlace = { sourceKey: "", lastAtEpochMs: 0, id: 0 };

const COLUMNS = `id, source_key, last_epoch_ms, verdict, ${COUNTED.packets} AS packets,
  ${COUNTED.tool} AS tool, ${COUNTED.evidence} AS evidence, ${COUNTED.outcome} AS outcome`;

export class CountedStatements {
  readonly #behind: StatementSync;

  constructor(database: DatabaseSync) {
    // Three questions in one: of a comparison of all columns at once SQLite looks up the first alone.
    this.#behind = database.prepare(
      `SELECT ${COLUMNS} FROM campaign WHERE source_key = ?1 AND last_epoch_ms = ?2 AND id > ?3
       UNION ALL
       SELECT ${COLUMNS} FROM campaign WHERE source_key = ?1 AND last_epoch_ms > ?2
       UNION ALL
       SELECT ${COLUMNS} FROM campaign WHERE source_key > ?1
       ORDER BY source_key, last_epoch_ms, id LIMIT ?4`,
    );
    this.#behind.setReturnArrays(true);
  }

  part(from: CountedPlace | undefined, rows: number): CountedPart {
    const { sourceKey, lastAtEpochMs, id } = from ?? FIRST;
    const found = this.#behind.all(sourceKey, lastAtEpochMs, id, rows) as unknown as CountedRow[];
    return { campaigns: found.flatMap(countedOf), next: placeBehind(found, rows) };
  }
}

function placeBehind(found: readonly CountedRow[], rows: number): CountedPlace | undefined {
  const last = found.length < rows ? undefined : found.at(-1);
  if (last === undefined) return undefined;
  const [id, sourceKey, lastAtEpochMs] = last;
  return { sourceKey, lastAtEpochMs, id };
}

/** @returns none for a row that is none of ours. */
function countedOf(row: CountedRow): CountedCampaign[] {
  const [id, sourceKey, lastAtEpochMs, verdict, packets, tool, evidence, outcome] = row;
  if (!KEY.test(sourceKey) || !Number.isSafeInteger(packets) || (packets as number) < 0) return [];
  if (!isOneOf(VERDICTS, verdict) || !isOneOf(EVIDENCE_LEVELS, evidence)) return [];
  if (!isOneOf(OUTCOMES, outcome) || !(tool === null || isOneOf(TOOLS, tool))) return [];
  const counted: CountedCampaign = {
    id,
    sourceKey,
    lastAtEpochMs,
    packets: packets as number,
    verdict: verdict as CampaignVerdict,
    tool: (tool ?? undefined) as Tool | undefined,
    evidence: evidence as Evidence,
    outcome: outcome as CampaignOutcome["status"],
  };
  return [counted];
}

function isOneOf(known: readonly string[], value: unknown): boolean {
  return known.includes(value as string);
}
