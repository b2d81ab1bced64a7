/** `vedette selftest`: proves on this machine that a scan ends in a ban, and a ban in its end. */
import { constants } from "node:os";
import type { Command } from "commander";
import type {
  SelftestReport,
  SelftestRequest,
  SelftestStep,
} from "../../daemon/selftest/answer-selftest.ts";
import { OperationalError } from "../../errors.ts";
import { collectSetting, readGlobals } from "../arguments.ts";
import type { CliContext } from "../context.ts";
import { print, printJson } from "../printable.ts";

/** Carries out a self-test. */
export type AnswerSelftest = (request: SelftestRequest) => Promise<SelftestReport>;

/** Loads the daemon's parts only here. */
const answerSelftestLazily: AnswerSelftest = async (request) => {
  const { answerSelftest } = await import("../../daemon/selftest/answer-selftest.ts");
  return answerSelftest(request);
};

interface SelftestFlags {
  readonly keep?: boolean;
  readonly set?: Readonly<Record<string, string>>;
}

/** Exit status when a step has failed. */
const EXIT_FAILED = 1;

/** What each step proves, for people. */
const TITLES: Readonly<Record<SelftestStep["name"], string>> = {
  network: "a private network is made",
  guard: "the guard stands",
  served: "a service is left alone",
  sensed: "a probe is sensed",
  held: "the source is held",
  judged: "the scan is judged",
  banned: "its source is banned",
  dropped: "its packets are dropped",
  unbanned: "an unban lets in",
  expired: "the ban runs out",
  stopped: "the guard stops",
  cleaned: "nothing is left",
};

const WIDEST_TITLE = Math.max(...Object.values(TITLES).map((title) => title.length));

const EXAMPLES = `
Examples:
  sudo vedette selftest                       does it work on this machine?
  sudo vedette selftest --json                for programs
  sudo vedette selftest --keep                leave the guard's own output to look at
  sudo vedette selftest --set PROOF=none      with another setting; may be repeated

Takes about ten seconds. Two network namespaces without a name are made, joined by a cable, and a
guard with a configuration, a journal and a socket of its own is started in one of them; the other
scans it. This machine's own network, firewall and guard are neither used nor changed, but the
kernel loads the modules that it needs. Everything is taken away at the end, also after Ctrl-C.
Exit status: 0 all passed, 1 a step failed, 69 or 77 it cannot be tried here, 130 interrupted.
`;

/** @param answer default: loads the daemon's parts. */
export function addSelftestCommand(
  program: Command,
  context: CliContext,
  answer: AnswerSelftest = answerSelftestLazily,
): void {
  program
    .command("selftest")
    .summary("prove in a private network that it works here")
    .description(
      "Starts the real guard in a private network, scans it, and proves each step: sensed, held, " +
        "judged, banned, dropped, unbanned, expired, stopped. Needs root.",
    )
    .option("--set <key=value>", "start the guard with this key; may be repeated", collectSetting)
    .option("--keep", "leave the guard's output in a file, and say where")
    .addHelpText("after", EXAMPLES)
    .action(async (flags: SelftestFlags, command: Command) => {
      if (context.uid !== 0) {
        const message =
          "a self-test makes network namespaces, which needs root; try again with sudo";
        throw new OperationalError("ERR_PERMISSION", message);
      }
      const { json } = readGlobals(command);
      const interruption = listenForSignals();
      const report = await answer({
        overrides: flags.set ?? {},
        keeps: flags.keep === true,
        onStep: (step) => {
          if (!json) print(context, formatStep(step));
        },
        signal: interruption.signal,
      }).finally(interruption.end);
      if (json) printJson(context, report);
      else print(context, formatEnd(report));
      context.exitStatus =
        interruption.exitStatus() ?? (report.status === "passed" ? 0 : EXIT_FAILED);
    });
}

interface Interruption {
  readonly signal: AbortSignal;
  /** As a shell has it; undefined when nobody has interrupted. */
  readonly exitStatus: () => number | undefined;
  /** Signals end the process again. */
  readonly end: () => void;
}

function listenForSignals(): Interruption {
  const aborter = new AbortController();
  let exitStatus: number | undefined;
  const interrupt = (name: NodeJS.Signals): void => {
    exitStatus ??= 128 + constants.signals[name];
    aborter.abort(new Error(name));
  };
  const names = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  for (const name of names) process.on(name, interrupt);
  return {
    signal: aborter.signal,
    exitStatus: () => exitStatus,
    end: () => {
      for (const name of names) process.off(name, interrupt);
    },
  };
}

function formatStep({ name, status, seen, seconds }: SelftestStep): string {
  const mark = { passed: "ok  ", failed: "FAIL", skipped: "skip" }[status];
  const took = `${Math.round(seconds * 1000)} ms`.padStart(8);
  return `${mark}  ${TITLES[name].padEnd(WIDEST_TITLE)} ${took}  ${seen}`;
}

function formatEnd({
  status,
  steps,
  seconds,
  health,
  kept,
  version,
  kernel,
}: SelftestReport): string {
  const count = steps.filter((step) => step.status === "passed").length;
  const verdict = {
    passed: "Vedette works on this machine",
    failed: "Vedette does not do all that it should on this machine",
    interrupted: "Interrupted",
  }[status];
  const lines = [
    "",
    `${verdict}: ${count} of ${steps.length} steps passed in ${seconds.toFixed(1)} s ` +
      `(Vedette ${version}, Linux ${kernel}).`,
  ];
  for (const { code, text } of health) lines.push(`The guard said: ${text} (${code})`);
  if (status === "failed") lines.push('What is wrong here may be told by: "vedette doctor"');
  if (kept !== null) lines.push(`The guard's output: ${kept}`);
  return lines.join("\n");
}
