/** Writes vedette(8) from the definitions of the command line and docs/ERRORS.md. */
import type { Argument, Command, Option } from "commander";
import { argument, page, paragraphs, prose, taggedList } from "./mdoc.ts";

/** @param errors text of docs/ERRORS.md. */
export function describeCommandPage(program: Command, errors: string, version: string): string {
  const help = program.createHelp();
  const commands = leavesOf(program);
  return page(
    {
      title: "VEDETTE",
      section: 8,
      names: ["vedette"],
      about: "port-scan sentry: sees who touches unused ports, and shuts them out",
      version,
    },
    [
      ".Sh SYNOPSIS",
      ".Nm",
      ...help.visibleOptions(program).filter(takesPart).map(inSynopsis),
      ".Ar command",
      ".Op Ar argument ...",
      ".Sh DESCRIPTION",
      ...paragraphs(DESCRIPTION),
      ".Pp",
      "These options may stand before or after every command:",
      ...taggedList(help.visibleOptions(program).map(describeOption)),
      ".Sh COMMANDS",
      ...taggedList(
        commands.map(([path, each]) => [
          `Cm ${path}`,
          prose(sentence(each.summary() || each.description())),
        ]),
        "compact",
        argument("config import"),
      ),
      ...commands.flatMap(([path, command]) => describeCommand(path, command)),
      ".Sh SIGNALS",
      ...prose("The process of `vedette guard` takes these:"),
      ...taggedList(SIGNALS.map(([names, text]) => [`Dv ${names}`, paragraphs(text)])),
      ".Sh ENVIRONMENT",
      ...taggedList(ENVIRONMENT.map(([name, text]) => [`Ev ${name}`, paragraphs(text)])),
      ".Sh FILES",
      ...taggedList(FILES.map(([path, text]) => [`Pa ${argument(path)}`, paragraphs(text)])),
      ".Sh EXIT STATUS",
      ...taggedList([
        ["0", ["Done."]],
        ...statusesIn(errors).map(
          ({ status, code, text }) => [`${status} Pq ${code}`, paragraphs(text)] as const,
        ),
      ]),
      ".Pp",
      "Of",
      ".Cm selftest",
      "1 says that a step failed, and 130 or 143 that a signal interrupted it.",
      "Of",
      ".Cm doctor",
      "1 says that there are warnings, and 2 that there are errors.",
      ".Sh SEE ALSO",
      ".Xr vedette.conf 5 ,",
      ".Xr nft 8 ,",
      ".Xr portsentry 8",
      ".Pp",
      "What is in the folder",
      ".Pa /usr/share/doc/vedette/docs :",
      ...prose(DOCUMENTS),
    ],
  );
}

/** All commands that do something, by their words: "config check". */
function leavesOf(command: Command, before = ""): (readonly [string, Command])[] {
  return command.commands.flatMap((each) => {
    const path = `${before}${each.name()}`;
    if (each.commands.length === 0) return [[path, each] as const];
    return [[path, each] as const, ...leavesOf(each, `${path} `)];
  });
}

function describeCommand(path: string, command: Command): string[] {
  const options = command.createHelp().visibleOptions(command).filter(takesPart);
  const operands = command.registeredArguments;
  const isGroup = command.commands.length > 0;
  return [
    `.Ss ${path}`,
    ".Nm",
    `.Cm ${path}`,
    ...options.map(inSynopsis),
    ...operands.map(operandInSynopsis),
    ...(isGroup ? [".Ar command"] : []),
    ".Pp",
    ...prose(command.description()),
    ...taggedList([
      ...options.map(describeOption),
      ...operands
        .filter(({ description }) => description !== "")
        .map((each): [string, string[]] => [`Ar ${argument(each.name())}`, operandText(each)]),
    ]),
    ...describeHelpText(helpTextOf(command)),
  ];
}

/** --help and --version are everywhere, and change nothing. */
function takesPart({ long }: Option): boolean {
  return long !== "--help" && long !== "--version";
}

function inSynopsis(option: Option): string {
  const { short, long } = option;
  return `.Op ${flagOf(short ?? long ?? "")}${valueIn(option)}`;
}

function describeOption(option: Option): [string, string[]] {
  const names = [option.short, option.long].filter((name) => name !== undefined);
  const head = `${names.map(flagOf).join(" , ")}${valueIn(option)}`;
  const { argChoices: choices, defaultValue } = option;
  const more = [
    ...(choices === undefined ? [] : [`One of ${choices.join(", ")}.`]),
    ...(defaultValue === undefined || defaultValue === false ? [] : [`Default: ${defaultValue}.`]),
  ];
  return [head, prose([sentence(option.description), ...more].join(" "))];
}

/** "--config" as "Fl \-config": the macro sets the first dash. */
function flagOf(name: string): string {
  return `Fl ${argument(name.slice(1))}`;
}

/** " Ar file" of "-c, --config <file>". */
function valueIn({ flags }: Option): string {
  const name = /[<[](?<name>[^>\]]+)[>\]]/.exec(flags)?.groups?.["name"];
  return name === undefined ? "" : ` Ar ${argument(name)}`;
}

