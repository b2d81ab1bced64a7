import { describe, expect, it } from "vitest";
import { leadOf } from "../../bench/ahead.ts";
import type { Outcome } from "../../bench/contest.ts";
import {
  capturesSectionOf,
  formatDocument,
  formatSection,
  formatSpan,
  type Row,
  unexplainedOf,
} from "../../bench/report.ts";

const NOTHING: Outcome = {
  ...{ engine: "Vedette", scanners: 1, found: 0, packets: undefined, seconds: undefined },
  ...{ innocents: 0, falseConvictions: 0, convictedInnocents: [], others: 0 },
};
const FOUND: Outcome = { ...NOTHING, found: 1, packets: 4, seconds: 900 };

describe("formatSpan", () => {
  it.each([
    [0, "0 s"],
    [0.0004, "0 s"],
    [0.0005, "0.0005 s"],
    [0.0123, "0.012 s"],
    [1.234, "1.2 s"],
    [59.4, "59 s"],
    [60, "1 min"],
    [7199, "120 min"],
    [7200, "2 h"],
    [86_400, "24 h"],
  ])("%d -> %s", (seconds, text) => {
    expect(formatSpan(seconds)).toBe(text);
  });
});

describe("leadOf", () => {
  it.each<{ what: string; ours: Outcome; peer: Outcome; lead: string | undefined }>([
    { what: "finds what we miss", ours: NOTHING, peer: FOUND, lead: "finds more" },
    { what: "misses what we find", ours: FOUND, peer: NOTHING, lead: undefined },
    { what: "as good", ours: FOUND, peer: FOUND, lead: undefined },
    { what: "a packet earlier", ours: FOUND, peer: { ...FOUND, packets: 3 }, lead: "is earlier" },
    { what: "a packet later", ours: FOUND, peer: { ...FOUND, packets: 5 }, lead: undefined },
    {
      what: "later, and spares an innocent",
      ours: { ...FOUND, falseConvictions: 1 },
      peer: { ...FOUND, packets: 5 },
      lead: "convicts fewer innocents",
    },
  ])("$what: $lead", ({ ours, peer, lead }) => {
    expect(leadOf(ours, peer)).toBe(lead);
  });
});

describe("the page", () => {
  const engines = ["Vedette", "strict", "psad"].map((name) => ({
    name,
    rule: "",
    make: () => ({ observe: () => {}, end: () => {} }),
  }));
  const rowOf = (id: string, ...outcomes: Outcome[]): Row => ({
    scenario: { id, kind: "scan", title: `row ${id}`, packetCount: 1 },
    outcomes: outcomes.map((outcome, index) => ({
      ...outcome,
      engine: engines[index]?.name ?? "",
    })),
  });

  it("says what each engine made of a row", () => {
    const many = { ...FOUND, scanners: 50, found: 49, innocents: 30, falseConvictions: 3 };
    const text = formatSection([rowOf("a", FOUND, NOTHING, many)], engines, { scan: "Scans" });
    expect(text).toContain(
      "| row a | 4 packets, 15 min | not found | 49 of 50: 4 packets, 15 min; **3 of 30 innocent** |",
    );
  });

  it("knows no row in which somebody is ahead without a reason", () => {
    expect(unexplainedOf([rowOf("new", NOTHING, NOTHING, FOUND)])).toEqual([
      { scenarioId: "new", engine: "psad", lead: "finds more" },
    ]);
    // The second column is our own other setting.
    expect(unexplainedOf([rowOf("new", NOTHING, FOUND, NOTHING)])).toEqual([]);
  });

  it("gives the captures' part back, so that it can be kept", () => {
    const document = formatDocument({ made: "MADE", captures: "CAPTURES\n\nof tools" }, engines);
    expect(capturesSectionOf(document)).toBe("CAPTURES\n\nof tools");
    expect(capturesSectionOf("no page")).toBeUndefined();
  });
});
