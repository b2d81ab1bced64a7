/** `vedette report`: what happened in a span of time, as text for a mail or as a page. */
import { renameSync, rmSync, writeFileSync } from "node:fs";
import { getSystemErrorMessage } from "node:util";
import type { Command } from "commander";
import { isSystemError, OperationalError } from "../../errors.ts";
import { escapeInvisible } from "../../invisible-text.ts";
import { parseSpan, readGlobals } from "../arguments.ts";
import type { CliContext } from "../context.ts";
import { withOperator } from "../operator.ts";
import { print, printJson } from "../printable.ts";
import { readReport } from "../report/read-report.ts";
import { formatPage } from "../report/report-page.ts";
import { formatReport } from "../report/report-text.ts";
import { summarize } from "../report/summary.ts";

const EXAMPLES = `
Examples:
  vedette report
  vedette report --since 7d | mail -s "scans of this week" root
  vedette report --since 30d --html /var/www/html/vedette.html
  vedette report --html - > report.html
`;

/** How far back (ms) a report goes unless told otherwise. */
const DAY_MS = 86_400_000;

interface ReportFlags {
  /** Milliseconds. */
  readonly since: number;
  readonly html?: string;
}

export function addReportCommand(program: Command, context: CliContext): void {
  program
    .command("report")
    .summary("tell what happened of late, for a mail or as a page")
    .description(
      "Tells what happened in a span of time: who probed which ports, with what, and what was done. " +
        "With --html it is one page with plots that needs no other file and asks nobody for one.",
    )
    .option("--since <span>", "of this span of time, such as 7d (default: 24h)", parseSpan, DAY_MS)
    .option("--html <file>", "write a page into this file; - is the standard output")
    .addHelpText("after", EXAMPLES)
    .action(async (flags: ReportFlags, command: Command) => {
      const globals = readGlobals(command);
      const nowEpochMs = context.clock.epochMs();
      const summary = await withOperator(context, globals, async (operator) =>
        summarize(await readReport(operator, nowEpochMs - flags.since, nowEpochMs)),
      );
      if (flags.html === "-") context.write(formatPage(summary, context.timeZone));
      else if (flags.html !== undefined) {
        writeWhole(flags.html, formatPage(summary, context.timeZone));
        if (globals.json) printJson(context, summary);
      } else if (globals.json) printJson(context, summary);
      else print(context, formatReport(summary, context.timeZone));
      if (summary.fault !== null) throw new OperationalError("ERR_JOURNAL", summary.fault);
    });
}

/**
 * In the place of what was there: whoever reads it has the old page whole, or the new one.
 * @throws {OperationalError} ERR_OUTPUT when it cannot be written; what was there stays.
 */
function writeWhole(path: string, text: string): void {
  const beside = `${path}.new`;
  try {
    // "wx" follows no link that somebody laid.
    rmSync(beside, { force: true });
    writeFileSync(beside, text, { flag: "wx" });
    renameSync(beside, path);
  } catch (error) {
    if (!isSystemError(error)) throw error;
    rmSync(beside, { force: true });
    const message = `${escapeInvisible(path)}: the page cannot be written: ${reasonOf(error)}`;
    throw new OperationalError("ERR_OUTPUT", message, { cause: error });
  }
}

function reasonOf({ code, errno, message }: NodeJS.ErrnoException): string {
  // The system's words are of an operation, and not of what is in the way.
  if (code === "EISDIR") return "this is a directory";
  return errno === undefined ? message : getSystemErrorMessage(errno);
}
