import { describe, expect, it } from "vitest";
import { parseGrowthRequest, USAGE } from "../../../bench/growth/request.ts";
import { SUBJECTS } from "../../../bench/growth/subjects/all.ts";

describe("parseGrowthRequest", () => {
  it("measures every subject within fifteen minutes, and writes no file", () => {
    expect(parseGrowthRequest([])).toMatchObject({
      ...{ isHelp: false, isQuick: false, subjects: SUBJECTS, limitMs: 900_000 },
      ...{ folder: undefined, page: undefined },
    });
  });

  it("takes two minutes at most with --quick", () => {
    expect(parseGrowthRequest(["--quick"])).toMatchObject({ isQuick: true, limitMs: 120_000 });
  });

  it("measures what --only names, in the order of all", () => {
    const request = parseGrowthRequest(["--only", "clients,sources"]);
    expect(request).toMatchObject({ subjects: [{ name: "sources" }, { name: "clients" }] });
  });

  it.each([
    { args: ["--only", "dogs"], fault: "there is no dogs" },
    { args: ["--page", "x.md"], fault: "--page needs --out" },
    { args: ["--loud"], fault: "--loud" },
    { args: ["all"], fault: "all" },
  ])("refuses $args", ({ args, fault }) => {
    expect(parseGrowthRequest(args)).toContain(fault);
  });

  it("names every subject in its usage", () => {
    for (const { name } of SUBJECTS) expect(USAGE).toContain(name);
  });
});

describe("the subjects", () => {
  it.each(SUBJECTS)("$name has rising sizes, of which --quick takes some", (subject) => {
    const { sizes, quickSizes } = subject;
    expect(sizes).toEqual(sizes.toSorted((a, b) => a - b));
    expect(sizes).toEqual(expect.arrayContaining([...quickSizes]));
  });

  it.each(SUBJECTS)("$name has no curve twice", ({ groups }) => {
    const ids = groups.flatMap(({ curves }) => curves.map(({ id }) => id));
    expect(new Set(ids).size).toBe(ids.length);
  });
});
