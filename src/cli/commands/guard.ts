/** `vedette guard`: the sentry itself, in the foreground. */
import type { Command } from "commander";
import { Option } from "commander";
import { formatWarning } from "../../config/findings.ts";
import { requireConfiguration } from "../../config/load.ts";
import type { LaunchOptions } from "../../daemon/launch.ts";
import { escapeInvisible } from "../../invisible-text.ts";
import { collectSetting, parseConfirmSpan, readGlobals } from "../arguments.ts";
import type { CliContext } from "../context.ts";
import { resolveGuardPlaces } from "../directories.ts";
import { printError } from "../printable.ts";

/** Runs a guard until it stops. @returns its exit status. */
export type LaunchGuard = (options: LaunchOptions) => Promise<number>;

/** Loads the daemon only here: no other command needs it in memory. */
export const launchGuardLazily: LaunchGuard = async (options) => {
  const { launchGuard } = await import("../../daemon/launch.ts");
  return launchGuard(options);
};

interface GuardFlags {
  readonly config?: string;
  readonly watchOnly?: boolean;
  readonly confirm?: number;
  readonly onStop?: LaunchOptions["onStop"];
  readonly despiteNeighbours?: boolean;
  readonly guardSocket?: string;
  readonly verbose?: boolean;
  readonly set?: Readonly<Record<string, string>>;
}

const EXAMPLES = `
Examples:
  vedette guard                                 with /etc/vedette/vedette.conf, if it exists
  vedette guard -c my.conf --watch-only         tell, but hold and ban nobody
  vedette guard --confirm 60s                   take everything away unless confirmed in a minute
  vedette guard --set SCAN_TRIGGER=5 --on-stop remove
`;

export function addGuardCommand(program: Command, context: CliContext, launch: LaunchGuard): void {
  program
    .command("guard")
    .summary("run the sentry in the foreground")
    .description("Watches the unused ports, holds and bans who scans them, until it is stopped.")
    .option("-c, --config <file>", "configuration file (default: /etc/vedette/vedette.conf)")
    .option(
      "--set <key=value>",
      "set one key; may be repeated, goes before the file",
      collectSetting,
    )
    .option("--watch-only", "tell what happens, but hold and ban nobody")
    .option(
      "--confirm <duration>",
      'take everything away again unless "vedette confirm" comes in time',
      parseConfirmSpan,
    )
    .addOption(
      new Option("--on-stop <what>", "what a stop leaves (default: ON_STOP)").choices([
        "keep-bans",
        "remove",
      ]),
    )
    .option(
      "--despite-neighbours",
      "hold and ban although something was found that a sentry may break",
    )
    .option("--guard-socket <path>", "have systemd start the guard, by the socket of its unit")
    .option("-v, --verbose", "tell every probe, too, and what came to nothing")
    .addHelpText("after", EXAMPLES)
    .action(async (flags: GuardFlags, command: Command) => {
      const configRequest = {
        path: flags.config,
        overrides: flags.set,
        strangers: "refused",
      } as const;
      const configuration = requireConfiguration(configRequest);
      for (const warning of configuration.warnings) {
        printError(context, `vedette: ${escapeInvisible(formatWarning(warning))}`);
      }
      context.exitStatus = await launch({
        configuration,
        configRequest,
        ...resolveGuardPlaces(readGlobals(command), context),
        watchOnly: flags.watchOnly === true,
        confirmWithinMs: flags.confirm,
        onStop: flags.onStop,
        despiteNeighbours: flags.despiteNeighbours === true,
        logOutputs: ["stdout"],
        verbosity: flags.verbose === true ? "verbose" : "normal",
        onReady: undefined,
        guardSocket: flags.guardSocket,
        acceptsJoins: false,
      });
    });
}
