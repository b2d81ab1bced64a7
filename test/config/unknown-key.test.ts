import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { loadConfiguration } from "../../src/config/load.ts";
import { describeUnknownKey } from "../../src/config/unknown-key.ts";

const directory = mkdtempSync(join(tmpdir(), "vedette-unknown-key-"));
afterAll(() => rmSync(directory, { recursive: true }));

const FORMER =
  "BAN_TIME is no key any more: it has become BAN_TIME_CLAIMED, BAN_TIME_ALIVE and " +
  "BAN_TIME_PROVEN, one for each evidence";

describe("describeUnknownKey", () => {
  it.each([
    { key: "HOLD_TIMES", text: "unknown key HOLD_TIMES; did you mean HOLD_TIME?" },
    { key: "COLOUR", text: "unknown key COLOUR" },
    { key: "BAN_TIME", text: FORMER },
    { key: "constructor", text: "unknown key constructor" },
  ])("$key -> $text", ({ key, text }) => {
    expect(describeUnknownKey(key)).toBe(text);
  });
});

describe("a key that was one", () => {
  it.each(["vedette.conf", "portsentry.conf"])("stops the start in %s", (name) => {
    const path = join(directory, name);
    writeFileSync(path, 'BAN_TIME="1h"\n');
    const loaded = loadConfiguration({ path, modesPath: join(directory, "none") });
    expect(loaded).toMatchObject({
      status: "invalid",
      faults: expect.arrayContaining([{ place: `${path}:1`, text: FORMER }]),
    });
  });
});
