import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { describeLicences } from "../../packaging/licences.ts";
import { productionPackages, readLockEntries } from "../../packaging/lock-file.ts";

const PACKAGES = productionPackages(readLockEntries("."), undefined);

describe("docs/LICENCES.md", () => {
  it("is what package-lock.json says (write it anew: node scripts/describe-licences.ts)", () => {
    expect(readFileSync("docs/LICENCES.md", "utf8")).toBe(describeLicences(PACKAGES));
  });
});

describe("describeLicences", () => {
  it("asks what a new package is for", () => {
    const [first] = PACKAGES;
    if (first === undefined) throw new Error("no packages");
    expect(() => describeLicences([{ ...first, name: "left-pad" }])).toThrow(/left-pad/);
  });
});

describe("licences", () => {
  it("are such that the program may be passed on with them", () => {
    expect([...new Set(PACKAGES.map(({ license }) => license))]).toEqual([
      "MIT",
      "Apache-2.0",
      "MIT-0",
    ]);
  });
});
