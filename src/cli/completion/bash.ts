/**
 * Writes the completion of the `vedette` command for bash.
 *
 * It stands on bash alone (4.3 or later), so that it works without the package bash-completion, too.
 * What lists of bans say comes from the network in the end: it is taken only where it looks like an
 * address, and is compared as text, never handed to `compgen -W`, which would expand it.
 */
import type { Offer, OfferedCommand, OfferedOption } from "./command-tree.ts";

/** One line of a `case`: a pattern, and what is done where it fits. */
type Arm = readonly [pattern: string, act: string];

/** @param keys the configuration's, which `--set` takes. */
export function describeBashCompletion(program: OfferedCommand, keys: readonly string[]): string {
  const commands = withPaths(program);
  const shared = program.options.filter((option) => option.value !== undefined);
  return `${HEAD}
__vedette_keys='${keys.join(" ")}'

# What may follow option $2 of the command $1; status 1 where it takes no value.
__vedette_value_of() {
  case "$1 $2" in
${formatArms([
  ...shared.map((option): Arm => [patternOf("", option), printOf(option.value)]),
  ...commands
    .slice(1)
    .flatMap(([path, { options }]) =>
      options
        .filter((option) => option.value !== undefined && !isShared(option, shared))
        .map((option): Arm => [patternOf(path, option), printOf(option.value)]),
    ),
  ["*", "return 1"],
])}
  esac
}

# The commands below $1.
__vedette_commands_of() {
  case $1 in
${formatArms(
  commands
    .filter(([, { commands: below }]) => below.length > 0)
    .map(([path, { commands: below }]) => [`'${path}'`, printNames(below.map(({ name }) => name))]),
)}
  esac
}

# The options of the command $1.
__vedette_options_of() {
  case $1 in
${formatArms(
  commands.map(([path, { options }]) => [
    `'${path}'`,
    printNames(options.flatMap(({ names }) => names.filter((name) => name.startsWith("--")))),
  ]),
)}
  esac
}

# What may stand behind the command $1, beside commands and options.
__vedette_operands_of() {
  case $1 in
${formatArms([
  ...commands
    .filter(([, { operands }]) => operands !== "nothing")
    .map(([path, { operands }]): Arm => [`'${path}'`, printOf(operands)]),
  ["*", printOf("nothing")],
])}
  esac
}
${ENGINE}`;
}

function withPaths(
  command: OfferedCommand,
  before = "",
): (readonly [path: string, command: OfferedCommand])[] {
  const path = `${before}${command.name}`;
  return [[path, command], ...command.commands.flatMap((each) => withPaths(each, `${path} `))];
}

function isShared(option: OfferedOption, shared: readonly OfferedOption[]): boolean {
  return shared.some(({ names }) => names.join() === option.names.join());
}

/** 'vedette guard -c'|'vedette guard --config'; of every command where `path` is empty. */
function patternOf(path: string, { names }: OfferedOption): string {
  return names.map((name) => (path === "" ? `*' ${name}'` : `'${path} ${name}'`)).join("|");
}

function printNames(names: readonly string[]): string {
  return ["echo", ...names].join(" ");
}

/** Words stand behind "words"; the others are single ones. */
function printOf(offer: Offer | undefined): string {
  return `echo ${typeof offer === "string" ? offer : ["words", ...(offer ?? [])].join(" ")}`;
}

function formatArms(arms: readonly Arm[]): string {
  return arms.map(([pattern, act]) => `    ${pattern}) ${act} ;;`).join("\n");
}

const HEAD = `# bash completion of vedette(8), as "vedette completion bash" prints it.
#
# shellcheck shell=bash`;

const ENGINE = `
# The addresses that "$@" lists, nothing where it cannot. Only what looks like one is taken.
__vedette_addresses() {
  timeout 3 "$@" --json 2> /dev/null | grep -oE '"address": ?"[0-9a-fA-F:./]+"' | cut -d '"' -f 4
}

_vedette() {
  local line=\${COMP_LINE:0:COMP_POINT}
  local -a words=() places=() offered=() found=()
  local path=vedette current='' word name option='' taken='' before=''
  read -ra words <<< "$line"
  # bash cuts words at = and :, which stand within ours.
  if [[ $line == *[![:blank:]] ]]; then
    current=\${words[-1]}
    unset 'words[-1]'
  fi

  for word in "\${words[@]:1}"; do
    if [[ $option ]]; then
      case $option in --run | --state) places+=("$option" "$word") ;; esac
      option=''
      continue
    fi
    case $word in
      --run=* | --state=*) places+=("$word") ;;
      -*=*) ;;
      -*) if __vedette_value_of "$path" "$word" > /dev/null; then option=$word; fi ;;
      *)
        for name in $(__vedette_commands_of "$path"); do
          if [[ $name == "$word" ]]; then path+=" $word" && break; fi
        done
        ;;
    esac
  done

  COMPREPLY=()
  if [[ $option ]]; then
    taken=$(__vedette_value_of "$path" "$option")
  elif [[ $current == --*=* ]]; then
    before=\${current%%=*}=
    taken=$(__vedette_value_of "$path" "\${current%%=*}") || return 0
  elif [[ $current == -* ]]; then
    taken="words $(__vedette_options_of "$path")"
  else
    taken="words $(__vedette_commands_of "$path")"
    if [[ $taken == 'words ' ]]; then taken=$(__vedette_operands_of "$path"); fi
  fi

  case $taken in
    files) compopt -o default ;;
    directories) compopt -o dirnames ;;
    settings)
      compopt -o nospace
      read -ra offered <<< "\${__vedette_keys// /= }="
      ;;
    banned) mapfile -t offered < <(__vedette_addresses "$1" "\${places[@]}" bans) ;;
    trusted) mapfile -t offered < <(__vedette_addresses "$1" "\${places[@]}" trusted) ;;
    words*) read -ra offered <<< "\${taken#words}" ;;
  esac

  # What bash takes for the word begins behind the last of its breaks.
  local kept=''
  if [[ $COMP_WORDBREAKS == *:* && $current == *:* ]]; then kept=\${current%:*}:; fi
  if [[ $COMP_WORDBREAKS == *=* && \${current#"$kept"} == *=* ]]; then kept=\${current%=*}=; fi
  for word in "\${offered[@]}"; do
    if [[ $before$word == "$current"* ]]; then
      word=$before$word
      found+=("\${word#"$kept"}")
    fi
  done
  COMPREPLY=("\${found[@]}")
}

complete -F _vedette vedette
`;
