/** `vedette doctor`: what is wrong on this machine, and what to do about it. */
import type { Command } from "commander";
import type {
  DoctorReport,
  FactsRequest,
  Finding,
  GuardFact,
} from "../../daemon/doctor/answer-doctor.ts";
import { OperationalError } from "../../errors.ts";
import { escapeInvisible } from "../../invisible-text.ts";
import { ApiOperator } from "../api-client.ts";
import { readGlobals } from "../arguments.ts";
import type { CliContext } from "../context.ts";
import { type PlaceOptions, resolveGuardPlaces, resolveSocketPath } from "../directories.ts";
import { print, printJson } from "../printable.ts";

/** Looks the machine over. */
export type AnswerDoctor = (request: FactsRequest) => Promise<DoctorReport>;

/** Loads the daemon's parts only here. */
const answerDoctorLazily: AnswerDoctor = async (request) => {
  const { answerDoctor } = await import("../../daemon/doctor/answer-doctor.ts");
  return answerDoctor(request);
};

interface DoctorFlags {
  readonly config?: string;
}

/** As monitoring systems have it: 0 well, 1 warning, 2 critical. */
const EXIT_STATUSES: Readonly<Record<DoctorReport["status"], number>> = {
  fine: 0,
  notice: 0,
  warning: 1,
  error: 2,
};

const EXAMPLES = `
Examples:
  sudo vedette doctor                  before the first start, and whenever something is odd
  sudo vedette doctor --json           for programs and monitoring
  sudo vedette doctor -c new.conf      with the configuration that is to come

Nothing of this machine is changed and no question leaves it. What the kernel can do is tried in a
private network, for which it may load modules. docs/DOCTOR.md explains each finding.
Exit status: 0 nothing, or only things to know; 1 warnings; 2 errors.
`;

/** @param answer default: loads the daemon's parts. */
export function addDoctorCommand(
  program: Command,
  context: CliContext,
  answer: AnswerDoctor = answerDoctorLazily,
): void {
  program
    .command("doctor")
    .summary("find what is wrong on this machine")
    .description(
      "Looks at the kernel, firewalls, services, files, trust, clock and disk, and at the guard's " +
        "own health, and tells what is wrong and what to do. Root sees more.",
    )
    .option("-c, --config <file>", "configuration file (default: the one that the last guard read)")
    .addHelpText("after", EXAMPLES)
    .action(async (flags: DoctorFlags, command: Command) => {
      const globals = readGlobals(command);
      const report = await answer({
        guard: await askGuard(globals, context),
        stateDirectory: resolveGuardPlaces(globals, context).stateDirectory,
        configPath: flags.config,
        uid: context.uid,
      });
      if (globals.json) printJson(context, report);
      else print(context, formatReport(report));
      context.exitStatus = EXIT_STATUSES[report.status];
    });
}

async function askGuard(places: PlaceOptions, context: CliContext): Promise<GuardFact> {
  try {
    const view = await new ApiOperator(resolveSocketPath(places, context)).status();
    return { status: "running", view };
  } catch (error) {
    if (!(error instanceof OperationalError)) throw error;
    if (error.code === "ERR_NO_GUARD") return { status: "absent" };
    return { status: "silent", reason: error.message };
  }
}

function formatReport({ findings, checks, version, kernel }: DoctorReport): string {
  const machine = `Vedette ${version}, Linux ${kernel}`;
  const count = (severity: Finding["severity"], one: string, many: string): string[] => {
    const found = findings.filter((finding) => finding.severity === severity).length;
    return found === 0 ? [] : [`${found} ${found === 1 ? one : many}`];
  };
  const counts = [
    ...count("error", "error", "errors"),
    ...count("warning", "warning", "warnings"),
    ...count("notice", "thing to know", "things to know"),
  ];
  const sum = counts.length === 0 ? "Nothing was found" : counts.join(", ");
  return [...findings.map(formatFinding), `${sum}, in ${checks} checks (${machine}).`].join("\n\n");
}

function formatFinding({ severity, text, action, code }: Finding): string {
  return (
    `${severity}: ${escapeInvisible(text)} (${escapeInvisible(code)})\n` +
    `  What to do: ${escapeInvisible(action)}`
  );
}
