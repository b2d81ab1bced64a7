import { globSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { describeLicences } from "../../packaging/licences.ts";
import { bundledPackages, productionPackages, readLockEntries } from "../../packaging/lock-file.ts";

const ENTRIES = readLockEntries(".");
const PACKAGES = productionPackages(ENTRIES, undefined);
const BUNDLED = bundledPackages(ENTRIES);

describe("docs/LICENCES.md", () => {
  it("is what package-lock.json says (write it anew: node scripts/describe-licences.ts)", () => {
    expect(readFileSync("docs/LICENCES.md", "utf8")).toBe(describeLicences(PACKAGES, BUNDLED));
  });
});

describe("describeLicences", () => {
  it("asks what a new package is for", () => {
    const [first] = PACKAGES;
    if (first === undefined) throw new Error("no packages");
    expect(() => describeLicences([{ ...first, name: "left-pad" }], [])).toThrow(/left-pad/);
  });
});

describe("bundledPackages", () => {
  it("are those that the dashboard names, and no others", () => {
    const files = globSync("src/dashboard/**/*.{ts,tsx,css}");
    const named = files.flatMap((file) =>
      [...readFileSync(file, "utf8").matchAll(/(?:from |import |url\()"(?<name>[^."][^"]*)"/g)].map(
        ({ groups }) => /^(?:@[^/]+\/)?[^/]+/.exec(groups?.["name"] ?? "")?.[0],
      ),
    );
    expect([...new Set(named)].sort()).toEqual(BUNDLED.map(({ name }) => name));
  });

  it("need nothing that would come along", () => {
    for (const { path } of BUNDLED) expect(ENTRIES[path]?.dependencies).toBeUndefined();
  });
});

describe("licences", () => {
  it("are such that the program may be passed on with them", () => {
    expect([...new Set(PACKAGES.map(({ license }) => license))]).toEqual([
      "MIT",
      "Apache-2.0",
      "MIT-0",
    ]);
    expect([...new Set(BUNDLED.map(({ license }) => license))]).toEqual(["OFL-1.1", "MIT"]);
  });
});
