/** `vedette trust`: never hold and never ban an address, until it is untrusted or a time is up. */
import type { Command } from "commander";
import { formatDuration } from "../../duration.ts";
import { parseSpan, readGlobals } from "../arguments.ts";
import type { CliContext } from "../context.ts";
import { withOperator } from "../operator.ts";
import { reportOutcome } from "../outcome.ts";

const EXAMPLES = `
Examples:
  vedette trust 192.0.2.7
  vedette trust 2001:db8::/64 --for 8h

It lasts over restarts. Long lists belong into the file that IGNORE_FILE names.
`;

export function addTrustCommand(program: Command, context: CliContext): void {
  program
    .command("trust")
    .summary("never hold or ban an address or prefix")
    .description("Makes an address or prefix one that is never held and never banned.")
    .argument("<address>", "address or prefix")
    .option("--for <duration>", "how long (default: until it is untrusted)", parseSpan)
    .addHelpText("after", EXAMPLES)
    .action(async (address: string, flags: { readonly for?: number }, command: Command) => {
      const globals = readGlobals(command);
      const outcome = await withOperator(context, globals, (operator) =>
        operator.trust({
          address,
          ...(flags.for === undefined ? {} : { for_seconds: flags.for / 1000 }),
        }),
      );
      const span = flags.for === undefined ? "" : ` for ${formatDuration(flags.for)}`;
      const sentences = {
        applied: `${outcome.address} is trusted${span}.`,
        alreadyApplied: `${outcome.address} was already trusted.`,
        unchanged: `${outcome.address} is not trusted`,
      };
      reportOutcome(context, outcome, sentences, globals.json);
    });
}
