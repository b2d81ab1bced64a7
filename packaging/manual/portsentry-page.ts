/** Writes portsentry(8): the command lines of PortSentry that are taken, and what differs. */
import {
  type DescribedOption,
  OPTIONS_OF_2_X,
  OPTIONS_OF_BOTH,
} from "../../src/cli/portsentry/options.ts";
import { argument, page, paragraphs, prose, taggedList } from "./mdoc.ts";

/** 1.2's words. */
export const MODES: readonly (readonly [word: string, about: string])[] = [
  ["-tcp", "Open the ports of TCP_PORTS, and accept whoever connects."],
  ["-udp", "Open the ports of UDP_PORTS."],
  ["-stcp", "Watch the ports of TCP_PORTS in the kernel, with none open."],
  ["-sudp", "Watch the ports of UDP_PORTS so."],
  ["-atcp", "Watch every unused TCP port below ADVANCED_PORTS_TCP."],
  ["-audp", "Watch every unused UDP port below ADVANCED_PORTS_UDP."],
];

export function describePortsentryPage(version: string): string {
  return page(
    {
      title: "PORTSENTRY",
      section: 8,
      names: ["portsentry", "portsentry-add-ip", "portsentry-rm-ip"],
      about: "PortSentry's commands, answered by the port-scan sentry vedette",
      version,
    },
    [
      ".Sh SYNOPSIS",
      ".Nm portsentry",
      MODES.map(([word], index) => `${index === 0 ? "." : "| "}${flag(word)}`).join(" "),
      ...OPTIONS_OF_BOTH.map(inSynopsis),
      ".Nm portsentry",
      ...OPTIONS_OF_2_X.filter(({ name }) => name !== "help" && name !== "version").map(inSynopsis),
      ".Nm portsentry\\-add\\-ip",
      ".Ar address Ns Op / Ns Ar bits",
      ".Op Ar file",
      ".Nm portsentry\\-rm\\-ip",
      ".Ar address Ns Op / Ns Ar bits",
      ".Op Ar file",
      ".Sh DESCRIPTION",
      ...paragraphs(DESCRIPTION),
      ".Ss As PortSentry 1.2",
      ...paragraphs(AS_1_2),
      ...taggedList(MODES.map(([word, about]) => [flag(word), prose(about)])),
      ".Pp",
      "Beside one of them two options may stand that 1.2 does not have:",
      ...taggedList(OPTIONS_OF_BOTH.map(describeOption)),
      ".Ss As PortSentry 2.x",
      ...paragraphs(AS_2_X),
      ...taggedList(OPTIONS_OF_2_X.map(describeOption)),
      ".Ss Ignore lists",
      ...paragraphs(IGNORE_LISTS),
      ".Sh CONFIGURATION",
      ...paragraphs(CONFIGURATION),
      ".Sh DIFFERENCES",
      "This is otherwise than in PortSentry itself:",
      ".Bl -bullet",
      ...DIFFERENCES.flatMap((text) => [".It", ...prose(text)]),
      ".El",
      ".Sh SIGNALS",
      ...paragraphs(SIGNALS),
      ".Sh FILES",
      ...taggedList(FILES.map(([path, about]) => [`Pa ${argument(path)}`, prose(about)])),
      ".Sh EXIT STATUS",
      ...paragraphs(EXIT_STATUS),
      ".Sh SEE ALSO",
      ".Xr hosts_access 5 ,",
      ".Xr vedette.conf 5 ,",
      ".Xr vedette 8",
      ".Pp",
      ".Pa /usr/share/doc/vedette/docs/PORTSENTRY\\-DEFECTS.md",
      "has each known defect of both versions, and what becomes of it.",
    ],
  );
}

function flag(word: string): string {
  return `Fl ${argument(word.slice(1))}`;
}

function inSynopsis({ letter, name, valueName }: DescribedOption): string {
  const value = valueName === undefined ? "" : ` Ar ${valueName.toLowerCase()}`;
  return `.Op ${flag(letter === undefined ? `--${name}` : `-${letter}`)}${value}`;
}

function describeOption({
  letter,
  name,
  valueName,
  about,
}: DescribedOption): [string, readonly string[]] {
  const names = [...(letter === undefined ? [] : [`-${letter}`]), `--${name}`];
  const value = valueName === undefined ? "" : ` Ar ${valueName.toLowerCase()}`;
  const text = `${about.slice(0, 1).toUpperCase()}${about.slice(1)}.`;
  return [`${names.map(flag).join(" , ")}${value}`, prose(text)];
}

