/** Writes vedette.conf(5) from the configuration's schema. */

import { CONFIG_SECTIONS } from "../../src/config/schema.ts";
import type { ConfigKey } from "../../src/config-key.ts";
import { argument, literalBlock, page, paragraphs, prose, taggedList } from "./mdoc.ts";

/** A file of the page's EXAMPLES, with what it does. */
export const EXAMPLES: readonly (readonly [about: string, text: string])[] = [
  [
    "A mail server whose clients may err: it convicts late, forgets soon, and never bans whom the " +
      "ignore file names:",
    `DETECTOR="trigger"
SCAN_TRIGGER="10"              # ports within RECORD_TIME
RECORD_TIME="1h"
ADVANCED_EXCLUDE_TCP="113,465"
IGNORE_FILE="/etc/vedette/vedette.ignore"
`,
  ],
  [
    "Nobody is banned who has not proven to be who it says; ports that look open give it the " +
      "occasion:",
    `PROOF="handshake"
PHANTOM="all"
PHANTOM_ANSWER="banner 23:tarpit 445:reset"
BAN_TIME_PROVEN="1h 1d 7d"
`,
  ],
  [
    "PortSentry's responses beside the ban in the kernel; what they have done is undone when the " +
      "ban ends:",
    `BLOCK_TCP="1"
BLOCK_UDP="1"
KILL_HOSTS_DENY="ALL: $TARGET$ : DENY"
KILL_ROUTE="/sbin/route add -host $TARGET$ reject"
KILL_RUN_CMD="/usr/bin/logger -t ban $TARGET$ port $PORT$ ($MODE$)"
HISTORY_FILE="/var/lib/vedette/history"
BLOCK_LOG="/var/log/vedette.block.log"
`,
  ],
];

export function describeConfigurationPage(version: string): string {
  return page(
    {
      title: "VEDETTE.CONF",
      section: 5,
      names: ["vedette.conf"],
      about: "configuration of the port-scan sentry vedette",
      version,
    },
    [
      ".Sh DESCRIPTION",
      ...paragraphs(DESCRIPTION),
      ".Sh SYNTAX",
      ...paragraphs(SYNTAX),
      ".Sh PROFILES",
      ...paragraphs(PROFILES),
      ".Sh RELOAD",
      ...paragraphs(RELOAD),
      ".Sh KEYS",
      ...CONFIG_SECTIONS.flatMap(({ title, keys }) => [
        `.Ss ${title}`,
        ...taggedList(
          Object.entries(keys).map(([name, key]) => [`Ic ${name}`, describeKey(name, key)]),
        ),
      ]),
      ".Sh FILES",
      ...taggedList([
        ["Pa /etc/vedette/vedette.conf", ["Read where no file is named."]],
        ["Pa /etc/portsentry/portsentry.conf", prose("What `portsentry` reads.")],
        [
          "Pa /etc/default/portsentry",
          prose("TCP_MODE and UDP_MODE in profile portsentry, where nobody else says them."),
        ],
        [
          "Pa /usr/share/doc/vedette/examples/vedette.conf",
          ["Every key with its default, commented out."],
        ],
      ]),
      ".Sh EXAMPLES",
      ...EXAMPLES.flatMap(([about, text], index) => [
        ...(index === 0 ? [] : [".Pp"]),
        ...prose(about),
        ...literalBlock(text),
      ]),
      ".Sh SEE ALSO",
      ".Xr portsentry 8 ,",
      ".Xr vedette 8",
    ],
  );
}

function describeKey(name: string, { about, expects, defaults }: ConfigKey<unknown>): string[] {
  const { vedette, portsentry } = defaults;
  return [
    ...prose(about),
    ".Pp",
    ...prose(`Expects ${expects}.`),
    ".Pp",
    "Default:",
    `.Ic ${setting(name, vedette)}`,
    ...(portsentry === vedette
      ? []
      : [".br", "In profile portsentry:", `.Ic ${setting(name, portsentry)}`]),
  ];
}

/** Breaks of a long list of ports are the formatter's. */
function setting(name: string, value: string): string {
  return argument(`${name}="${value}"`).replaceAll(",", ",\\:");
}

const DESCRIPTION = `
\`vedette guard\` and the service of the same name read /etc/vedette/vedette.conf, or the file that
\`-c\` names. It need not exist: a key that nobody sets has its default.

\`vedette config check\` tells all faults and doubtful settings of a file, each with its line and key,
and changes nothing. \`vedette config show\` tells what is in force and where it comes from.
\`vedette config init\` writes a file with every key, commented out. \`vedette config import\` makes one
of the files of PortSentry and fail2ban.
`;

const SYNTAX = `
Each line is a setting, a comment, or empty. A setting is a key, an equals sign and a value between
double quotes; blanks around the key and the equals sign do not matter. A comment begins with # at
the start of a line or behind a value. There are no escapes, so that no value holds a double quote;
a line cannot be continued.

Durations are a whole number with a unit: s, m, h, d or w, as in 30s or 7d. Ports are numbers and
ranges between commas, as in 22,80,8000-8080.

A key that does not exist, a key that stands twice, and a value that does not fit are faults: then
the guard does not start, ends with 78, and says what is expected and which key may have been meant.
Settings on the command line (\`--set KEY=VALUE\`) go before those of the file.
`;

const PROFILES = `
The name of the file decides whose ways are followed where it says nothing. A file of the name
portsentry.conf, in whatever directory, selects the profile portsentry: there nothing acts on
traffic that PortSentry would not have acted on, unless its key is written down. Every other name
is the profile vedette. Where the profiles differ, both defaults are given below.

A portsentry.conf is also read in PortSentry's way: what PortSentry takes, or passes over in
silence, is a warning that says what is in force instead, and no fault. See \`portsentry(8)\`.
`;

const RELOAD = `
\`vedette reload\`, \`systemctl reload vedette\` and SIGHUP have a guard read its file again. One with
faults changes nothing: they are told, and the former configuration stays in force. Bans stand, and
nothing goes unwatched meanwhile. The command line counts as it was given.

\`vedette apply FILE --confirm 60s\` puts another file in force for a minute. When \`vedette confirm\`
comes in time, it takes the place of the guard's own; otherwise the former one comes back by itself,
also when you have locked yourself out.

Ignore files need no reload: they are read again whenever they change.
`;
