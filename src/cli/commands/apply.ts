/**
 * `vedette apply FILE`: has the guard put another configuration in force, and take it back by itself
 * unless `vedette confirm` comes in time. Whoever has locked himself out cannot say so.
 *
 * The file is left in the state directory, from where the broker reads it: nothing of it goes
 * through the guard, which reads hostile packets.
 */
import type { Command } from "commander";
import type { ReloadView } from "../../api/contract.ts";
import { candidatePathOf, dropCandidate, leaveCandidate } from "../../config/candidate.ts";
import { readSmallFile } from "../../config/read-small-file.ts";
import { formatDuration } from "../../duration.ts";
import { OperationalError } from "../../errors.ts";
import { escapeInvisible } from "../../invisible-text.ts";
import { type GlobalOptions, parseConfirmSpan, readGlobals } from "../arguments.ts";
import type { CliContext } from "../context.ts";
import { resolveGuardPlaces } from "../directories.ts";
import { withOperator } from "../operator.ts";
import { print, printError, printJson } from "../printable.ts";
import { requireDone, sentenceOf, waitForGuard } from "./reload.ts";

/** Larger than any configuration: whoever names a log file by mistake is told so. */
const MAX_FILE_KIB = 1024;

/** How long (ms) there is to confirm, unless it is said. */
const CONFIRM_MS = 60_000;

const EXAMPLES = `
Examples:
  vedette apply new.conf --confirm 60s       in force for a minute, unless you confirm
  vedette confirm                            you can still get in: the guard's file becomes it
  vedette reload                             no: the guard's own file, at once

All faults of FILE are told at once, and then nothing has changed. The guard's own file is as it was
until you confirm, so that a guard that ends before that starts with the former one. Bans stand.
`;

export function addApplyCommand(program: Command, context: CliContext): void {
  program
    .command("apply <file>")
    .summary("try a configuration out, and take it back unless confirmed")
    .description("Puts a configuration in force, and takes it back unless you confirm it in time.")
    .option(
      "--confirm <duration>",
      'time in which "vedette confirm" has to come (default: 60s)',
      parseConfirmSpan,
    )
    .addHelpText("after", EXAMPLES)
    .action(async (file: string, flags: { confirm?: number }, command: Command) => {
      const globals = readGlobals(command);
      const withinMs = flags.confirm ?? CONFIRM_MS;
      const view = await applyFile(context, globals, file, withinMs);
      if (view.guard === "replaced") await waitForGuard(context, globals, view.config_revision);
      if (globals.json) printJson(context, view);
      for (const warning of view.warnings) {
        printError(context, `vedette: ${escapeInvisible(warning)}`);
      }
      requireDone(view);
      if (globals.json) return;
      print(context, sentenceOf(view));
      if (view.status === "unchanged") {
        const name = escapeInvisible(file);
        print(context, `${name} makes no difference, so there is nothing to confirm:`);
        print(context, "the guard's own file stays as it is, with its comments.");
        return;
      }
      const span = formatDuration(withinMs);
      print(context, `The former one comes back in ${span} unless you run: vedette confirm`);
    });
}

/** @returns what came of it, with the faults of the file where the person has it. */
async function applyFile(
  context: CliContext,
  globals: GlobalOptions,
  file: string,
  withinMs: number,
): Promise<ReloadView> {
  // Byte by byte: what is confirmed is what was written.
  const content = readSmallFile(file, MAX_FILE_KIB, "latin1");
  if (content.status !== "read") {
    const why = content.status === "absent" ? "there is no such file" : content.reason;
    throw new OperationalError("ERR_CONFIG_INVALID", `${escapeInvisible(file)}: ${why}`);
  }
  const { stateDirectory } = resolveGuardPlaces(globals, context);
  leaveCandidate(stateDirectory, Buffer.from(content.text, "latin1"), file);
  try {
    const request = { confirm_seconds: Math.round(withinMs / 1000) };
    const view = await withOperator(context, globals, (operator) => operator.apply(request));
    const placed = (text: string) => text.replace(candidatePathOf(stateDirectory), () => file);
    return { ...view, faults: view.faults.map(placed), warnings: view.warnings.map(placed) };
  } finally {
    dropCandidate(stateDirectory);
  }
}
