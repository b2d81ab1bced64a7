import { describe, expect, it } from "vitest";
import { CONTESTANTS } from "../../../bench/live/contestants/all.ts";
import { type BenchRequest, leftOut, parseRequest, USAGE } from "../../../bench/live/request.ts";
import { ROWS } from "../../../bench/live/rows/all.ts";

function read(args: readonly string[]): BenchRequest {
  const request = parseRequest(args);
  if (typeof request === "string") throw new Error(request);
  return request;
}

describe("parseRequest", () => {
  it("asks for everybody, every row and five rounds", () => {
    expect(parseRequest([])).toMatchObject({
      rounds: 5,
      settings: { seconds: 3, scans: 2, mostBans: 1_000_000 },
    });
  });

  it("lets --rounds stand beside --quick", () => {
    expect(parseRequest(["--quick"])).toMatchObject({
      rounds: 1,
      settings: { seconds: 1, mostBans: 1000, isQuick: true },
    });
    expect(parseRequest(["--quick", "--rounds", "2"])).toMatchObject({
      rounds: 2,
      settings: { seconds: 1 },
    });
  });

  it("leaves rows out with --quick and says which, unless they are named", () => {
    const quick = read(["--quick"]);
    expect(quick.rows.map(({ name }) => name)).not.toContain("bans-1m");
    expect(leftOut(quick).at(-1)).toMatch(/^left out: bans-0, .*bans-1m, .*many-sources/);
    const named = read(["--quick", "--only", "journal"]);
    expect(named.rows.map(({ name }) => name)).toEqual(["journal"]);
    expect(leftOut(named)).toHaveLength(1);
    expect(leftOut(read([]))).toEqual([]);
  });

  it("makes the page of earlier results without any other wish", () => {
    expect(read(["--redraw", "a.json", "--out", "b.md"])).toMatchObject({
      redraw: "a.json",
      page: "b.md",
    });
  });

  it("names every row and contestant in its usage", () => {
    for (const { name } of ROWS) expect(USAGE).toContain(name);
    for (const { id } of CONTESTANTS) expect(USAGE).toContain(id);
    expect(read(["--help"]).isHelp).toBe(true);
  });

  it("picks rows and contestants in the order of the page", () => {
    const request = parseRequest(["--only", "leak,idle", "--contestants", "vedette,none"]);
    expect(request).toMatchObject({
      rows: [{ name: "idle" }, { name: "leak" }],
      contestants: [{ id: "none" }, { id: "vedette" }],
    });
  });

  it.each([
    { args: ["--rounds", "0"], says: "--rounds 0: a whole number from 1 to 100" },
    { args: ["--rounds", "101"], says: "--rounds 101: a whole number from 1 to 100" },
    { args: ["--rounds", "two"], says: "--rounds two: a whole number from 1 to 100" },
    { args: ["--only", "lek"], says: /^there is no lek; there are start, idle,/ },
    { args: ["--contestants", "psad"], says: /^there is no psad; there are none, vedette,/ },
    { args: ["--redraw", "a.json", "--rounds", "2"], says: /no use for --rounds/ },
    { args: ["--redraw", "a.json", "--quick"], says: /no use for --quick/ },
    { args: ["now"], says: /Unexpected argument 'now'/ },
    { args: ["--fast"], says: /Unknown option '--fast'/ },
  ])("says what cannot be: $args", ({ args, says }) => {
    expect(parseRequest(args)).toMatch(says);
  });
});