function operandInSynopsis(operand: Argument): string {
  const more = operand.variadic ? " ..." : "";
  const name = `Ar ${argument(operand.name())}${more}`;
  return operand.required ? `.${name}` : `.Op ${name}`;
}

function operandText({ description, argChoices: choices }: Argument): string[] {
  const more = choices === undefined ? [] : [`One of ${choices.join(", ")}.`];
  return prose([sentence(description), ...more].join(" "));
}

/** "our addresses; may be repeated" as a sentence. */
function sentence(text: string): string {
  const begun = `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;
  return /[.!?]$/.test(begun) ? begun : `${begun}.`;
}

/** What a command's --help has behind its options. */
function helpTextOf(command: Command): string {
  let text = "";
  command.configureOutput({
    writeOut: (more) => {
      text += more;
    },
  });
  command.outputHelp();
  return text.slice(command.helpInformation().length);
}

/** Examples are indented lines, with what they do behind two blanks; the rest is running text. */
function describeHelpText(text: string): string[] {
  const lines = text.split("\n").filter((line) => line !== "Examples:");
  const examples = lines
    .filter((line) => line.startsWith("  "))
    .map((line): [string, string[]] => {
      const [command = "", about] = line.trim().split(/\s{2,}/);
      return [`Ic ${argument(command)}`, about === undefined ? [] : prose(sentence(about))];
    });
  const rest = lines.filter((line) => !line.startsWith("  ")).join("\n");
  return [
    ...(rest.trim() === "" ? [] : [".Pp", ...paragraphs(rest)]),
    ...(examples.length === 0 ? [] : [".Pp", "Examples:", ...taggedList(examples, "compact")]),
  ];
}

interface Status {
  readonly status: number;
  readonly code: string;
  readonly text: string;
}

/** The sections of docs/ERRORS.md, by their status. */
function statusesIn(errors: string): Status[] {
  const sections = [
    ...errors.matchAll(/^## (?<code>ERR_\w+)\n\nExit status (?<status>\d+)\.(?<text>[^#]*)/gm),
  ];
  return sections
    .map(({ groups }) => ({
      status: Number(groups?.["status"]),
      code: groups?.["code"] ?? "",
      text: groups?.["text"] ?? "",
    }))
    .sort((one, other) => one.status - other.status);
}

const DESCRIPTION = `
Vedette watches the ports that a machine does not use. Whoever knocks on several of them is
scanning. The kernel holds such a source at once, so that it gets no new connection for a few
seconds; when it is convicted, it is banned, the longer the better it is known to be real. Whoever
is trusted stays out of it: you while you are logged in, gateways, resolvers, this machine's own
addresses, hosts that it connects to, and whom you name.

\`vedette guard\` is the sentry. The other commands ask a guard that runs, by its socket; what
changes anything needs root or the group vedette. Without a guard, root's commands work on the
kernel and the journal themselves.

Installed as a Debian package, the guard is the service vedette. \`systemctl reload vedette\` reads
its configuration again, and \`journalctl -u vedette\` has what it tells.

To begin with care: \`vedette guard --watch-only\` tells what would be done, and does nothing;
\`vedette guard --confirm 10m\` takes everything back unless \`vedette confirm\` comes in time.
An address becomes trusted for good by \`vedette trust\`, or by a line in the ignore file.
`;

const SIGNALS: readonly (readonly [string, string])[] = [
  [
    "SIGTERM , Dv SIGINT",
    "The guard ends. What stays in the kernel is said by `--on-stop`, or by the key ON_STOP.",
  ],
  [
    "SIGHUP",
    "The configuration is read again, as by `vedette reload`. A guard that runs on a terminal " +
      "ends instead: its terminal is gone.",
  ],
];

const ENVIRONMENT: readonly (readonly [string, string])[] = [
  ["VEDETTE_RUN_DIR", "Directory of the guard's socket, where `--run` does not name one."],
  ["VEDETTE_STATE_DIR", "Directory of the guard's journal, where `--state` does not name one."],
  [
    "XDG_RUNTIME_DIR",
    "For a guard of somebody who is not root: its socket lies in vedette below this directory.",
  ],
];

const FILES: readonly (readonly [string, string])[] = [
  ["/etc/vedette/vedette.conf", "The configuration. It need not exist."],
  [
    "/etc/vedette/vedette.ignore",
    "Addresses, prefixes and host names that are never held and never banned, one a line. The " +
      "same with .static behind it is read, too. Both are read again when they change.",
  ],
  ["/run/vedette/api.sock", "The guard's socket. Its group is vedette, where there is one."],
  [
    "/var/lib/vedette/journal/journal.sqlite",
    "The journal: every ban, those that have ended included.",
  ],
  [
    "/var/lib/vedette/journal/history.sqlite",
    "What `vedette why`, `campaigns` and `history` tell: scans, what followed, who asked for what.",
  ],
  ["/var/lib/vedette/trusted", "The trust that `vedette trust` has given."],
  ["~/.local/state/vedette", "Journal of a guard that somebody runs who is not root."],
];

const DOCUMENTS =
  "HEALTH.md about what a guard complains of; DOCTOR.md about what `vedette doctor` finds; EVIDENCE.md " +
  "about how sure it is who scans; PHANTOM.md about ports that look open; REPLAY.md about captures; " +
  "PRIVILEGES.md about what each process may do.";
