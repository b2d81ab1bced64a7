/**
 * `vedette remove`: takes everything out of the kernel, and leaves no trace unless told to. Needs
 * root.
 */
import type { Command } from "commander";
import { OperationalError } from "../../errors.ts";
import { escapeInvisible } from "../../invisible-text.ts";
import { readGlobals } from "../arguments.ts";
import type { CliContext } from "../context.ts";
import { withOfflineOperator } from "../operator.ts";
import { print, printJson } from "../printable.ts";

const EXAMPLES = `
Examples:
  sudo vedette remove
  sudo vedette remove --yes          without a question
  sudo vedette remove --keep-state   until the next guard: it goes on with the bans that remain
`;

interface RemoveFlags {
  readonly yes: boolean;
  readonly keepState: boolean;
}

export function addRemoveCommand(program: Command, context: CliContext): void {
  program
    .command("remove")
    .summary("take everything away, journal and trust by hand too; needs root")
    .description(
      "Ends every ban and hold, takes back what KILL_* keys have had done, takes Vedette's table " +
        "out of the kernel, and deletes what it has written: the journal of all bans, and the " +
        "trust that was given by `vedette trust`. Configuration and ignore files stay.",
    )
    .option("--yes", "do not ask", false)
    .option("--keep-state", "leave the journal, and the trust that was given by hand", false)
    .addHelpText("after", EXAMPLES)
    .action(async (flags: RemoveFlags, command: Command) => {
      const globals = readGlobals(command);
      const removed = await withOfflineOperator(context, globals, async (operator) => {
        if (!flags.yes) await askWhetherTo(context, flags.keepState ? KEEPING_QUESTION : QUESTION);
        return operator.remove(flags.keepState ? "state" : "nothing");
      });
      if (globals.json) printJson(context, removed);
      else if (removed.length === 0) print(context, "There was nothing to remove.");
      else print(context, ["Removed:", ...removed.map(formatItem)].join("\n"));
    });
}

const QUESTION =
  "This ends every ban and hold and deletes the journal and all trust given by `vedette trust`. " +
  "Go on? [y/N] ";

const KEEPING_QUESTION =
  "This ends every ban and hold until the next guard starts. The journal and all trust given by " +
  "`vedette trust` stay. Go on? [y/N] ";

async function askWhetherTo(context: CliContext, question: string): Promise<void> {
  if (context.ask === undefined) {
    throw new OperationalError("ERR_USAGE", "nobody can be asked here; say --yes to go on");
  }
  const answer = await context.ask(question);
  if (/^y(es)?$/i.test(answer.trim())) return;
  throw new OperationalError("ERR_REFUSED", "nothing was removed");
}

function formatItem(item: string): string {
  return `  ${escapeInvisible(item)}`;
}
