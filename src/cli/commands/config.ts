/** `vedette config`: is the configuration good, and what is in force? Needs no guard. */
import type { Command } from "commander";
import { addConfigCheckCommand } from "../config/check.ts";
import { addConfigShowCommand } from "../config/show.ts";
import type { CliContext } from "../context.ts";

const EXAMPLES = `
Examples:
  vedette config check -c my.conf      all faults at once; exit status 78 when there are any
  vedette config check -c /etc/portsentry/portsentry.conf
  vedette config show                  what is in force, and where it comes from
`;

export function addConfigCommand(program: Command, context: CliContext): void {
  const config = program
    .command("config")
    .summary("check or show the configuration")
    .description("Checks the configuration, or shows what is in force.")
    .addHelpText("after", EXAMPLES);
  addConfigCheckCommand(config, context);
  addConfigShowCommand(config, context);
}
