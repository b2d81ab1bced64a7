import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command } from "commander";
import { afterAll, describe, expect, it } from "vitest";
import { addDoctorCommand } from "../../src/cli/commands/doctor.ts";
import type { DoctorReport, FactsRequest } from "../../src/daemon/doctor/answer-doctor.ts";
import { createFakeContext } from "./fake-context.ts";

const folder = mkdtempSync(join(tmpdir(), "vedette-doctor-"));
afterAll(() => rmSync(folder, { recursive: true }));

const FINE: DoctorReport = {
  status: "fine",
  version: "0.1.0",
  kernel: "6.1.0",
  checks: 28,
  findings: [],
};

const finding = (severity: "error" | "warning" | "notice") => ({
  code: `some-${severity}`,
  severity,
  text: `There is a ${severity}.`,
  action: `Mend the ${severity}.`,
});

async function doctor(report: DoctorReport, words: readonly string[] = []) {
  const context = createFakeContext({ uid: 0 });
  const program = new Command("vedette")
    .option("--run <dir>")
    .option("--state <dir>")
    .option("--json")
    .exitOverride();
  let asked: FactsRequest | undefined;
  addDoctorCommand(program, context, async (request) => {
    asked = request;
    return report;
  });
  const places = ["--run", folder, "--state", join(folder, "state")];
  await program.parseAsync([...places, "doctor", ...words], { from: "user" });
  return { asked, printed: context.printed(), exitStatus: context.exitStatus };
}

describe("vedette doctor", () => {
  it.each([
    { status: "fine", exitStatus: 0 },
    { status: "notice", exitStatus: 0 },
    { status: "warning", exitStatus: 1 },
    { status: "error", exitStatus: 2 },
  ] as const)(
    "ends with $exitStatus when the worst is: $status",
    async ({ status, exitStatus }) => {
      expect((await doctor({ ...FINE, status })).exitStatus).toBe(exitStatus);
    },
  );

  it("says that nothing was found, and how much was looked at", async () => {
    const { printed } = await doctor(FINE);
    expect(printed).toBe("Nothing was found, in 28 checks (Vedette 0.1.0, Linux 6.1.0).\n");
  });

  it("tells each finding with its code and its remedy, and counts them", async () => {
    const findings = [finding("error"), finding("warning"), finding("notice"), finding("notice")];
    const { printed } = await doctor({ ...FINE, status: "error", findings });
    expect(printed).toContain(
      "error: There is a error. (some-error)\n  What to do: Mend the error.\n\nwarning: There",
    );
    expect(printed).toContain("1 error, 1 warning, 2 things to know, in 28 checks");
  });

  it("keeps the terminal safe from the name of a program", async () => {
    const evil = { ...finding("notice"), text: "tcp 9 (\x1b[2Jnc)\nerror: root was here" };
    const { printed } = await doctor({ ...FINE, findings: [evil] });
    expect(printed).not.toContain("\x1b");
    expect(printed).not.toMatch(/^error:/m);
  });

  it("prints one object for programs", async () => {
    const report = { ...FINE, status: "notice", findings: [finding("notice")] } as const;
    expect(JSON.parse((await doctor(report, ["--json"])).printed)).toEqual(report);
  });

  it("hands on that no guard listens, where it was looked for, and the file that was named", async () => {
    const { asked } = await doctor(FINE, ["-c", "/etc/other.conf"]);
    expect(asked).toEqual({
      guard: { status: "absent" },
      stateDirectory: join(folder, "state"),
      configPath: "/etc/other.conf",
      uid: 0,
    });
  });
});
