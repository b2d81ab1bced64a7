import { describe, expect, it } from "vitest";
import { type Paged, ROOM_PAGES, withFirstPage, withNextPage } from "../../src/dashboard/paging.ts";

const keyOf = (row: string): string => row;
const LIMIT = 3;

function paged(rows: string, isWhole = false): Paged<string> {
  return { rows: [...rows], isWhole };
}

describe("withFirstPage", () => {
  it.each([
    { what: "nothing is new", known: "abcdef", page: "abc", rows: "abcdef" },
    { what: "one is new", known: "abcdef", page: "xab", rows: "xabcdef" },
    {
      what: "all are new, and more of them may be in between",
      known: "abcdef",
      page: "xyz",
      rows: "xyz",
    },
    { what: "one of the first page is gone", known: "abcdef", page: "acd", rows: "acdef" },
    { what: "one has moved up from far behind", known: "abcdef", page: "eab", rows: "eabcdf" },
    { what: "the last of the page has moved up", known: "abcdef", page: "xya", rows: "xyabcdef" },
    { what: "nothing was known", known: "", page: "abc", rows: "abc" },
  ])("is right when $what", ({ known, page, rows }) => {
    expect(withFirstPage(paged(known), [...page], LIMIT, keyOf).rows.join("")).toBe(rows);
  });

  it("is the whole list when fewer came than were asked for", () => {
    expect(withFirstPage(paged("abcdef"), [..."ab"], LIMIT, keyOf)).toEqual(paged("ab", true));
    expect(withFirstPage(paged("abcdef"), [], LIMIT, keyOf)).toEqual(paged("", true));
  });

  it("is not the whole list when what is in between is not known", () => {
    expect(withFirstPage(paged("abc", true), [..."xyz"], LIMIT, keyOf)).toEqual(paged("xyz"));
  });

  it("does not forget that the end was reached", () => {
    expect(withFirstPage(paged("abcd", true), [..."xab"], LIMIT, keyOf)).toEqual(
      paged("xabcd", true),
    );
  });
});

describe("a list whose head changes for days", () => {
  const most = LIMIT * ROOM_PAGES;

  /** `known` after so many first pages that each have two new rows. */
  function refreshed(known: Paged<number>, times: number): Paged<number> {
    for (let turn = 0; turn < times; turn += 1) {
      const newest = known.rows[0] ?? 0;
      const page = [newest + 2, newest + 1, newest];
      known = withFirstPage(known, page, LIMIT, String);
    }
    return known;
  }

  it("does not grow for ever, and knows then that there is more", () => {
    const known = refreshed({ rows: [3, 2, 1], isWhole: true }, 1000);
    expect([known.rows.length, known.isWhole]).toEqual([most, false]);
    expect(known.rows).toEqual(Array.from({ length: most }, (_none, row) => 2003 - row));
  });

  it("keeps all that was looked at", () => {
    const rows = Array.from({ length: 100 }, (_none, row) => 100 - row);
    expect(refreshed({ rows, isWhole: false }, 50).rows).toHaveLength(100);
  });
});

describe("withNextPage", () => {
  it("puts what follows behind what is known, each once", () => {
    expect(withNextPage(paged("abc"), [..."cde"], LIMIT, keyOf)).toEqual(paged("abcde"));
  });

  it("is the whole list when fewer came than were asked for", () => {
    expect(withNextPage(paged("abc"), [..."d"], LIMIT, keyOf)).toEqual(paged("abcd", true));
    expect(withNextPage(paged("abc"), [], LIMIT, keyOf)).toEqual(paged("abc", true));
  });
});
