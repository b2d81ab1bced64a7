/**
 * Writes the completion of the `vedette` command for zsh.
 *
 * As in bash, what a list of bans says is taken only where it looks like an address.
 */
import type { Offer, OfferedCommand, OfferedOption } from "./command-tree.ts";

/** What `_arguments` does for a value; with a blank in front it adds no words of its own. */
const ACTIONS: Readonly<Record<Extract<Offer, string>, string>> = {
  files: "_files",
  directories: "_files -/",
  settings: "__vedette_settings",
  banned: " __vedette_addresses bans",
  trusted: " __vedette_addresses trusted",
  nothing: " ",
};

/** @param keys the configuration's, which `--set` takes. */
export function describeZshCompletion(program: OfferedCommand, keys: readonly string[]): string {
  return `${HEAD}
__vedette_settings() {
  compset -P '*=' && return 1
  local -a keys=(${keys.join(" ")})
  compadd -S = -a keys
}
${ADDRESSES}
${formatCommand(program, "_vedette").join("\n\n")}

if [[ $funcstack[1] == _vedette ]]; then _vedette "$@"; else compdef _vedette vedette; fi
`;
}

/** The function that completes behind `command`, and those of the commands below it. */
function formatCommand(command: OfferedCommand, name: string): string[] {
  const options = command.options.map(formatOption);
  if (command.commands.length === 0) {
    const operands =
      command.operands === "nothing" ? [] : [`'*:value:${actionOf(command.operands)}'`];
    return [`${name}() {\n  _arguments -s ${[...options, ...operands].join(CONTINUED)}\n}`];
  }
  const entries = command.commands.map((each) => quote(`${each.name}:${each.about}`));
  const arms = command.commands.map((each) => `        ${each.name}) ${name}_${each.name} ;;`);
  const own = `${name}() {
  local curcontext=$curcontext state line
  local -A opt_args
  local -a commands=(
    ${entries.join("\n    ")}
  )
  _arguments -C -s ${[...options, "'1: :->command'", "'*:: :->rest'"].join(CONTINUED)} && return
  case $state in
    command) _describe -t commands command commands ;;
    rest)
      case $words[1] in
${arms.join("\n")}
      esac
      ;;
  esac
}`;
  return [own, ...command.commands.flatMap((each) => formatCommand(each, `${name}_${each.name}`))];
}

const CONTINUED = " \\\n    ";

/** '(-c --config)'{-c,--config=}'[configuration file]:value:_files' */
function formatOption({ names, about, value }: OfferedOption): string {
  const text = `[${about.replaceAll(/[\\[\]:]/g, "\\$&")}]`;
  const end = quote(value === undefined ? text : `${text}:value:${actionOf(value)}`);
  const forms = names.map((name) =>
    value !== undefined && name.startsWith("--") ? `${name}=` : name,
  );
  if (about.includes("may be repeated")) return `'*'${forms.join("")}${end}`;
  return forms.length === 1
    ? `${forms[0]}${end}`
    : `'(${names.join(" ")})'{${forms.join(",")}}${end}`;
}

function actionOf(offer: Offer): string {
  return typeof offer === "string" ? ACTIONS[offer] : `(${offer.join(" ")})`;
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

const HEAD = `#compdef vedette
# zsh completion of vedette(8), as "vedette completion zsh" prints it.
`;

const ADDRESSES = `
# The addresses that the command lists, nothing where it cannot. Only what looks like one is taken.
__vedette_addresses() {
  local -a found
  found=(\${(f)"$(timeout 3 vedette $1 --json 2> /dev/null |
    grep -oE '"address": ?"[0-9a-fA-F:./]+"' | cut -d '"' -f 4)"})
  _wanted addresses expl address compadd -a found
}
`;
