import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { describeApi } from "../../src/api/openapi.ts";
import { ROUTES } from "../../src/api/routes/all.ts";
import { createApi } from "../../src/api/server.ts";
import { FakeOperator } from "./fake-operator.ts";

interface Operation {
  readonly operationId: string;
  readonly parameters?: readonly { readonly name: string }[];
}

const description = describeApi(ROUTES);
const operations = Object.entries(description.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({
    request: `${method.toUpperCase()} ${path}`,
    operation: operation as Operation,
  })),
);
const api = createApi(new FakeOperator(), { mayChange: () => true, onDefect: () => {} });

describe("describeApi", () => {
  it("says what docs/openapi.json says; scripts/describe-api.ts writes it anew", () => {
    expect(JSON.parse(readFileSync("docs/openapi.json", "utf8"))).toEqual(description);
  });

  it("has every request that is served, and no other", () => {
    const served = api.routes
      .filter(({ method }) => method !== "ALL")
      .map(({ method, path }) => `${method} ${path}`);
    expect(served.length).toBeGreaterThan(5);
    expect(operations.map(({ request }) => request).sort()).toEqual(served.sort());
  });

  it.each(operations)("describes what answers: $request", async ({ request }) => {
    const [method = "", path = ""] = request.split(" ");
    const reply = await api.request(`http://guard${path}`, { method }, { incoming: {} });
    expect(reply.status).not.toBe(404);
    expect(reply.status).toBeLessThan(500);
  });

  it("gives every request a name of its own", () => {
    const names = operations.map(({ operation }) => operation.operationId);
    expect(names).toContain("getBans");
    expect(new Set(names).size).toBe(names.length);
  });

  it("refers only to schemas that are there, each once, and to each", () => {
    const text = JSON.stringify(description);
    const referred = [...text.matchAll(/"\$ref":"(?<to>[^"]+)"/g)].map(
      (each) => each.groups?.["to"],
    );
    const known = Object.keys(description.components.schemas);
    expect(known).toContain("BanView");
    expect([...new Set(referred)].sort()).toEqual(
      known.map((name) => `#/components/schemas/${name}`).sort(),
    );
  });

  it("calls a number in a query a number, as its bounds say", () => {
    const list = operations.find(({ request }) => request === "GET /v1/bans")?.operation;
    expect(list?.parameters?.[0]).toEqual({
      name: "limit",
      in: "query",
      required: false,
      schema: { type: "integer", minimum: 1, maximum: 10_000, default: 1000 },
    });
  });

  it("asks a reader of a reply for nothing that a later guard could break", () => {
    expect(description.components.schemas["StatusView"]).not.toHaveProperty("additionalProperties");
    expect(description.components.schemas["BanRequest"]).toHaveProperty(
      "additionalProperties",
      false,
    );
  });
});

describe("GET /v1/openapi.json", () => {
  it("is that document", async () => {
    const reply = await api.request("http://guard/v1/openapi.json");
    expect(await reply.json()).toEqual(description);
  });
});
