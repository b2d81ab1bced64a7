/** Configurations of both profiles gone wrong: findings with their places, and never a throw. */
import { globSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { describeSample } from "../../../src/config/describe.ts";
import { formatFinding, formatWarning } from "../../../src/config/findings.ts";
import { loadConfiguration, loadConfigurationTexts } from "../../../src/config/load.ts";
import { FakeFiles } from "../../broker/trust/fake-files.ts";
import { mutatedText } from "../mutated-text.ts";
import { fuzzTarget, promise } from "../target.ts";

const SETTINGS = describeSample().replaceAll(/^#\s?([A-Z_]+=)/gm, "$1");
const SEEDS = [
  describeSample(),
  SETTINGS,
  ...globSync("test/config/samples/**/*.conf").map((path) => readFileSync(path, "utf8")),
];

const files = fc.record({
  text: mutatedText(fc.constantFrom(...SEEDS)),
  profile: fc.constantFrom("vedette" as const, "portsentry" as const),
});

interface WrittenFile {
  readonly text: string;
  readonly profile: "vedette" | "portsentry";
}

export const configurationTarget = fuzzTarget("configuration", files, check, (bytes) => ({
  text: bytes.toString(),
  profile: "vedette" as const,
}));

function check({ text, profile }: WrittenFile): void {
  using folder = new FakeFiles();
  const path = folder.write("f.conf", text);
  const modesPath = folder.path("modes");
  const loaded = loadConfiguration({ path, profile, modesPath });
  if (loaded.status === "invalid")
    promise(loaded.faults.length > 0, "invalid, and nobody says why");
  const { warnings } = loaded.status === "ok" ? loaded.configuration : loaded;
  const told =
    loaded.status === "ok"
      ? warnings.map(formatWarning)
      : [...loaded.faults.map(formatFinding), ...warnings.map(formatWarning)];
  for (const each of told) {
    // Whoever prints it escapes it, line by line.
    promise(!each.includes("\n"), `more than one line: ${JSON.stringify(each.slice(0, 300))}`);
  }
  if (loaded.status === "invalid") return;
  const { values, texts } = loaded.configuration;
  const again = loadConfigurationTexts(texts);
  promise(JSON.stringify(again) === JSON.stringify(values), "the guard reads other settings");
}
