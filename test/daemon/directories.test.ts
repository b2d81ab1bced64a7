import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { requireStateDirectory } from "../../src/daemon/directories.ts";

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), "vedette-state-"));
  onTestFinished(() => rmSync(path, { recursive: true }));
  return path;
}

describe("requireStateDirectory", () => {
  it("makes it with its parents and the guard's mode, whatever the mask, and leaves one that stands", () => {
    const path = join(folder(), "var/state");
    const mask = process.umask(0o077);
    onTestFinished(() => void process.umask(mask));
    requireStateDirectory(path);
    requireStateDirectory(path);
    expect(statSync(path).mode & 0o7777).toBe(0o755);
  });

  it("says that it cannot be made as a failure of files", () => {
    const file = join(folder(), "file");
    writeFileSync(file, "");
    expect(() => requireStateDirectory(join(file, "state"))).toThrow(
      expect.objectContaining({
        code: "ERR_JOURNAL",
        message: expect.stringContaining(`${file}/state cannot be made`),
      }),
    );
  });
});
