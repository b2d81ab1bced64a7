/** `vedette trusted`: who is never held and never banned, and why. */
import type { Command } from "commander";
import { readGlobals } from "../arguments.ts";
import type { CliContext } from "../context.ts";
import { withOperator } from "../operator.ts";
import { print, printJson } from "../printable.ts";
import { formatTable } from "../table.ts";

const EXAMPLES = `
Examples:
  vedette trusted
  vedette trusted --json
`;

export function addTrustedCommand(program: Command, context: CliContext): void {
  program
    .command("trusted")
    .summary("list who is never held or banned")
    .description("Lists the addresses and prefixes that are never held and never banned.")
    .addHelpText("after", EXAMPLES)
    .action(async (_flags: unknown, command: Command) => {
      const globals = readGlobals(command);
      const trusted = await withOperator(context, globals, (operator) => operator.trusted());
      if (globals.json) {
        printJson(context, trusted);
        return;
      }
      const columns = [{ title: "ADDRESS" }, { title: "WHY", mayShrink: true }];
      const rows = trusted.map(({ address, why }) => [address, why]);
      const table = formatTable(columns, rows, context.columns);
      print(context, trusted.length === 0 ? "Nobody is trusted." : table);
    });
}