const DESCRIPTION = `
These are the commands of PortSentry 1.2 and 2.x, so that start scripts, units and habits go on
working. What they start is the guard of vedette(8) in profile portsentry: with PortSentry's own
files, and with nothing done to anybody that PortSentry would not have done, unless a key of
vedette.conf(5) asks for it.

\`vedette status\`, \`vedette bans\`, \`vedette unban\` and the other commands of vedette(8) work with such
a guard, too.
`;

const AS_1_2 = `
Exactly one of six words says what is watched. The command ends with 0 once the ports are watched,
and goes on without a terminal; it logs to syslog. TCP and UDP are two command lines, as ever: the
second joins the guard of the first, so that there is one guard with two processes to stop. Each
leaves its pid in /run/vedette.
`;

const AS_2_X = `
Any other line is one of 2.x, also one without a word. Options may be joined (\`-vD\`), their values
may stand in the same word (\`-ieth0\`, \`--interface=eth0\`), and long names may be cut short.
`;

const IGNORE_LISTS = `
\`portsentry-add-ip\` adds an address or a prefix of IPv4 or IPv6 to an ignore list, and
\`portsentry-rm-ip\` takes it out; every other line stays as it is. Without a file it is
/etc/portsentry/portsentry.ignore.static. A guard that runs takes the change over by itself.
`;

const CONFIGURATION = `
/etc/portsentry/portsentry.conf is read as it is, whether it is of 1.2 or of 2.x; where the command
line does not say a mode, /etc/default/portsentry is asked. \`vedette config check -c
/etc/portsentry/portsentry.conf\` tells what in it is in force otherwise than it looks. Each key of
vedette.conf(5) may be added: NFT_BAN="1" bans in the kernel, too, and BAN_TIME_CLAIMED="1d" gives
bans an end. \`vedette config import\` makes a vedette.conf of the same meaning.
`;

const DIFFERENCES: readonly string[] = [
  "A command of `KILL_ROUTE` or `KILL_RUN_CMD` that fails, hangs or does not exist is told, and its " +
    "source is not recorded as blocked. Commands wait in a queue beside detection, and have a time " +
    "limit (`HOOK_QUEUE`, `HOOK_TIMEOUT`).",
  "`vedette unban` takes back all that was done for a source: the line of hosts.deny, the route, the " +
    "rules, and the entry of the blocked file; so does a ban that runs out.",
  "IPv6 is watched in every mode. `route add -host` and `iptables` do not know it: that they failed " +
    "is told, and `NFT_BAN` shuts such a source out all the same.",
  "Own addresses, gateways, resolvers, sessions of people who are logged in, and hosts that this " +
    "machine connects to are never blocked.",
  "The kernel says which ports are in use, at every packet: a service that starts, stops or is " +
    "restarted makes nobody a scanner. There is no limit to the number of ports, and ranges may be " +
    "written.",
  "Sources are remembered each on its own, and not the last fifty hits of all.",
  "The logs of 2.x say `Ignored scan from` and `Scan below trigger from` where 2.x writes `Scan " +
    "from`, because its own fail2ban filter would ban for that.",
  "What is wrong in the configuration ends the start with 78 and all faults at once. What PortSentry " +
    "passes over in silence is a warning.",
  "A second guard is refused instead of blocking twice.",
  "It runs under Node: `start-stop-daemon --exec` does not find it, and `--pidfile` does.",
];

const SIGNALS = `
SIGTERM and SIGINT end it. Bans stay in the kernel until they run out, unless ON_STOP="remove" says
otherwise. SIGHUP has a guard without a terminal read its configuration again; \`vedette reload\` does
the same and tells what came of it. The process that has joined another does nothing at SIGHUP.
`;

const FILES: readonly (readonly [string, string])[] = [
  ["/etc/portsentry/portsentry.conf", "The configuration."],
  ["/etc/default/portsentry", "Debian's TCP_MODE and UDP_MODE."],
  [
    "/etc/portsentry/portsentry.ignore",
    "Who is never blocked; portsentry.ignore.static beside it is read, too. Prefixes, IPv6 and host " +
      "names may stand in both, and each is read again when it changes.",
  ],
  ["/etc/hosts.deny", "Where the line of KILL_HOSTS_DENY goes."],
  [
    "/run/vedette/portsentry-atcp.pid",
    "The pid of `portsentry -atcp`, and so on for each word of 1.2; portsentry.pid for `portsentry -D`.",
  ],
];

const EXIT_STATUS = `
0 once it watches without a terminal, or has told its help or version. A line that is wrong ends
with 255 and the usage as in 1.2, or with 1 as in 2.x. Everything else ends as in vedette(8): 78 is a
faulty configuration, 77 says that root is needed, and 69 that nothing can be watched or that a
guard is running already. The two commands for ignore lists end with 0 when the list is as it was
wanted, and with 255 for words that name no address.
`;
