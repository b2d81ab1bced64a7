/** `vedette config`: is the configuration good, and what is in force? Needs no guard. */
import { existsSync } from "node:fs";
import type { Command } from "commander";
import { formatFinding } from "../../config/findings.ts";
import type { Configuration } from "../../config/load.ts";
import { loadConfiguration, requireConfiguration } from "../../config/load.ts";
import { KEY_NAMES } from "../../config/schema.ts";
import { EXIT_STATUS } from "../../errors.ts";
import { readGlobals } from "../arguments.ts";
import type { CliContext } from "../context.ts";
import { escapeInvisible, print, printError, printJson } from "../printable.ts";
import { formatTable } from "../table.ts";

const FILE_OPTION = ["-c, --config <file>", "file (default: /etc/vedette/vedette.conf)"] as const;

const EXAMPLES = `
Examples:
  vedette config check -c my.conf      all faults at once; exit status 78 when there are any
  vedette config show                  what is in force, and where it comes from
`;

interface ConfigFlags {
  readonly config?: string;
}

export function addConfigCommand(program: Command, context: CliContext): void {
  const config = program
    .command("config")
    .summary("check or show the configuration")
    .description("Checks the configuration, or shows what is in force.")
    .addHelpText("after", EXAMPLES);
  config
    .command("check")
    .description("Tells every fault of the configuration, each with its place.")
    .option(...FILE_OPTION)
    .addHelpText("after", EXAMPLES)
    .action((flags: ConfigFlags, command: Command) =>
      checkConfiguration(context, flags, readGlobals(command).json),
    );
  config
    .command("show")
    .description("Shows every key, its text in force, and where that comes from.")
    .option(...FILE_OPTION)
    .addHelpText("after", EXAMPLES)
    .action((flags: ConfigFlags, command: Command) => {
      const configuration = requireConfiguration({ path: flags.config });
      if (readGlobals(command).json) printJson(context, encodeConfiguration(configuration));
      else print(context, formatConfiguration(configuration));
    });
}

/** Faults are the result here and not an error of the command, so `--json` prints them, too. */
function checkConfiguration(context: CliContext, flags: ConfigFlags, json: boolean): void {
  const loaded = loadConfiguration({ path: flags.config });
  if (loaded.status === "ok") {
    const { path, revision } = loaded.configuration;
    if (json) printJson(context, { valid: true, path, revision, faults: [] });
    else print(context, `${describeFile(path)}: no faults (revision ${revision}).`);
    return;
  }
  context.exitStatus = EXIT_STATUS.ERR_CONFIG_INVALID;
  const { faults } = loaded;
  if (json) printJson(context, { valid: false, faults });
  else printError(context, faults.map((fault) => escapeInvisible(formatFinding(fault))).join("\n"));
}

/** The file that was read, or that there was none: the default one need not exist. */
function describeFile(path: string): string {
  return existsSync(path) ? escapeInvisible(path) : `No ${escapeInvisible(path)}, so the defaults`;
}

function formatConfiguration(configuration: Configuration): string {
  const { texts, sources, profile, path, revision } = configuration;
  const rows = KEY_NAMES.map((key) => [key, `"${texts[key]}"`, sources[key]]);
  const table = formatTable(
    [{ title: "KEY" }, { title: "VALUE" }, { title: "FROM" }],
    rows,
    undefined,
  );
  return `${table}\n\nFile: ${describeFile(path)}\nProfile: ${profile}\nRevision: ${revision}`;
}

function encodeConfiguration(configuration: Configuration): object {
  const { texts, sources, profile, path, revision } = configuration;
  const settings = KEY_NAMES.map((key) => ({ key, value: texts[key], source: sources[key] }));
  return { path, profile, revision, settings };
}
