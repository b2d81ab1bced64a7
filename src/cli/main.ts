/**
 * Entry of the `vedette` command: this process's terminal and environment, one command line.
 *
 * PortSentry's commands come here, too: bin/portsentry says its own name as the first word.
 */
import { createInterface } from "node:readline/promises";
import { getSystemErrorMessage } from "node:util";
import { systemClock } from "../clock.ts";
import { UNIT_FOLDERS } from "../config/read-service.ts";
import { launchGuardLazily } from "./commands/guard.ts";
import type { CliContext } from "./context.ts";
import { openOfflineLazily } from "./operator.ts";
import { runIgnoreCommand } from "./portsentry/ignore-program.ts";
import { launchRequest, runGuardLazily } from "./portsentry/launch-request.ts";
import { runPortsentryCommandLine } from "./portsentry/program.ts";
import { runCommandLine } from "./program.ts";

async function ask(question: string): Promise<string> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return await terminal.question(question);
  } finally {
    terminal.close();
  }
}

const context: CliContext = {
  env: process.env,
  uid: process.geteuid?.() ?? -1,
  clock: systemClock,
  timeZone: undefined,
  columns: process.stdout.isTTY ? process.stdout.columns : undefined,
  write: (text) => void process.stdout.write(text),
  writeError: (text) => void process.stderr.write(text),
  // Back to the line's beginning, and what is left of it erased.
  progress: process.stderr.isTTY
    ? (text) => void process.stderr.write(`\r${text}\x1b[K`)
    : undefined,
  ask: process.stdin.isTTY ? ask : undefined,
  openOffline: openOfflineLazily,
  unitFolders: UNIT_FOLDERS,
  exitStatus: 0,
};

/** EX_IOERR of sysexits. */
const EXIT_IO = 74;

// `vedette bans | head` closes our output early; that is no failure, and a full disk is one. A guard,
// which is told apart by its words, goes on without a reader.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (process.argv.includes("guard") || process.argv[2] === "portsentry") return;
  if (error.code === "EPIPE") process.exit(0);
  const why = getSystemErrorMessage(error.errno ?? 0);
  process.stderr.write(`vedette: the output cannot be written: ${why}\n`, () =>
    process.exit(EXIT_IO),
  );
});

const words = process.argv.slice(2);
const [program, ...rest] = words;
switch (program) {
  case "portsentry":
    process.exitCode = await runPortsentryCommandLine(rest, context, (request) =>
      launchRequest(request, context, runGuardLazily),
    );
    break;
  case "portsentry-add-ip":
  case "portsentry-rm-ip":
    process.exitCode = runIgnoreCommand(program, rest, context);
    break;
  default:
    process.exitCode = await runCommandLine(words, context, launchGuardLazily);
}
