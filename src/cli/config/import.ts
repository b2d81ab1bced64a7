/**
 * `vedette config import`: a configuration and an ignore file of our own from those of PortSentry
 * and fail2ban. Nothing of theirs is changed, and nothing of ours is overwritten.
 */
import { mkdirSync, unlinkSync } from "node:fs";
import { resolve } from "node:path";
import type { Command } from "commander";
import { formatFinding, formatWarning } from "../../config/findings.ts";
import { type FoundFiles, readFoundFiles } from "../../config/import/found-files.ts";
import { type ImportPlan, planImport } from "../../config/import/plan-import.ts";
import { listPurgedFiles, type PurgedFile } from "../../config/import/purged-files.ts";
import { writeNewFile } from "../../config/write-new-file.ts";
import { EXIT_STATUS } from "../../errors.ts";
import { escapeInvisible } from "../../invisible-text.ts";
import { readGlobals } from "../arguments.ts";
import type { CliContext } from "../context.ts";
import { print, printError, printJson } from "../printable.ts";
import { formatTable } from "../table.ts";

interface ImportFlags {
  readonly from: string;
  readonly to: string;
}

export function addConfigImportCommand(config: Command, context: CliContext): void {
  config
    .command("import")
    .description(
      "Writes vedette.conf and vedette.ignore that do what PortSentry's files and fail2ban's " +
        "ignoreip do, and explains each line.",
    )
    .option("--from <dir>", "the directory that stands for /etc", "/etc")
    .option("--to <dir>", "where the new files go; neither may exist", "/etc/vedette")
    .action((flags: ImportFlags, command: Command) => {
      importConfiguration(context, flags, readGlobals(command).json);
    });
}

function importConfiguration(context: CliContext, flags: ImportFlags, json: boolean): void {
  const found = readFoundFiles(resolve(flags.from));
  const { portsentry } = found;
  if (portsentry?.status === "invalid") {
    context.exitStatus = EXIT_STATUS.ERR_CONFIG_INVALID;
    const { faults, warnings } = portsentry;
    if (json) printJson(context, { written: [], faults, warnings });
    else printError(context, faults.map((each) => escapeInvisible(formatFinding(each))).join("\n"));
    return;
  }
  const plan = planImport(found, resolve(flags.to));
  writeBoth(plan, resolve(flags.to));
  const warnings = portsentry?.configuration.warnings ?? [];
  const purged = listPurgedFiles(portsentry?.configuration.values);
  if (json) {
    const { configPath, ignorePath, mappings, ignored, leftOut } = plan;
    const written = [configPath, ignorePath];
    printJson(context, { written, mappings, ignored, leftOut, purged, faults: [], warnings });
    return;
  }
  if (warnings.length > 0) {
    printError(context, warnings.map((each) => escapeInvisible(formatWarning(each))).join("\n"));
  }
  print(context, formatPlan(plan, found, context.columns));
  if (portsentry !== undefined) print(context, `\n${formatPurged(purged)}`);
  print(context, `\nLook at it with: vedette config check -c ${escapeInvisible(plan.configPath)}`);
}

/** Either both files are new, or neither is there. */
function writeBoth(plan: ImportPlan, directory: string): void {
  mkdirIfMissing(directory);
  writeNewFile(plan.configPath, plan.configText);
  try {
    writeNewFile(plan.ignorePath, plan.ignoreText);
  } catch (error) {
    unlinkSync(plan.configPath);
    throw error;
  }
}

/** Its parents are not made: a slip in the path must not leave a tree behind. */
function mkdirIfMissing(directory: string): void {
  try {
    mkdirSync(directory);
  } catch {
    // It is there, or it cannot be made: the first file says which, and why.
  }
}

function formatPlan(plan: ImportPlan, found: FoundFiles, width: number | undefined): string {
  const { configPath, ignorePath, mappings, ignored, leftOut } = plan;
  const rows = mappings.map(({ key, value, from, note }) => [key, from, note, `"${value}"`]);
  const table = formatTable(
    [{ title: "KEY" }, { title: "FROM" }, { title: "NOTE" }, { title: "VALUE", mayShrink: true }],
    rows,
    width,
  );
  const lists = [...found.ignoreLists, ...found.jails].map(({ path }) => escapeInvisible(path));
  return [
    `Wrote ${escapeInvisible(configPath)} and ${escapeInvisible(ignorePath)}.`,
    ...(mappings.length === 0 ? [] : ["", table]),
    "",
    `Never held or banned: ${ignored} ${ignored === 1 ? "entry" : "entries"}, from ${lists.join(", ") || "no list"}.`,
    ...leftOut.map(
      ({ word, from, why }) =>
        `  left out: ${escapeInvisible(word)} (${escapeInvisible(from)}): ${escapeInvisible(why)}`,
    ),
  ].join("\n");
}

function formatPurged(purged: readonly PurgedFile[]): string {
  const lines = purged.map(({ path, usedBy }) =>
    usedBy === undefined ? `  ${path}` : `  ${path}, which ${usedBy} goes on using: copy it first`,
  );
  return [
    "Debian: apt remove portsentry leaves these files, apt purge portsentry deletes them:",
    ...lines,
  ].join("\n");
}
