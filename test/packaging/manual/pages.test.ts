import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { EXAMPLES } from "../../../packaging/manual/configuration-page.ts";
import { describePages } from "../../../packaging/manual/pages.ts";
import { MODES } from "../../../packaging/manual/portsentry-page.ts";
import { parsePortsentryCommandLine } from "../../../src/cli/portsentry/parse-command-line.ts";
import { loadConfiguration } from "../../../src/config/load.ts";
import { KEY_NAMES } from "../../../src/config/schema.ts";
import { EXIT_STATUS } from "../../../src/errors.ts";

const directory = mkdtempSync(join(tmpdir(), "vedette-manual-"));
afterAll(() => rmSync(directory, { recursive: true }));

const MANUALS = fileURLToPath(new URL("../../../man/", import.meta.url));
const PAGES = new Map(describePages());
const WHOLE_PAGES = [...PAGES.keys()].filter((name) => !PAGES.get(name)?.startsWith(".so "));

const isInstalled = (tool: string) => spawnSync(tool, ["-h"]).error === undefined;

describe("describePages", () => {
  it("names every page that the packages take, and no other", () => {
    expect(readdirSync(MANUALS).sort()).toEqual([...PAGES.keys()].sort());
  });

  it.each([...PAGES.keys()])("is what man/%s holds", (name) => {
    // Run `node scripts/describe-manual.ts` when this fails.
    expect(readFileSync(join(MANUALS, name), "utf8")).toBe(PAGES.get(name));
  });

  it.skipIf(!isInstalled("mandoc")).each(WHOLE_PAGES)("writes %s without a fault", (name) => {
    const { stdout, status } = spawnSync("mandoc", ["-Tlint", "-Wwarning", join(MANUALS, name)], {
      encoding: "utf8",
    });
    expect({ stdout, status }).toEqual({ stdout: "", status: 0 });
  });

  it.skipIf(!isInstalled("groff")).each(WHOLE_PAGES)("writes %s so that groff takes it", (name) => {
    const words = ["-mandoc", "-ww", "-Tutf8", "-z", join(MANUALS, name)];
    const { stderr, status } = spawnSync("groff", words, { encoding: "utf8" });
    expect({ stderr, status }).toEqual({ stderr: "", status: 0 });
  });
});

describe("describeCommandPage", () => {
  it.each(Object.entries(EXIT_STATUS))("tells of %s, exit status %s", (code, status) => {
    expect(PAGES.get("vedette.8")).toContain(`\n.It ${status} Pq ${code}\n`);
  });
});

describe("describeConfigurationPage", () => {
  it.each(KEY_NAMES)("has %s", (key) => {
    expect(PAGES.get("vedette.conf.5")).toContain(`\n.It Ic ${key}\n`);
  });

  it.each(EXAMPLES)("has an example that is in force as it stands: %s", (_about, text) => {
    const path = join(directory, "example.conf");
    writeFileSync(path, text);
    const loaded = loadConfiguration({ path });
    if (loaded.status === "invalid") expect.fail(JSON.stringify(loaded.faults));
    expect(loaded.configuration.warnings).toEqual([]);
  });
});

describe("describePortsentryPage", () => {
  it.each(MODES)("names %s, which is taken", (word) => {
    expect(parsePortsentryCommandLine([word], "/").status).toBe("run");
  });
});
