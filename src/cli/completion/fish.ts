/**
 * Writes the completion of the `vedette` command for fish.
 *
 * As in bash, what a list of bans says is taken only where it looks like an address.
 */
import type { Offer, OfferedCommand, OfferedOption } from "./command-tree.ts";

/** @param keys the configuration's, which `--set` takes. */
export function describeFishCompletion(program: OfferedCommand, keys: readonly string[]): string {
  const offers: Offers = {
    files: "-F",
    directories: "-a '(__fish_complete_directories)'",
    settings: `-a '${keys.map((key) => `${key}=`).join(" ")}'`,
    banned: "-a '(__vedette_addresses bans)'",
    trusted: "-a '(__vedette_addresses trusted)'",
    nothing: "",
  };
  const shared = program.options.map((option) => formatOption("", option, offers));
  const lines = program.commands.flatMap((command) => formatCommand([], command, program, offers));
  return `${HEAD}
# The commands of the line, without options and their values.
function __vedette_path
    set -l skips no
    for word in (commandline -opc)[2..]
        if test $skips = yes
            set skips no
            continue
        end
        switch $word
            case ${valuedNames(program).join(" ")}
                set skips yes
            case '-*'
            case '*'
                echo $word
        end
    end
end

# Whether they are these, and no more.
function __vedette_at
    test "$(__vedette_path)" = "$(string join \\n $argv)"
end

# Whether they begin with these.
function __vedette_in
    test "$(__vedette_path | head -n (count $argv))" = "$(string join \\n $argv)"
end
${ADDRESSES}
complete -c vedette -f
${[...shared, ...lines].join("\n")}
`;
}

type Offers = Readonly<Record<Extract<Offer, string>, string>>;

function formatCommand(
  before: readonly string[],
  command: OfferedCommand,
  program: OfferedCommand,
  offers: Offers,
): string[] {
  const path = [...before, command.name];
  const within = ` -n '__vedette_in ${path.join(" ")}'`;
  const about = command.about === "" ? "" : ` -d ${quote(command.about)}`;
  const own = command.options.filter(
    (option) => !program.options.some(({ names }) => names.join() === option.names.join()),
  );
  const { operands } = command;
  return [
    `complete -c vedette -n '__vedette_at${["", ...before].join(" ")}' -a ${command.name}${about}`,
    ...own.map((option) => formatOption(within, option, offers)),
    ...(operands === "nothing"
      ? []
      : [`complete -c vedette${within} ${formatOffer(operands, offers)}`]),
    ...command.commands.flatMap((each) => formatCommand(path, each, program, offers)),
  ];
}

function formatOption(
  within: string,
  { names, about, value }: OfferedOption,
  offers: Offers,
): string {
  const flags = names.map((name) =>
    name.startsWith("--") ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`,
  );
  const taken =
    value === undefined ? [] : [value === "files" ? "-r" : "-x", formatOffer(value, offers)];
  const parts = [...flags, ...taken, "-d", quote(about)].filter((part) => part !== "");
  return `complete -c vedette${within} ${parts.join(" ")}`;
}

function formatOffer(offer: Offer, offers: Offers): string {
  return typeof offer === "string" ? offers[offer] : `-a '${offer.join(" ")}'`;
}

/** Names of all options that take a value; no name takes one here and none there. */
function valuedNames(command: OfferedCommand): string[] {
  const names = command.options.flatMap((option) =>
    option.value === undefined ? [] : option.names,
  );
  return [...new Set([...names, ...command.commands.flatMap(valuedNames)])];
}

function quote(text: string): string {
  return `'${text.replaceAll(/[\\']/g, "\\$&")}'`;
}

const HEAD = `# fish completion of vedette(8), as "vedette completion fish" prints it.
`;

const ADDRESSES = `
# The addresses that the command lists, nothing where it cannot. Only what looks like one is taken.
function __vedette_addresses
    timeout 3 (commandline -opc)[1] $argv --json 2>/dev/null \\
        | string match -ra '(?<="address":")[0-9a-fA-F:./]+(?=")'
end
`;
