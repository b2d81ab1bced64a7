import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { describeReference, describeSample } from "../../src/config/describe.ts";
import { loadConfiguration } from "../../src/config/load.ts";
import { CONFIG_KEYS, KEY_NAMES } from "../../src/config/schema.ts";

const directory = mkdtempSync(join(tmpdir(), "vedette-describe-"));
afterAll(() => rmSync(directory, { recursive: true }));

/** Run `node scripts/describe-config.ts` when one of these fails. */
function readCommitted(file: string): string {
  return readFileSync(new URL(`../../${file}`, import.meta.url), "utf8");
}

describe("describeReference", () => {
  it("is what docs/CONFIGURATION.md holds", () => {
    expect(readCommitted("docs/CONFIGURATION.md")).toBe(describeReference());
  });

  it.each(KEY_NAMES)("tells the defaults of %s", (name) => {
    const { vedette, portsentry } = CONFIG_KEYS[name].defaults;
    const [, entry = ""] = describeReference().split(`\n### ${name}\n`);
    const [section = ""] = entry.split("\n### ");
    expect(section).toContain(`- Default: \`${name}="${vedette}"\`\n`);
    const other = `- Default in profile portsentry: \`${name}="${portsentry}"\`\n`;
    expect(section.includes(other)).toBe(vedette !== portsentry);
  });
});

describe("describeSample", () => {
  it("is what examples/vedette.conf holds", () => {
    expect(readCommitted("examples/vedette.conf")).toBe(describeSample());
  });

  it.each([
    { what: "as it is", from: "default", edit: (text: string) => text },
    {
      what: "with every key switched on",
      from: "file",
      edit: (text: string) => text.replaceAll(/^#(?=[A-Z0-9_]+=)/gm, ""),
    },
  ])("loads as the defaults $what", ({ edit, from }) => {
    const path = join(directory, "sample.conf");
    writeFileSync(path, edit(describeSample()));
    const loaded = loadConfiguration({ path });
    if (loaded.status === "invalid") expect.fail(JSON.stringify(loaded.faults));
    for (const key of KEY_NAMES) {
      expect(loaded.configuration.texts[key]).toBe(CONFIG_KEYS[key].defaults.vedette);
      const source = loaded.configuration.sources[key];
      expect(source.startsWith(path) ? "file" : source).toBe(from);
    }
  });

  it("has no comment wider than 78 columns", () => {
    const comments = describeSample()
      .split("\n")
      .filter((line) => line.startsWith("# "));
    expect(comments.filter((line) => line.length > 78)).toEqual([]);
  });
});
