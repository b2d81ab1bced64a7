import { describe, expect, it } from "vitest";
import { outcomeOfAll, requireNoFailures } from "../../src/daemon/outcomes.ts";
import type { Outcome } from "../../src/model/order.ts";

const OUTCOMES = {
  applied: { status: "applied" },
  already: { status: "already-applied" },
  refused: { status: "refused", reason: "trusted" },
  failed: { status: "failed", reason: "exit status 1" },
} as const satisfies Record<string, Outcome>;

type Name = keyof typeof OUTCOMES;

describe("outcomeOfAll", () => {
  it.each<{ act: "ban" | "unban"; all: Name[]; one: Name }>([
    { act: "ban", all: ["failed", "applied"], one: "applied" },
    { act: "ban", all: ["refused", "already"], one: "already" },
    { act: "ban", all: ["refused", "failed"], one: "failed" },
    { act: "unban", all: ["applied", "failed"], one: "failed" },
    { act: "unban", all: ["refused", "applied"], one: "refused" },
    { act: "unban", all: ["already", "applied"], one: "applied" },
    { act: "unban", all: ["already", "already"], one: "already" },
  ])("is $one for $all of a $act", ({ act, all, one }) => {
    expect(
      outcomeOfAll(
        all.map((name) => OUTCOMES[name]),
        act,
      ),
    ).toEqual(OUTCOMES[one]);
  });

  it("is refused when nobody carries orders out", () => {
    expect(outcomeOfAll([], "ban")).toMatchObject({ status: "refused" });
  });
});

describe("requireNoFailures", () => {
  it("says nothing without any", () => {
    expect(() => requireNoFailures([], 3)).not.toThrow();
  });

  it("names five, and how many more there are", () => {
    const failures = [1, 2, 3, 4, 5, 6, 7].map((last) => `192.0.2.${last}: exit status 1`);
    expect(() => requireNoFailures(failures, 3)).toThrow(
      /^7 could not be let in, 3 were:\n192\.0\.2\.1: .*\n192\.0\.2\.5: exit status 1\nand 2 more$/s,
    );
  });
});
