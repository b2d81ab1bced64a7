import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { openHistory } from "../../src/journal/open-history.ts";
import { campaign } from "../daemon/campaigns.ts";
import { FakeClock } from "../support/fake-clock.ts";

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "vedette-history-"));
});
afterEach(() => rmSync(directory, { recursive: true }));

it("keeps no more in memory than it may there, whatever JOURNAL_SIZE allows a file", () => {
  const path = join(directory, "missing", "history.sqlite");
  const { stories, trouble } = openHistory({ path, clock: new FakeClock() });
  expect(trouble).toBe("stand-in");
  const mostBytes = 512 * 1024 * 1024;
  const bounds = { oldestEpochMs: 0, quietSinceEpochMs: 0, mostBytes };
  for (let index = 0; index < 40_000; index += 1) {
    stories.keepCampaign(campaign({ id: `c${index}` }), true);
    if (index % 4000 === 0) stories.flush("all");
  }
  stories.flush("all");
  while (stories.forgetBeyond(bounds) > 0);
  const left = stories.campaigns({ limit: 100_000 }).length;
  expect(left).toBeGreaterThan(10_000);
  expect(left).toBeLessThan(35_000);
  stories.close();
});
