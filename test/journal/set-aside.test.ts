import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { findLastSetAside, setAside } from "../../src/journal/set-aside.ts";

const AT_EPOCH_MS = Date.UTC(2026, 10, 22, 10, 15, 0, 7);

let directory: string;
let path: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "vedette-aside-"));
  path = join(directory, "journal.sqlite");
});
afterEach(() => rmSync(directory, { recursive: true }));

describe("findLastSetAside", () => {
  it("reads the time back from the name, of the last one", () => {
    for (const atEpochMs of [AT_EPOCH_MS, AT_EPOCH_MS + 1, AT_EPOCH_MS - 86_400_000]) {
      writeFileSync(path, "");
      setAside(path, atEpochMs);
    }
    expect(findLastSetAside(path)).toEqual({
      path: `${path}.corrupt-20261122T101500008Z`,
      atEpochMs: AT_EPOCH_MS + 1,
    });
  });

  it.each([
    "journal.sqlite",
    "journal.sqlite-wal",
    "journal.sqlite.corrupt-20261122T101500007Z-wal",
    "journal.sqlite.corrupt-20269922T101500007Z",
    "other.sqlite.corrupt-20261122T101500007Z",
  ])("takes %s for none", (name) => {
    writeFileSync(join(directory, name), "");
    expect(findLastSetAside(path)).toBeUndefined();
  });

  it("finds none where there is no directory", () => {
    expect(findLastSetAside(join(directory, "missing", "journal.sqlite"))).toBeUndefined();
  });
});
