/** Conditions of questions to the tables `campaign` and `event`: SQL of fixed pieces, with values. */
import type { SQLInputValue } from "node:sqlite";
import type { Prefix } from "../net/prefix.ts";
import { COUNTED } from "./history-schema.ts";
import { blocksHolding, keyRangeOf, sourceKeyOf } from "./source-key.ts";
import type { CampaignQuery } from "./stories.ts";

/** One condition of a list, and what it compares with. */
export interface Condition {
  readonly text: string;
  readonly values: readonly SQLInputValue[];
}

/** What campaigns may look like; all of it stands in the index that lists follow. */
export function looksOf({ verdict, tool, evidence, outcome }: CampaignQuery): Condition[] {
  const asked = [
    ["verdict", verdict],
    [COUNTED.tool, tool],
    [COUNTED.evidence, evidence],
    [COUNTED.outcome, outcome],
  ] as const;
  return asked.flatMap(([column, value]) => {
    if (value === undefined) return [];
    // NULL is what a story has that does not name it.
    return [{ text: `${column} IS ?`, values: [value] }];
  });
}

/** Its plus sign keeps SQLite from an index (https://sqlite.org/optoverview.html#uplus). */
export function unindexed({ text, values }: Condition): Condition {
  return { text: text.replaceAll(/\b(\w+)(?= (?:BETWEEN|IN|IS|=|<|>=) )/g, "+$1"), values };
}

/** Whose source is inside `prefix`, and whose holds it: each source is in one of the two. */
export function sourcesAbout(prefix: Prefix): Condition[] {
  const { first, last } = keyRangeOf(prefix);
  const blocks = blocksHolding(prefix).slice(1);
  // What begins where the prefix does is found as inside it.
  const keys = [...new Set(blocks.map(sourceKeyOf))].filter((key) => key !== first);
  return [
    { text: "source_key BETWEEN ? AND ?", values: [first, last] },
    {
      text:
        "source_key IN (SELECT value FROM json_each(?)) " +
        "AND source IN (SELECT value FROM json_each(?))",
      values: [JSON.stringify(keys), JSON.stringify(blocks)],
    },
  ];
}
