import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { type Configuration, requireConfiguration } from "../../src/config/load.ts";
import { KEY_NAMES } from "../../src/config/schema.ts";
import { planReload } from "../../src/daemon/reload-plan.ts";

const directory = mkdtempSync(join(tmpdir(), "vedette-reload-plan-"));
const path = join(directory, "vedette.conf");
afterAll(() => rmSync(directory, { recursive: true }));

function configured(text: string): Configuration {
  writeFileSync(path, text);
  return requireConfiguration({ path });
}

describe("planReload", () => {
  it("keeps the guard process for all keys but those that it cannot take over", () => {
    const before = configured("");
    const others = KEY_NAMES.filter((key) => {
      const texts = { ...before.texts, [key]: "another" };
      const plan = planReload(before, { ...before, texts });
      return plan.status !== "change" || plan.needsNewGuard;
    });
    expect(others).toEqual([
      ...["PORT_BANNER", "IPV6_PREFIX", "DETECTOR", "NFT_BAN", "HOOK_QUEUE"],
    ]);
  });

  const kept = { status: "change", needsNewGuard: false, keepsMemory: true };

  it.each([
    { what: "nothing", text: "# a comment\n", plan: { status: "unchanged" } },
    { what: "the same, said", text: 'SCAN_TRIGGER="3"\n', plan: { status: "unchanged" } },
    {
      what: "two keys, in the order of the reference page",
      text: 'BAN_TIME_PROVEN="2h"\nTCP_MODE="stcp"\n',
      plan: { ...kept, changed: ["TCP_MODE", "BAN_TIME_PROVEN"] },
    },
    {
      what: "the size of the memory",
      text: 'MAX_SOURCES="1000"\n',
      plan: { ...kept, changed: ["MAX_SOURCES"], keepsMemory: false },
    },
    {
      what: "an ignore file that is named now, and so must be there",
      text: 'IGNORE_FILE="/etc/vedette/vedette.ignore"\n',
      plan: { ...kept, changed: ["IGNORE_FILE"] },
    },
    {
      what: "what cannot change, whatever else does",
      text: 'IPV6_PREFIX="56"\nBAN_TIME_PROVEN="2h"\n',
      plan: {
        status: "refused",
        faults: [expect.stringContaining("vedette.conf:1: IPV6_PREFIX: it cannot change")],
      },
    },
  ])("$what", ({ text, plan }) => {
    expect(planReload(configured(""), configured(text))).toEqual(plan);
  });
});
