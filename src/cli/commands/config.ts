/** `vedette config`: is the configuration good, what is in force, how to begin? Needs no guard. */
import type { Command } from "commander";
import { addConfigCheckCommand } from "../config/check.ts";
import { addConfigImportCommand } from "../config/import.ts";
import { addConfigInitCommand } from "../config/init.ts";
import { addConfigShowCommand } from "../config/show.ts";
import type { CliContext } from "../context.ts";

const EXAMPLES = `
Examples:
  vedette config check -c my.conf      all faults at once; exit status 78 when there are any
  vedette config check -c /etc/portsentry/portsentry.conf
  vedette config show                  what is in force, and where it comes from
  vedette config init /etc/vedette/vedette.conf
  vedette config init --systemd /etc/systemd/system/vedette.service
  vedette config import --to /tmp/new  from PortSentry's and fail2ban's files
`;

export function addConfigCommand(program: Command, context: CliContext): void {
  const config = program
    .command("config")
    .summary("check, show, begin or import the configuration")
    .description(
      "Checks the configuration, shows what is in force, writes one to begin with, or makes one " +
        "of PortSentry's and fail2ban's files.",
    )
    .addHelpText("after", EXAMPLES);
  addConfigCheckCommand(config, context);
  addConfigShowCommand(config, context);
  addConfigInitCommand(config, context);
  addConfigImportCommand(config, context);
}
