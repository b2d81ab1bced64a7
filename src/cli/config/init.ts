/** `vedette config init`: a configuration, or a systemd unit, to begin with. */
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { Command } from "commander";
import { describeSample } from "../../config/describe.ts";
import { describeUnit } from "../../config/describe-unit.ts";
import { writeNewFile } from "../../config/write-new-file.ts";
import { OperationalError } from "../../errors.ts";
import { escapeInvisible } from "../../invisible-text.ts";
import { readGlobals } from "../arguments.ts";
import type { CliContext } from "../context.ts";
import { print, printJson } from "../printable.ts";

interface InitFlags {
  readonly systemd?: boolean;
  readonly config?: string;
}

/** The command itself, which lies as far from here in the built program. */
const PROGRAM = fileURLToPath(new URL("../../../bin/vedette", import.meta.url));

export function addConfigInitCommand(config: Command, context: CliContext): void {
  config
    .command("init")
    .description(
      "Prints an annotated configuration with every key, or writes it to a file that does not " +
        "exist yet.",
    )
    .argument("[file]", "where to write it; without it, to the standard output")
    .option("--systemd", "a systemd unit instead")
    .option("-c, --config <file>", "with --systemd: the configuration that the unit names")
    .action((path: string | undefined, flags: InitFlags, command: Command) => {
      const text = textOf(flags);
      if (path !== undefined) writeNewFile(path, text);
      if (readGlobals(command).json) printJson(context, { path: path ?? null, text });
      else if (path === undefined) context.write(text);
      else print(context, `Wrote ${escapeInvisible(path)}.`);
    });
}

function textOf({ systemd, config }: InitFlags): string {
  if (systemd === true) {
    // A unit has no working directory of ours.
    const configPath = config === undefined ? undefined : resolve(config);
    return describeUnit({ program: PROGRAM, configPath });
  }
  if (config === undefined) return describeSample();
  throw new OperationalError("ERR_USAGE", "-c goes with --systemd; name the new file without it");
}
