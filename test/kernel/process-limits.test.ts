import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";

const limits = new URL("../../src/kernel/process-limits.ts", import.meta.url).href;

/** Applies one limit in a process of its own and returns what the expression reads there. */
function readAfter(limit: string, expression: string): string {
  const script = `
    import { readFileSync, statSync } from "node:fs";
    const limits = await import("${limits}");
    const outcome = limits.${limit}();
    console.log(outcome.status, ${expression});
  `;
  const child = spawnSync(process.execPath, ["--input-type=module", "--eval", script], {
    encoding: "utf8",
  });
  return (child.stdout + child.stderr).trim();
}

describe("forbidNewPrivileges", () => {
  it("shows in the main thread's status", () => {
    const status = `/NoNewPrivs:\\t(\\d)/.exec(readFileSync("/proc/thread-self/status", "utf8"))[1]`;
    expect(readAfter("forbidNewPrivileges", status)).toBe("applied 1");
  });
});

describe("forbidDumping", () => {
  it.skipIf(process.getuid?.() === 0)("takes /proc/self from its own user", () => {
    // As root the owner is root before and after, so this one is for unprivileged runs.
    expect(readAfter("forbidDumping", `statSync("/proc/self/fd").uid`)).toBe("applied 0");
  });

  it("is accepted by the kernel", () => {
    expect(readAfter("forbidDumping", "0")).toBe("applied 0");
  });
});

describe("endWithParent", () => {
  it("is accepted by the kernel", () => {
    expect(readAfter("endWithParent", "0")).toBe("applied 0");
  });
});
