import { describe, expect, it } from "vitest";
import { parseRequest } from "../../../bench/live/request.ts";

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
      settings: { seconds: 2, mostBans: 1000 },
    });
    expect(parseRequest(["--quick", "--rounds", "2"])).toMatchObject({
      rounds: 2,
      settings: { seconds: 2 },
    });
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
    { args: ["--fast"], says: /Unknown option '--fast'/ },
  ])("says what cannot be: $args", ({ args, says }) => {
    expect(parseRequest(args)).toMatch(says);
  });
});
