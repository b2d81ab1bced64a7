/**
 * npm run scoreboard: runs Vedette and the rules of other engines over captures and made traffic,
 * and writes docs/SCOREBOARD.md.
 *
 * Options: --check writes nothing and fails when the page is not what it would be; --json prints the
 * rows instead; --only ID runs one scenario and prints its rows; --keep FOLDER also writes the made
 * traffic there as pcap files, for other programs to look at.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { CAPTURES, CAPTURES_FOLDER, isThere, loadCapture } from "./captures.ts";
import { play } from "./contest.ts";
import { ENGINES } from "./engines/all.ts";
import { writeCaptureFile } from "./pcap-file.ts";
import {
  capturesSectionOf,
  formatDocument,
  formatSection,
  type Row,
  unexplainedOf,
} from "./report.ts";
import type { Scenario } from "./scenario.ts";
import { MADE_SCENARIOS } from "./scenarios/all.ts";

const DOCUMENT = join(import.meta.dirname, "../docs/SCOREBOARD.md");

const HEADINGS = { scan: "Scans", honest: "Honest senders, and nobody who scans" };

const { values: options } = parseArgs({
  options: {
    check: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
    only: { type: "string" },
    keep: { type: "string" },
  },
});

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

function rowOf(scenario: Scenario): Row {
  const { id, kind, title, packets } = scenario;
  return {
    scenario: { id, kind, title, packetCount: packets.length },
    outcomes: ENGINES.map((engine) => play(engine, scenario)),
  };
}

/** One after the other, so that one scenario at a time is in memory. */
async function playAll(only: string | undefined, keep: string | undefined): Promise<Row[]> {
  const rows: Row[] = [];
  const take = (scenario: Scenario): void => {
    say(`${scenario.id}: ${scenario.packets.length} packets`);
    if (keep !== undefined && scenario.kind !== "capture") {
      writeCaptureFile(join(keep, `${scenario.id}.pcap`), scenario.packets);
    }
    rows.push(rowOf(scenario));
  };
  const isAsked = ({ id }: { readonly id: string }) => only === undefined || id === only;
  for (const maker of MADE_SCENARIOS.filter(isAsked)) take(maker.make());
  const there = CAPTURES.filter(isThere);
  if (there.length < CAPTURES.length) {
    say(`Skipped: ${CAPTURES.length - there.length} captures that are not in ${CAPTURES_FOLDER}.`);
  }
  for (const truth of there.filter(isAsked)) take(await loadCapture(truth));
  return rows;
}

/** @returns the page, with the captures' part of `before` where the captures are not there. */
function documentOf(rows: readonly Row[], before: string): string {
  const areThere = CAPTURES.every(isThere);
  const made = formatSection(rows, ENGINES, HEADINGS);
  const captures = areThere
    ? formatSection(rows, ENGINES, { capture: "Captures of real tools" })
    : (capturesSectionOf(before) ?? "");
  return formatDocument({ made, captures }, ENGINES);
}

function readDocument(): string {
  try {
    return readFileSync(DOCUMENT, "utf8");
  } catch {
    return "";
  }
}

const known = [...MADE_SCENARIOS, ...CAPTURES].map(({ id }) => id);
if (options.only !== undefined && !known.includes(options.only)) {
  say(`There is no ${options.only}. There are: ${known.join(", ")}.`);
  // EX_USAGE of sysexits.h.
  process.exit(64);
}
const rows = await playAll(options.only, options.keep);
if (options.json || options.only !== undefined) {
  process.stdout.write(`${JSON.stringify(rows, undefined, 2)}\n`);
} else {
  const unexplained = unexplainedOf(rows);
  for (const { scenarioId, engine, lead } of unexplained) {
    say(`${scenarioId}: ${engine} ${lead}, and bench/ahead.ts does not say why`);
  }
  const before = readDocument();
  const document = documentOf(rows, before);
  if (options.check && document !== before) say("docs/SCOREBOARD.md is stale: npm run scoreboard");
  if (!options.check) writeFileSync(DOCUMENT, document);
  process.exitCode = unexplained.length > 0 || (options.check && document !== before) ? 1 : 0;
}
