/** What the commands below `vedette config` are asked in common: which file, in which profile. */
import { type Command, Option } from "commander";
import type { ConfigRequest } from "../../config/collect.ts";
import type { Profile } from "../../config-key.ts";

export interface ConfigFlags {
  readonly config?: string;
  readonly profile?: Profile;
}

/** Adds `-c` and `--profile` to `command`. */
export function addConfigOptions(command: Command): Command {
  return command
    .option("-c, --config <file>", "file (default: /etc/vedette/vedette.conf)")
    .addOption(
      new Option("--profile <name>", "whose defaults (default: by the file's name)").choices([
        "vedette",
        "portsentry",
      ]),
    );
}

export function configRequestOf(flags: ConfigFlags): ConfigRequest {
  return { path: flags.config, profile: flags.profile };
}
