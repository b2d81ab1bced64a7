/**
 * `vedette config check`: tells every fault and every warning of the configuration, each with its
 * place, whether one makes the other likelier or not. Warnings alone leave the exit status at 0.
 * Blocklists are read, and told with what is in them: a million lines take a second. Files of alerts,
 * tokens and databases are looked at as a start does.
 * Where the packaged service is installed, it tells what its hardening prevents, too, and the
 * drop-in that lifts that.
 */

import { existsSync } from "node:fs";
import type { Command } from "commander";
import { type ConfigFinding, formatFinding, formatWarning } from "../../config/findings.ts";
import { loadConfiguration } from "../../config/load.ts";
import { readService, SERVICE_NAME } from "../../config/read-service.ts";
import { adviseOnService, formatAdvice } from "../../config/service-advice.ts";
import { formatDropIn } from "../../config/service-limits.ts";
import { counted } from "../../counted.ts";
import type { SurveyedList } from "../../daemon/survey-blocklists.ts";
import { EXIT_STATUS } from "../../errors.ts";
import { escapeInvisible } from "../../invisible-text.ts";
import { readGlobals } from "../arguments.ts";
import type { CliContext } from "../context.ts";
import { print, printError, printJson } from "../printable.ts";
import { addConfigOptions, type ConfigFlags, configRequestOf } from "./file-options.ts";
import { findUnusableFiles } from "./survey.ts";

export function addConfigCheckCommand(config: Command, context: CliContext): void {
  addConfigOptions(config.command("check"))
    .description("Tells every fault and warning of the configuration, each with its place.")
    .action(async (flags: ConfigFlags, command: Command) =>
      checkConfiguration(context, flags, readGlobals(command).json),
    );
}

/** Faults are the result here and not an error of the command, so `--json` prints them, too. */
async function checkConfiguration(
  context: CliContext,
  flags: ConfigFlags,
  json: boolean,
): Promise<void> {
  const loaded = loadConfiguration({ ...configRequestOf(flags), strangers: "warned" });
  if (loaded.status === "invalid") {
    context.exitStatus = EXIT_STATUS.ERR_CONFIG_INVALID;
    const { faults, warnings } = loaded;
    if (json) printJson(context, { valid: false, faults, warnings });
    else printFindings(context, faults, warnings);
    return;
  }
  const { path, profile, revision, texts, sources, values } = loaded.configuration;
  const unit = readService(context.unitFolders);
  const advice = unit === undefined ? [] : adviseOnService(texts, unit);
  const lists = await readLists(values.BLOCKLIST_FILES);
  const place = sources.BLOCKLIST_FILES;
  const warnings = [
    ...loaded.configuration.warnings,
    ...lists.flatMap(({ faults }) =>
      faults.map((fault) => ({ place, text: `BLOCKLIST_FILES: ${fault}` })),
    ),
    ...(await findUnusableFiles(loaded.configuration)),
    ...advice.map((each) => ({ place: sources[each.key], text: formatAdvice(each) })),
  ];
  if (json) {
    const dropIn = advice.length === 0 ? {} : { drop_in: formatDropIn(advice) };
    const read = lists.length === 0 ? {} : { blocklists: lists.map(listView) };
    const about = { valid: true, path, profile, revision, faults: [], warnings };
    printJson(context, { ...about, ...read, ...dropIn });
    return;
  }
  if (warnings.length > 0) printFindings(context, [], warnings);
  if (advice.length > 0) {
    const how = `What lifts the limits of ${SERVICE_NAME} (systemctl edit vedette, then restart it):`;
    print(context, `${how}\n\n${formatDropIn(advice).trimEnd()}\n`);
  }
  for (const list of lists) print(context, describeList(list));
  print(context, `${describeFile(path)}: no faults${countOf(warnings)} (revision ${revision}).`);
}

/** @returns nothing for no files, and loads nothing then. */
async function readLists(paths: readonly string[]): Promise<readonly SurveyedList[]> {
  if (paths.length === 0) return [];
  const { surveyBlocklists } = await import("../../daemon/survey-blocklists.ts");
  return surveyBlocklists(paths);
}

function listView({ path, entries, bad, withheld, isRead }: SurveyedList) {
  return { path, read: isRead, entries, bad_lines: bad, withheld };
}

function describeList({ path, entries, bad, withheld, isRead }: SurveyedList): string {
  if (!isRead) return `${escapeInvisible(path)}: not read`;
  return `${escapeInvisible(path)}: ${counted(entries, "entry", "entries")}; bad lines: ${bad}; withheld: ${withheld}`;
}

/** One a line on the standard error, in the form in which compilers write theirs. */
function printFindings(
  context: CliContext,
  faults: readonly ConfigFinding[],
  warnings: readonly ConfigFinding[],
): void {
  const lines = [...faults.map(formatFinding), ...warnings.map(formatWarning)];
  printError(context, lines.map(escapeInvisible).join("\n"));
}

function countOf(warnings: readonly ConfigFinding[]): string {
  if (warnings.length === 0) return "";
  return `, ${counted(warnings.length, "warning")}`;
}

/** The file that was read, or that there was none: the default one need not exist. */
function describeFile(path: string): string {
  return existsSync(path) ? escapeInvisible(path) : `No ${escapeInvisible(path)}, so the defaults`;
}
