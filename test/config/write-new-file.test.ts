import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { writeNewFile } from "../../src/config/write-new-file.ts";
import { OperationalError } from "../../src/errors.ts";

const directory = mkdtempSync(join(tmpdir(), "vedette-new-"));
afterAll(() => rmSync(directory, { recursive: true }));

function codeOf(act: () => void): string | undefined {
  try {
    act();
    return undefined;
  } catch (error) {
    return error instanceof OperationalError ? error.code : "a bug";
  }
}

describe("writeNewFile", () => {
  it("writes what does not exist, and leaves what does", () => {
    const path = join(directory, "new");
    expect(codeOf(() => writeNewFile(path, "first"))).toBeUndefined();
    expect(codeOf(() => writeNewFile(path, "second"))).toBe("ERR_REFUSED");
    expect(readFileSync(path, "utf8")).toBe("first");
  });

  it("tells a missing directory from one that is a file", () => {
    writeFileSync(join(directory, "file"), "");
    expect(codeOf(() => writeNewFile(join(directory, "none/new"), ""))).toBe("ERR_UNAVAILABLE");
    expect(codeOf(() => writeNewFile(join(directory, "file/new"), ""))).toBe("ERR_UNAVAILABLE");
    expect(codeOf(() => writeNewFile(join(directory, "n".repeat(300)), ""))).toBe(
      "ERR_UNAVAILABLE",
    );
  });
});
