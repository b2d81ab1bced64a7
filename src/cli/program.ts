/** The command line as a whole: its options, its commands, and what becomes of failures. */
import { Command, CommanderError } from "commander";
import type { FaultView } from "../api/contract.ts";
import { EXIT_STATUS, OperationalError } from "../errors.ts";
import { escapeInvisible } from "../invisible-text.ts";
import { VERSION } from "../version.ts";
import { addAbuseReportCommand } from "./commands/abuse-report.ts";
import { addApplyCommand } from "./commands/apply.ts";
import { addBanCommand } from "./commands/ban.ts";
import { addBansCommand } from "./commands/bans.ts";
import { addCampaignsCommand } from "./commands/campaigns.ts";
import { addCompletionCommand } from "./commands/completion.ts";
import { addConfigCommand } from "./commands/config.ts";
import { addConfirmCommand } from "./commands/confirm.ts";
import { addDoctorCommand } from "./commands/doctor.ts";
import type { LaunchGuard } from "./commands/guard.ts";
import { addGuardCommand } from "./commands/guard.ts";
import { addHistoryCommand } from "./commands/history.ts";
import { addReloadCommand } from "./commands/reload.ts";
import { addRemoveCommand } from "./commands/remove.ts";
import { addReplayCommand } from "./commands/replay.ts";
import { addReportCommand } from "./commands/report.ts";
import { addSelftestCommand } from "./commands/selftest.ts";
import { addStatusCommand } from "./commands/status.ts";
import { addTrustCommand } from "./commands/trust.ts";
import { addTrustedCommand } from "./commands/trusted.ts";
import { addUnbanCommand } from "./commands/unban.ts";
import { addUntrustCommand } from "./commands/untrust.ts";
import { addWatchCommand } from "./commands/watch.ts";
import { addWhyCommand } from "./commands/why.ts";
import type { CliContext } from "./context.ts";
import { printError, printJson } from "./printable.ts";

const HELP = `
Examples:
  sudo vedette guard --watch-only      see what would happen
  sudo vedette guard                   hold and ban who scans
  vedette status                       how it is going
  vedette bans                         who is shut out
  vedette why 192.0.2.7                the story of one address

Every command has its own --help. Exit status: 0 done, 1 refused (selftest: a step failed; doctor:
1 warnings, 2 errors), 64 usage, 65 damaged capture, 69 no guard or not available, 70 and 71 a
failure of the guard or the kernel, 74 journal or output, 77 permission, 78 configuration.
`;

/**
 * Runs one command line, without the program's name in front.
 * @returns the exit status. A bug is not caught: it rejects.
 */
export async function runCommandLine(
  words: readonly string[],
  context: CliContext,
  launch: LaunchGuard,
): Promise<number> {
  let hasWritten = false;
  const write = (text: string) => {
    hasWritten = true;
    context.write(text);
  };
  const counting = { ...context, write };
  /** A program gets one answer: where the command has given its own, that says what failed. */
  const tellProgram = (fault: FaultView) => {
    if (words.includes("--json") && !hasWritten) printJson(context, fault);
  };
  try {
    await createProgram(counting, launch).parseAsync([...words], { from: "user" });
    return counting.exitStatus;
  } catch (error) {
    if (error instanceof OperationalError) {
      printError(context, `vedette: ${error.message}`);
      tellProgram({ error: error.code, message: error.message });
      return EXIT_STATUS[error.code];
    }
    if (!(error instanceof CommanderError)) throw error;
    // Commander has printed its message; help and version end this way, too, with 0.
    if (error.exitCode === 0) return 0;
    tellProgram({ error: "ERR_USAGE", message: error.message.replace(/^error: /, "") });
    return EXIT_STATUS.ERR_USAGE;
  }
}

/** The command line, not yet run; manuals and completion are made of it. */
export function createProgram(context: CliContext, launch: LaunchGuard): Command {
  const program = new Command("vedette")
    .description("A port-scan sentry: sees who touches unused ports, and shuts them out.")
    .version(VERSION, "--version", "print the version")
    .option("--run <dir>", "directory of the guard's socket (VEDETTE_RUN_DIR)")
    .option("--state <dir>", "directory of the guard's journal (VEDETTE_STATE_DIR)")
    .option("--json", "print what the API sends instead of text for people")
    .addHelpText("after", HELP)
    .showHelpAfterError("(--help tells more)")
    .exitOverride()
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      writeOut: context.write,
      writeErr: context.writeError,
      // What was typed stands in the message.
      outputError: (text, write) => {
        const message = text.trimEnd().replace(/^error: /, "");
        const line = escapeInvisible(message.replace(/\n(?=\(Did you mean )/, " "));
        write(`vedette: ${line}\n`);
      },
      getOutHelpWidth: () => context.columns ?? 80,
      getErrHelpWidth: () => context.columns ?? 80,
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    });
  addGuardCommand(program, context, launch);
  addStatusCommand(program, context);
  addBansCommand(program, context);
  addWhyCommand(program, context);
  addCampaignsCommand(program, context);
  addHistoryCommand(program, context);
  addWatchCommand(program, context);
  addReportCommand(program, context);
  addAbuseReportCommand(program, context);
  addBanCommand(program, context);
  addUnbanCommand(program, context);
  addTrustCommand(program, context);
  addUntrustCommand(program, context);
  addTrustedCommand(program, context);
  addConfirmCommand(program, context);
  addReloadCommand(program, context);
  addApplyCommand(program, context);
  addReplayCommand(program, context);
  addRemoveCommand(program, context);
  addConfigCommand(program, context);
  addSelftestCommand(program, context);
  addDoctorCommand(program, context);
  addCompletionCommand(program, context);
  return program;
}
