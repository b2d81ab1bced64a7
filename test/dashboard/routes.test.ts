import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isKnown, pageLink, parseRoute, sourceLink } from "../../src/dashboard/routes.ts";

describe("parseRoute", () => {
  it.each([
    { hash: "", page: "now", query: {} },
    { hash: "#/", page: "now", query: {} },
    { hash: "#/bans", page: "bans", query: {} },
    {
      hash: "#/bans?view=trusted&find=a%20b",
      page: "bans",
      query: { view: "trusted", find: "a b" },
    },
    { hash: "#/nowhere", page: "now", query: {} },
    { hash: "#/source/", page: "now", query: {} },
    { hash: "#/source/%", page: "now", query: {} },
  ])("takes $hash for $page", ({ hash, page, query }) => {
    expect(parseRoute(hash)).toEqual({ page, query });
  });

  it.each(["192.0.2.7", "198.51.100.0/24", "2001:db8::/64"])("finds the story of %s", (address) => {
    expect(parseRoute(sourceLink(address))).toEqual({ page: "source", address });
    expect(parseRoute(`#/source/${address}`)).toEqual({ page: "source", address });
  });

  it("understands or passes over whatever stands there", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (hash) => {
        const route = parseRoute(`#/${hash}`);
        expect(route.page).toBeTypeOf("string");
      }),
    );
  });
});

describe("isKnown", () => {
  it.each(["", "#", "#/", "#/now", "#/bans?view=trusted", "#/source/192.0.2.7"])(
    "%j is",
    (hash) => {
      expect(isKnown(hash)).toBe(true);
    },
  );

  it.each(["#/nothing", "#nothing", "#/source/", "#/nowhere", "#/no?view=now"])(
    "%j is not",
    (hash) => {
      expect(isKnown(hash)).toBe(false);
    },
  );
});

describe("pageLink", () => {
  it("leaves out what is empty", () => {
    expect(pageLink("campaigns", { verdict: "scan", find: "" })).toBe("#/campaigns?verdict=scan");
    expect(pageLink("bans", { find: "" })).toBe("#/bans");
  });
});
