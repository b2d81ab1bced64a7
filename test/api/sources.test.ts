import { describe, expect, it } from "vitest";
import { type SourcesView, sourcesViewSchema } from "../../src/api/contract.ts";
import type { SourcesQuery } from "../../src/api/route.ts";
import { createApi } from "../../src/api/server.ts";
import { FakeOperator } from "./fake-operator.ts";

const TALLY = { sources: 1, campaigns: 2, probes: 9, scans: 1, banned: 1 };

const VIEW: SourcesView = {
  since: "2026-11-22T12:00:00.000Z",
  at: "2026-11-23T12:00:00.000Z",
  sources: 1,
  campaigns: 2,
  probes: 9,
  verdicts: { scan: 1, undecided: 1, benign: 0 },
  evidence: { claimed: 1, alive: 1, proven: 0 },
  outcomes: { none: 1, banned: 1, unbanned: 0, spared: 0, failed: 0 },
  tools: [{ tool: null, campaigns: 2 }],
  countries: [{ country: "NL", name: "Netherlands", ...TALLY, last: "2026-11-23T11:00:00.000Z" }],
  asns: null,
  databases: [{ type: "GeoLite2-Country", built: "2026-11-20T00:00:00.000Z" }],
  networks: [{ address: "192.0.2.0/24", ...TALLY, last: "2026-11-23T11:00:00.000Z" }],
  blocks: [{ address: "192.0.0.0/16", ...TALLY, last: "2026-11-23T11:00:00.000Z" }],
};

function apiWith(asked: SourcesQuery[]) {
  const sources = async (query: SourcesQuery) => {
    asked.push(query);
    return VIEW;
  };
  return createApi(new FakeOperator(), { mayChange: () => false, onDefect: () => {}, sources });
}

describe("GET /v1/sources", () => {
  it.each([
    { query: "", limit: 50, sinceEpochMs: undefined },
    { query: "?limit=1000", limit: 1000, sinceEpochMs: undefined },
    {
      query: "?limit=1&since=2026-11-22T13:00:00%2B01:00",
      limit: 1,
      sinceEpochMs: Date.parse("2026-11-22T12:00:00Z"),
    },
  ])("answers as the contract says: $query", async ({ query, limit, sinceEpochMs }) => {
    const asked: SourcesQuery[] = [];
    const reply = await apiWith(asked).request(`/v1/sources${query}`);
    expect(reply.status).toBe(200);
    expect(sourcesViewSchema.strict().parse(await reply.json())).toEqual(VIEW);
    expect(asked).toEqual([{ limit, sinceEpochMs }]);
  });

  it.each(["limit=0", "limit=1001", "limit=x", "since=yesterday", "after=1"])(
    "refuses ?%s",
    async (query) => {
      const asked: SourcesQuery[] = [];
      const reply = await apiWith(asked).request(`/v1/sources?${query}`);
      expect(reply.status).toBe(400);
      expect(asked).toEqual([]);
    },
  );

  it("says so where nothing is counted", async () => {
    const api = createApi(new FakeOperator(), { mayChange: () => false, onDefect: () => {} });
    expect((await api.request("/v1/sources")).status).toBe(400);
  });
});

describe("GET /v1/campaigns", () => {
  const api = (operator: FakeOperator) =>
    createApi(operator, { mayChange: () => false, onDefect: () => {} });

  it("takes what campaigns look like", async () => {
    const operator = new FakeOperator();
    const query = "tool=nmap&evidence=proven&outcome=banned&text=tcp%2022&verdict=scan";
    expect((await api(operator).request(`/v1/campaigns?${query}`)).status).toBe(200);
    const looks = { tool: "nmap", evidence: "proven", outcome: "banned", verdict: "scan" };
    expect(operator.requests).toEqual([expect.objectContaining({ ...looks, text: "tcp 22" })]);
  });

  it("asks for an unknown tool as null", async () => {
    const operator = new FakeOperator();
    await api(operator).request("/v1/campaigns?tool=unknown");
    expect(operator.requests).toEqual([expect.objectContaining({ tool: null })]);
  });

  it.each(["tool=hammer", "evidence=sure", "outcome=lost", "text=", `text=${"x".repeat(101)}`])(
    "refuses ?%s",
    async (query) => {
      const operator = new FakeOperator();
      expect((await api(operator).request(`/v1/campaigns?${query}`)).status).toBe(400);
      expect(operator.requests).toEqual([]);
    },
  );
});
