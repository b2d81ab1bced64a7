/** `vedette confirm`: keeps what `guard --confirm` would take away, or `apply` take back. */
import type { Command } from "commander";
import { readGlobals } from "../arguments.ts";
import type { CliContext } from "../context.ts";
import { withOperator } from "../operator.ts";
import { reportOutcome } from "../outcome.ts";

const EXAMPLES = `
Examples:
  vedette guard --confirm 60s      on one terminal
  vedette confirm                  on another one: you have not locked yourself out

  vedette apply new.conf --confirm 60s && vedette confirm
`;

export function addConfirmCommand(program: Command, context: CliContext): void {
  program
    .command("confirm")
    .summary("keep what guard --confirm, or apply, would take back")
    .description(
      "Keeps what a guard started with --confirm would take away, or the configuration that apply " +
        "has put in force: the guard's file becomes it. A file that was edited after apply is not " +
        "overwritten.",
    )
    .addHelpText("after", EXAMPLES)
    .action(async (_flags: unknown, command: Command) => {
      const globals = readGlobals(command);
      const outcome = await withOperator(context, globals, (operator) => operator.confirm());
      const sentences = {
        applied: "Confirmed: it stays.",
        alreadyApplied: "There was nothing to confirm.",
        unchanged: "not confirmed",
      };
      reportOutcome(context, outcome, sentences, globals.json);
    });
}
