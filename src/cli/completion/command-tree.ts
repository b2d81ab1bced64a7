/**
 * The commands as a shell's completion sees them: names, options, and what may follow each.
 *
 * Read from the command line's own definitions, so that no shell offers what is not taken.
 */
import type { Argument, Command, Option } from "commander";

/**
 * What a shell offers for a value: names of files or directories, keys of the configuration, the
 * addresses that are banned or trusted at the moment, these words, or nothing.
 */
export type Offer =
  | "files"
  | "directories"
  | "settings"
  | "banned"
  | "trusted"
  | "nothing"
  | readonly string[];

export interface OfferedOption {
  /** With their dashes, the short one first: "-c", "--config". */
  readonly names: readonly string[];
  readonly about: string;
  /** undefined: it takes no value. */
  readonly value: Offer | undefined;
}

export interface OfferedCommand {
  readonly name: string;
  readonly about: string;
  readonly options: readonly OfferedOption[];
  readonly commands: readonly OfferedCommand[];
  /** What may stand where no command and no option does. */
  readonly operands: Offer;
}

/** What the name between the angle brackets of a definition asks for. */
const OFFERS_BY_NAME: Readonly<Record<string, Offer>> = {
  file: "files",
  path: "files",
  dir: "directories",
  "key=value": "settings",
};

/** Commands whose operand is an address that is in a list already. */
const OFFERS_BY_COMMAND: Readonly<Record<string, Offer>> = {
  unban: "banned",
  untrust: "trusted",
};

/** `command` and all below it; options that every command has stand with each. */
export function readCommandTree(command: Command): OfferedCommand {
  const help = command.createHelp();
  const options = [...help.visibleOptions(command), ...help.visibleGlobalOptions(command)];
  const commands = help.visibleCommands(command);
  return {
    name: command.name(),
    about: command.summary() || command.description(),
    options: options.map(readOption),
    commands: commands.map((each) =>
      each.name() === "help" ? readHelpCommand(each, commands) : readCommandTree(each),
    ),
    operands: operandsOf(command),
  };
}

/** Commander's own command, whose operand is the name of another. */
function readHelpCommand(help: Command, commands: readonly Command[]): OfferedCommand {
  const operands = commands.map((command) => command.name()).filter((name) => name !== "help");
  return { name: help.name(), about: help.description(), options: [], commands: [], operands };
}

function readOption(option: Option): OfferedOption {
  const names = [option.short, option.long].filter((name) => name !== undefined);
  const takesValue = option.required || option.optional;
  return {
    names,
    about: option.description,
    value: takesValue ? (option.argChoices ?? offerNamed(valueNameOf(option))) : undefined,
  };
}

/** "file" of "-c, --config <file>"; "" where there is none. */
function valueNameOf(option: Option): string {
  return /[<[](?<name>[^>\]]+)[>\]]/.exec(option.flags)?.groups?.["name"] ?? "";
}

function operandsOf(command: Command): Offer {
  const argument: Argument | undefined = command.registeredArguments[0];
  if (argument === undefined) return "nothing";
  const choices = argument.argChoices ?? OFFERS_BY_COMMAND[command.name()];
  return choices ?? offerNamed(argument.name());
}

function offerNamed(name: string): Offer {
  return OFFERS_BY_NAME[name] ?? "nothing";
}
