/** `vedette confirm`: keeps what `guard --confirm` would take away. */
import type { Command } from "commander";
import { readGlobals } from "../arguments.ts";
import type { CliContext } from "../context.ts";
import { withOperator } from "../operator.ts";
import { reportOutcome } from "../outcome.ts";

const EXAMPLES = `
Examples:
  vedette guard --confirm 60s      on one terminal
  vedette confirm                  on another one: you have not locked yourself out
`;

export function addConfirmCommand(program: Command, context: CliContext): void {
  program
    .command("confirm")
    .summary("keep what guard --confirm would take away")
    .description("Keeps what a guard started with --confirm would take away.")
    .addHelpText("after", EXAMPLES)
    .action(async (_flags: unknown, command: Command) => {
      const globals = readGlobals(command);
      const outcome = await withOperator(context, globals, (operator) => operator.confirm());
      const sentences = {
        applied: "Confirmed: nothing is taken away.",
        alreadyApplied: "There was nothing to confirm.",
        unchanged: "not confirmed",
      };
      reportOutcome(context, outcome, sentences, globals.json);
    });
}
