/** `vedette config show`: every key, its text in force, and where that comes from. */
import { existsSync } from "node:fs";
import type { Command } from "commander";
import { type Configuration, requireConfiguration } from "../../config/load.ts";
import { KEY_NAMES } from "../../config/schema.ts";
import { escapeInvisible } from "../../invisible-text.ts";
import { readGlobals } from "../arguments.ts";
import type { CliContext } from "../context.ts";
import { print, printJson } from "../printable.ts";
import { formatTable } from "../table.ts";
import { addConfigOptions, type ConfigFlags, configRequestOf } from "./file-options.ts";

export function addConfigShowCommand(config: Command, context: CliContext): void {
  addConfigOptions(config.command("show"))
    .description("Shows every key, its text in force, and where that comes from.")
    .action((flags: ConfigFlags, command: Command) => {
      const configuration = requireConfiguration(configRequestOf(flags));
      if (readGlobals(command).json) printJson(context, encodeConfiguration(configuration));
      else print(context, formatConfiguration(configuration));
    });
}

function formatConfiguration(configuration: Configuration): string {
  const { texts, sources, profile, path, revision, warnings } = configuration;
  const rows = KEY_NAMES.map((key) => [key, `"${texts[key]}"`, sources[key]]);
  const table = formatTable(
    [{ title: "KEY" }, { title: "VALUE" }, { title: "FROM" }],
    rows,
    undefined,
  );
  const lines = [
    `File: ${existsSync(path) ? escapeInvisible(path) : `none, there is no ${escapeInvisible(path)}`}`,
    `Profile: ${profile}`,
    `Revision: ${revision}`,
  ];
  if (warnings.length > 0)
    lines.push(`Warnings: ${warnings.length}; vedette config check tells them`);
  return `${table}\n\n${lines.join("\n")}`;
}

function encodeConfiguration(configuration: Configuration): object {
  const { texts, sources, profile, path, revision, warnings } = configuration;
  const settings = KEY_NAMES.map((key) => ({ key, value: texts[key], source: sources[key] }));
  return { path, profile, revision, warnings, settings };
}
