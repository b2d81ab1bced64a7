import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { loadLibrary } from "../../src/kernel/foreign-library.ts";

const kernelFolder = new URL("../../src/kernel/", import.meta.url).href;

/** Runs statements in a process of its own and returns what it prints. */
function runScript(statements: string): string {
  const child = spawnSync(process.execPath, ["--input-type=module", "--eval", statements], {
    encoding: "utf8",
  });
  return child.stdout + child.stderr;
}

describe("loadLibrary", () => {
  it("names the remedy when a library is missing", () => {
    expect(() => loadLibrary("libvedette-nowhere.so.1", "install it")).toThrow(
      expect.objectContaining({ code: "ERR_UNAVAILABLE", message: "install it" }),
    );
  });

  it("is not reached by importing the room: the native part loads with the first call", () => {
    const isMapped = `readFileSync("/proc/self/maps", "utf8").includes("koffi")`;
    const printed = runScript(`
      import { readFileSync } from "node:fs";
      await import("${kernelFolder}nflog.ts");
      await import("${kernelFolder}nflog-reader.ts");
      await import("${kernelFolder}nftables.ts");
      await import("${kernelFolder}sock-diag.ts");
      await import("${kernelFolder}unix-listener.ts");
      const libc = await import("${kernelFolder}libc.ts");
      console.log(${isMapped});
      libc.close(-1);
      console.log(${isMapped});
    `);
    expect(printed).toBe("false\ntrue\n");
  });
});
