import { describe, expect, it } from "vitest";
import { filterOf, queryOf } from "../../../../src/dashboard/pages/campaigns/filter.ts";

const UNTIL_MS = Date.parse("2026-11-22T13:00:00.000Z");

describe("a filter", () => {
  it.each([
    { query: {}, asked: {} },
    { query: { verdict: "scan" }, asked: { verdict: "scan" } },
    { query: { since: "24h" }, asked: { since: "2026-11-21T13:00:00.000Z" } },
    { query: { address: "192.0.2.0/24" }, asked: { address: "192.0.2.0/24" } },
    { query: { verdict: "certain", since: "1y", later: "1" }, asked: {} },
  ])("of $query asks for $asked", ({ query, asked }) => {
    expect(queryOf(filterOf(query), UNTIL_MS)).toEqual(asked);
  });
});
