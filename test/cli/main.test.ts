import { spawnSync } from "node:child_process";
import { openSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

const LAUNCHER = join(import.meta.dirname, "../../bin/vedette");

describe("vedette", () => {
  it("says in one line that its output could not be written", () => {
    const stdio = ["ignore", openSync("/dev/full", "w"), "pipe"] as const;
    const { status, stderr } = spawnSync(LAUNCHER, ["--help"], { stdio: [...stdio] });
    expect(String(stderr)).toMatch(
      /^vedette: the output cannot be written: no space left [^\n]*\n$/,
    );
    expect(status).toBe(74);
  });

  it("ends quietly when nobody reads its output any more", () => {
    const ended = spawnSync("sh", ["-c", `"${LAUNCHER}" config show | head -n 1`]);
    expect(String(ended.stderr)).toBe("");
    expect(ended.status).toBe(0);
  });
});
