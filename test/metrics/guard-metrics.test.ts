import { readFileSync } from "node:fs";
import { beforeEach, describe, expect, it } from "vitest";
import { GuardMetrics } from "../../src/metrics/guard-metrics.ts";
import { INSTRUMENTS, type MetricsReading } from "../../src/metrics/instruments.ts";
import { STATUS } from "../api/fake-operator.ts";
import { FakeClock } from "../support/fake-clock.ts";

let reading: MetricsReading;
let metrics: GuardMetrics;

beforeEach(() => {
  reading = STATUS;
  metrics = new GuardMetrics(async () => reading, new FakeClock());
});

/** The lines that are no comments, by what stands before the value. */
async function exposed(): Promise<Map<string, number>> {
  const lines = (await metrics.expose()).split("\n").filter((line) => /^[a-z]/.test(line));
  return new Map(
    lines.map((line) => {
      const end = line.lastIndexOf(" ");
      return [line.slice(0, end), Number(line.slice(end + 1))];
    }),
  );
}

describe("GuardMetrics", () => {
  it("has every number of a status", async () => {
    const flat = (value: unknown): number[] =>
      typeof value === "number"
        ? [value]
        : typeof value === "object" && value !== null
          ? Object.values(value).flatMap(flat)
          : [];
    // Each once, so that none stands for another.
    let next = 1000;
    const numbered = (value: unknown): unknown =>
      typeof value === "number"
        ? next++
        : typeof value === "object" && value !== null && !Array.isArray(value)
          ? Object.fromEntries(Object.entries(value).map(([name, each]) => [name, numbered(each)]))
          : value;
    const blocklists = { files: 0, entries: 0, dropped: 0 };
    reading = numbered({ ...STATUS, blocklists }) as MetricsReading;
    const values = [...(await exposed()).values()];
    expect(flat(reading).length).toBeGreaterThan(20);
    expect(flat(reading).filter((number) => !values.includes(number))).toEqual([]);
  });

  it("says what is wrong, and not what was", async () => {
    reading = { ...STATUS, health: [{ code: "ban-budget", severity: "warning" }] };
    const series = 'vedette_health_problems{code="ban-budget",severity="warning"}';
    expect((await exposed()).get(series)).toBe(1);
    reading = { ...STATUS, health: [] };
    expect((await exposed()).has(series)).toBe(false);
  });

  it("says which version and configuration it is", async () => {
    const series = await exposed();
    expect(series.get('vedette_build_info{version="0.1.0"}')).toBe(1);
    expect(series.get('vedette_config_info{revision="0123456789ab"}')).toBe(1);
    expect(series.get("vedette_guarding")).toBe(1);
    reading = { ...STATUS, state: "watching", config_revision: "other", challenges: null };
    const later = await exposed();
    expect(later.get("vedette_guarding")).toBe(0);
    expect(later.get("vedette_challenges_sent_total")).toBe(0);
    expect([...later.keys()].filter((name) => name.startsWith("vedette_config_info"))).toEqual([
      'vedette_config_info{revision="other"}',
    ]);
  });

  it("takes times in seconds", async () => {
    metrics.verdict(2);
    metrics.ban(20);
    metrics.ban(21);
    const series = await exposed();
    expect(series.get('vedette_verdict_seconds_bucket{le="0.001"}')).toBe(0);
    expect(series.get('vedette_verdict_seconds_bucket{le="0.0025"}')).toBe(1);
    expect(series.get('vedette_ban_seconds_bucket{le="0.02"}')).toBe(1);
    expect(series.get('vedette_ban_seconds_bucket{le="0.05"}')).toBe(2);
    expect(series.get("vedette_ban_seconds_count")).toBe(2);
  });

  it("counts its own process", async () => {
    const series = await exposed();
    expect(series.get("process_resident_memory_bytes")).toBeGreaterThan(1_000_000);
    expect(series.get("process_cpu_seconds_total")).toBeGreaterThan(0);
  });

  it("is rejected with what its reading is rejected with", async () => {
    const failing = new GuardMetrics(() => Promise.reject(new Error("no broker")), new FakeClock());
    await expect(failing.expose()).rejects.toThrow("no broker");
  });

  it("has no label that a sender chooses", () => {
    const labels = new Set(INSTRUMENTS.flatMap((each) => each.labels ?? []));
    expect([...labels].sort()).toEqual(["code", "revision", "severity", "version"]);
  });

  it("names what only grows _total, and nothing else", () => {
    for (const { name, type } of INSTRUMENTS) {
      expect(name).toMatch(/^vedette_[a-z_]+$/);
      expect(name.endsWith("_total"), name).toBe(type === "counter");
    }
  });
});

describe("docs/METRICS.md", () => {
  const rows = [...readFileSync("docs/METRICS.md", "utf8").matchAll(/^\| `([a-z_]+)`(.*)\|$/gm)];

  it("lists what there is, in its order, and nothing else", () => {
    expect(rows.map(([, name]) => name)).toEqual(metrics.names());
  });

  it.each(INSTRUMENTS)("says of $name what the guard says", ({ name, type, labels, help }) => {
    const row = rows.find(([, each]) => each === name)?.[2] ?? "";
    const shown = (labels ?? []).map((label) => `\`${label}\``).join(", ");
    expect(row).toBe(` | ${type} | ${shown === "" ? "" : `${shown} `}| ${help} `);
  });
});

describe("examples/grafana-vedette.json", () => {
  const dashboard = JSON.parse(readFileSync("examples/grafana-vedette.json", "utf8"));
  const panels = dashboard.panels as { title: string; targets?: { expr: string }[] }[];
  const queries = panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));

  it("asks only for what there is", () => {
    const asked = queries.flatMap((query) => query.match(/\b(?:vedette|process)_[a-z_]+/g) ?? []);
    const known = metrics.names().flatMap((name) => [name, `${name}_bucket`, `${name}_count`]);
    expect(asked.length).toBeGreaterThan(10);
    expect(asked.filter((name) => !known.includes(name))).toEqual([]);
  });

  it("has panels that do not lie upon one another, each with a name and a query", () => {
    for (const { title, targets } of panels) {
      expect(title).not.toBe("");
      expect(targets?.length, title).toBeGreaterThan(0);
    }
    const places = dashboard.panels.map(({ gridPos }: { gridPos: unknown }) =>
      JSON.stringify(gridPos),
    );
    expect(new Set(places).size).toBe(places.length);
  });
});
