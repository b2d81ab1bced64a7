/**
 * `vedette untrust`: takes trust away that `trust` has given.
 *
 * Only root may, past the guard: the guard reads hostile packets, and nothing that it can ask for
 * takes trust away.
 */
import type { Command } from "commander";
import { readGlobals } from "../arguments.ts";
import type { CliContext } from "../context.ts";
import { withOfflineOperator } from "../operator.ts";
import { reportOutcome } from "../outcome.ts";

const EXAMPLES = `
Examples:
  sudo vedette untrust 192.0.2.7
`;

export function addUntrustCommand(program: Command, context: CliContext): void {
  program
    .command("untrust")
    .summary("take trust away again; needs root")
    .description("Takes away the trust that an address or prefix was given by `vedette trust`.")
    .argument("<address>", "address or prefix")
    .addHelpText("after", EXAMPLES)
    .action(async (address: string, _flags: unknown, command: Command) => {
      const globals = readGlobals(command);
      const outcome = await withOfflineOperator(context, globals, (operator) =>
        operator.untrust(address),
      );
      const sentences = {
        applied: `${outcome.address} is no longer trusted.`,
        alreadyApplied: `${outcome.address} was not trusted.`,
        unchanged: `${outcome.address} is still trusted`,
      };
      reportOutcome(context, outcome, sentences, globals.json);
    });
}
