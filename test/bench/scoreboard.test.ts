/**
 * Whether docs/SCOREBOARD.md is what the code makes of it, as far as that is quick; and whether the
 * scenarios are what they say. `npm run scoreboard -- --check` asks all of it.
 */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { reasonsByRow } from "../../bench/ahead.ts";
import { CAPTURES, CAPTURES_FOLDER, isThere, loadCapture } from "../../bench/captures.ts";
import { play } from "../../bench/contest.ts";
import { ENGINES } from "../../bench/engines/all.ts";
import { formatDocument, formatRow } from "../../bench/report.ts";
import type { Scenario } from "../../bench/scenario.ts";
import { MADE_SCENARIOS } from "../../bench/scenarios/all.ts";
import { Onlooker } from "../../bench/sight.ts";

const TEXT = readFileSync("docs/SCOREBOARD.md", "utf8");
const PAGE = TEXT.split("\n");

/** Tens of thousands of packets each. */
const LONG = ["flood", "nat-scanner", "nat-honest", "month", "restart", "dead-port"];

const QUICK = MADE_SCENARIOS.filter(({ id }) => !LONG.includes(id));

function lineOf(scenario: Scenario): string {
  const { id, kind, title, packets } = scenario;
  const outcomes = ENGINES.map((engine) => play(engine, scenario));
  return formatRow({ scenario: { id, kind, title, packetCount: packets.length }, outcomes });
}

describe("docs/SCOREBOARD.md", () => {
  it("begins as it is, and gives the reasons that are given", () => {
    const [beginning = ""] = formatDocument({ made: "MADE", captures: "" }, ENGINES).split("MADE");
    expect(TEXT.slice(0, beginning.length)).toBe(beginning);
    expect(reasonsByRow().filter(({ reason }) => !TEXT.includes(reason))).toEqual([]);
  });

  it.each(QUICK)("has the row of $id as it is", ({ make }) => {
    expect(PAGE).toContain(lineOf(make()));
  });

  it.each(CAPTURES)(`has the row of $id as it is (where ${CAPTURES_FOLDER} is)`, async (truth) => {
    if (isThere(truth)) expect(PAGE).toContain(lineOf(await loadCapture(truth)));
    else expect(PAGE.some((line) => line.startsWith(`| ${truth.title} |`))).toBe(true);
  });
});

describe("scenarios", () => {
  const all = [...MADE_SCENARIOS, ...CAPTURES].map(({ id }) => id);

  it("have names of their own, and no others have reasons", () => {
    expect(new Set(all).size).toBe(all.length);
    expect(reasonsByRow().filter(({ scenarioId }) => !all.includes(scenarioId))).toEqual([]);
  });

  it.each(QUICK)(
    "$id has the senders that it says, in order, and is the same again",
    ({ id, make }) => {
      const scenario = make();
      expect(scenario.id).toBe(id);
      const onlooker = new Onlooker(scenario);
      const senders = new Set<string>();
      let lastAtEpochMs = 0;
      for (const packet of scenario.packets) {
        expect(packet.atEpochMs).toBeGreaterThanOrEqual(lastAtEpochMs);
        lastAtEpochMs = packet.atEpochMs;
        const sight = onlooker.look(packet);
        if (sight?.direction === "in")
          senders.add(sight.peer.replace(/^(2001:db8(?::\w+){2}::).*/, "$1"));
      }
      expect([...senders].sort()).toEqual([...scenario.scanners, ...scenario.innocents].sort());
      expect(make().packets).toEqual(scenario.packets);
    },
  );
});
