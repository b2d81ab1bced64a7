/** `vedette ban`: shuts one address or prefix out. A trusted one is refused, with the reason. */
import type { Command } from "commander";
import { formatDuration } from "../../duration.ts";
import { parseReason, parseSpan, readGlobals } from "../arguments.ts";
import type { CliContext } from "../context.ts";
import { withOperator } from "../operator.ts";
import { reportOutcome } from "../outcome.ts";

const EXAMPLES = `
Examples:
  vedette ban 192.0.2.7
  vedette ban 2001:db8::/64 --for 1h --reason "password guessing"
`;

interface BanFlags {
  readonly for?: number;
  readonly reason?: string;
}

export function addBanCommand(program: Command, context: CliContext): void {
  program
    .command("ban")
    .summary("shut an address or prefix out")
    .description("Shuts an address or prefix out, for good or for a time.")
    .argument("<address>", "address or prefix")
    .option("--for <duration>", "how long (default: for good)", parseSpan)
    .option("--reason <text>", "why, for whoever reads the list of bans", parseReason)
    .addHelpText("after", EXAMPLES)
    .action(async (address: string, flags: BanFlags, command: Command) => {
      const globals = readGlobals(command);
      const outcome = await withOperator(context, globals, (operator) =>
        operator.ban({
          address,
          ...(flags.for === undefined ? {} : { for_seconds: flags.for / 1000 }),
          ...(flags.reason === undefined ? {} : { reason: flags.reason }),
        }),
      );
      const span = flags.for === undefined ? "for good" : `for ${formatDuration(flags.for)}`;
      const sentences = {
        applied: `${outcome.address} is banned ${span}.`,
        alreadyApplied: `${outcome.address} was already banned.`,
        unchanged: `${outcome.address} is not banned`,
      };
      reportOutcome(context, outcome, sentences, globals.json);
    });
}
