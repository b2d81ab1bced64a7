/**
 * The shipped units, held against systemd's own judgement where its tool is installed.
 *
 * The limits are for the version that scores: a later systemd may look at more.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

const UNITS = globSync("packaging/systemd/*").sort();
const hasTool = existsSync("/usr/bin/systemd-analyze");

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "vedette-units-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Copies that name a program which exists here, and a user that does. @returns their paths. */
function copyUnits(): string[] {
  return UNITS.map((path) => {
    const copy = join(folder, basename(path));
    const text = readFileSync(path, "utf8").replaceAll("/usr/bin/vedette ", "/bin/true ");
    writeFileSync(copy, text);
    return copy;
  });
}

/** What `systemd-analyze security` gives a unit: 0 is shut in, 10 is free. */
function exposureOf(unit: string): number {
  const args = ["security", "--offline=true", "--no-pager", `packaging/systemd/${unit}`];
  const report = execFileSync("systemd-analyze", args, { encoding: "utf8" });
  return Number(/Overall exposure level for \S+: ([\d.]+)/.exec(report)?.[1]);
}

describe("the units", () => {
  it("are those of the broker, of the guard, and of its socket", () => {
    expect(UNITS.map((path) => basename(path))).toEqual([
      "vedette-guard.service",
      "vedette-guard.socket",
      "vedette.service",
    ]);
  });

  it("name one socket", () => {
    const [guard = "", socket = "", broker = ""] = UNITS.map((path) => readFileSync(path, "utf8"));
    const [, path] = /^ListenStream=(.*)$/m.exec(socket) ?? [];
    expect(broker).toContain(`ExecStart=/usr/bin/vedette guard --guard-socket ${path}\n`);
    expect(guard).toContain("ExecStart=/usr/bin/vedette guard-process\n");
  });

  it("name no other units than those of Debian and Ubuntu alike", () => {
    const named = UNITS.flatMap((path) =>
      [
        ...readFileSync(path, "utf8").matchAll(
          /^(?:After|Before|Wants|Requires|BindsTo|PartOf|WantedBy|Alias)=(.*)$/gm,
        ),
      ].flatMap(([, names = ""]) => names.split(" ")),
    );
    expect([...new Set(named)].sort()).toEqual([
      "multi-user.target",
      "network-online.target",
      "nftables.service",
      "portsentry.service",
      "time-sync.target",
      "vedette-guard.socket",
      "vedette.service",
    ]);
  });
});

describe.skipIf(!hasTool)("systemd-analyze", () => {
  it("finds nothing wrong with the units", () => {
    const units = copyUnits();
    const { status, stderr } = spawnSync("systemd-analyze", ["verify", ...units], {
      encoding: "utf8",
    });
    const ours = stderr.split("\n").filter((line) => line.includes("vedette"));
    expect({ status, ours }).toEqual({ status: 0, ours: [] });
  });

  it("exposes the guard by no more than 1.5", () => {
    expect(exposureOf("vedette-guard.service")).toBeLessThanOrEqual(1.5);
  });

  it("exposes the broker by no more than 2.5", () => {
    expect(exposureOf("vedette.service")).toBeLessThanOrEqual(2.5);
  });
});
