import { Command } from "commander";
import { describe, expect, it } from "vitest";
import { addSelftestCommand } from "../../src/cli/commands/selftest.ts";
import type { SelftestReport } from "../../src/daemon/selftest/answer-selftest.ts";
import { OperationalError } from "../../src/errors.ts";
import { createFakeContext } from "./fake-context.ts";

const PASSED: SelftestReport = {
  status: "passed",
  version: "0.1.0",
  kernel: "6.1.0",
  seconds: 9.876,
  steps: [
    { name: "guard", status: "passed", seen: "it is there", seconds: 1.5 },
    { name: "held", status: "passed", seen: "192.0.2.66 is in held4", seconds: 0.02 },
  ],
  health: [],
  kept: null,
};

const FAILED: SelftestReport = {
  ...PASSED,
  status: "failed",
  steps: [
    { name: "held", status: "failed", seen: "192.0.2.66 is not in held4", seconds: 4 },
    { name: "dropped", status: "skipped", seen: 'it builds on "banned"', seconds: 0 },
  ],
  health: [{ code: "trust-everybody", text: "Everybody is trusted." }],
  kept: "/run/vedette-selftest-1/guard.log",
};

async function selftest(report: SelftestReport, words: readonly string[] = [], uid = 0) {
  const context = createFakeContext({ uid });
  const program = new Command("vedette").option("--json").exitOverride();
  let asked: { overrides: Readonly<Record<string, string>>; keeps: boolean } | undefined;
  addSelftestCommand(program, context, async ({ overrides, keeps, onStep }) => {
    asked = { overrides, keeps };
    for (const step of report.steps) onStep(step);
    return report;
  });
  await program.parseAsync(["selftest", ...words], { from: "user" });
  return { asked, context, printed: context.printed() };
}

describe("vedette selftest", () => {
  it("prints a line a step with what was seen, and ends with 0 when all passed", async () => {
    const { context, printed } = await selftest(PASSED);
    expect(printed).toMatch(/^ok {4}the guard stands +1500 ms {2}it is there$/m);
    expect(printed).toMatch(/^ok {4}the source is held +20 ms {2}192\.0\.2\.66 is in held4$/m);
    expect(printed).toContain("2 of 2 steps passed in 9.9 s (Vedette 0.1.0, Linux 6.1.0).");
    expect(context.exitStatus).toBe(0);
  });

  it("says what failed and what was skipped, what the guard said, and ends with 1", async () => {
    const { context, printed } = await selftest(FAILED);
    expect(printed).toMatch(
      /^FAIL {2}the source is held +4000 ms {2}192\.0\.2\.66 is not in held4$/m,
    );
    expect(printed).toMatch(/^skip {2}its packets are dropped +0 ms {2}it builds on "banned"$/m);
    expect(printed).toContain("The guard said: Everybody is trusted. (trust-everybody)");
    expect(printed).toContain("The guard's output: /run/vedette-selftest-1/guard.log");
    expect(context.exitStatus).toBe(1);
  });

  it("prints one object for programs and nothing else, with the same status", async () => {
    const { context, printed } = await selftest(FAILED, ["--json"]);
    expect(JSON.parse(printed)).toEqual(FAILED);
    expect(context.exitStatus).toBe(1);
  });

  it("hands on keys and the wish to keep the output", async () => {
    const { asked } = await selftest(PASSED, [
      "--keep",
      "--set",
      "PROOF=none",
      "--set",
      "GRACE=1m",
    ]);
    expect(asked).toEqual({ overrides: { PROOF: "none", GRACE: "1m" }, keeps: true });
  });

  it("is refused to who is not root, before anything is made", async () => {
    const refused = selftest(PASSED, [], 1000);
    await expect(refused).rejects.toThrow(OperationalError);
    await expect(refused).rejects.toMatchObject({ code: "ERR_PERMISSION" });
  });
});
