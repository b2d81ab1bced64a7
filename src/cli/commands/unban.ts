/** `vedette unban`: ends bans, one by one or all. */

import type { Command } from "commander";
import { counted } from "../../counted.ts";
import { EXIT_STATUS, OperationalError } from "../../errors.ts";
import { parsePrefix } from "../../net/prefix.ts";
import type { GlobalOptions } from "../arguments.ts";
import { readGlobals } from "../arguments.ts";
import type { CliContext } from "../context.ts";
import { withOperator } from "../operator.ts";
import { reportOutcome } from "../outcome.ts";
import { print, printError, printJson } from "../printable.ts";

const EXAMPLES = `
Examples:
  vedette unban 192.0.2.7
  vedette unban 192.0.2.7 2001:db8::/64
  vedette unban --all
`;

export function addUnbanCommand(program: Command, context: CliContext): void {
  program
    .command("unban")
    .summary("end bans")
    .description(
      "Ends the bans of addresses or prefixes, or every ban, with all that was done for them. What " +
        "was found on this machine and may be somebody else's (BY unknown) is ended by name alone.",
    )
    .argument("[address...]", "addresses or prefixes; one inside a banned /64 means that /64")
    .option("--all", "end every ban", false)
    .addHelpText("after", EXAMPLES)
    .action(async (addresses: string[], flags: { readonly all: boolean }, command: Command) => {
      const globals = readGlobals(command);
      if (flags.all === addresses.length > 0) {
        throw new OperationalError("ERR_USAGE", "unban needs either addresses or --all");
      }
      if (flags.all) await unbanAll(context, globals);
      else await unbanEach(context, globals, addresses);
    });
}

async function unbanAll(context: CliContext, globals: GlobalOptions): Promise<void> {
  const ended = await withOperator(context, globals, (operator) => operator.unbanAll());
  const { unbanned } = ended;
  if (globals.json) printJson(context, ended);
  else if (unbanned === 0) print(context, "There were no bans.");
  else print(context, `${counted(unbanned, "ban was", "bans were")} ended.`);
}

/** One that fails does not keep the others banned; the exit status is that of the first failure. */
async function unbanEach(
  context: CliContext,
  globals: GlobalOptions,
  addresses: readonly string[],
): Promise<void> {
  const wrong = addresses.filter((address) => parsePrefix(address.trim()) === undefined);
  if (wrong.length > 0) {
    const words = wrong.map((word) => JSON.stringify(word)).join(", ");
    const message = `nothing was unbanned: not an address or prefix: ${words}`;
    throw new OperationalError("ERR_USAGE", message);
  }
  for (const address of addresses) {
    try {
      const outcome = await withOperator(context, globals, (operator) => operator.unban(address));
      const sentences = {
        applied: `${outcome.address} is unbanned.`,
        alreadyApplied: outcome.address.includes("/")
          ? `${outcome.address} was not banned; bans inside it stand: \`vedette bans\` lists them.`
          : `${outcome.address} was not banned.`,
        unchanged: `${outcome.address} is still banned`,
      };
      reportOutcome(context, outcome, sentences, globals.json);
    } catch (error) {
      if (!(error instanceof OperationalError)) throw error;
      printError(context, `vedette: ${error.message}`);
      if (context.exitStatus === 0) context.exitStatus = EXIT_STATUS[error.code];
    }
  }
}
