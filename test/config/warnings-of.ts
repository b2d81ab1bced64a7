/** What loading a configuration file of this content warns of, with the line in place of the path. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";
import { loadConfiguration } from "../../src/config/load.ts";

const directory = mkdtempSync(join(tmpdir(), "vedette-warnings-"));
afterAll(() => rmSync(directory, { recursive: true }));

export function warningsOf(content: string, name = "vedette.conf"): string[] {
  const path = join(directory, name);
  writeFileSync(path, content);
  const loaded = loadConfiguration({ path, modesPath: join(directory, "none") });
  const warnings = loaded.status === "ok" ? loaded.configuration.warnings : loaded.warnings;
  return warnings.map(({ place, text }) => `${place.replace(`${path}:`, "line ")}: ${text}`);
}
