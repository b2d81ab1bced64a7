/** Configuration keys of what the privileged process does by itself. */
import { choice, count, duration, flag, path, paths, text } from "../key-types.ts";
import { portsentryFlag } from "../portsentry-numbers.ts";

/** What is left in the kernel by a normal stop. */
export type OnStop = "keep-bans" | "remove";

/** The address of the source in a command or line of PortSentry's keys. */
const TARGET = "$TARGET$";

/** As much as is run when the tokens are filled in; PortSentry 1.2 stops at 1,024. */
const LONGEST_COMMAND = 4096;

/** The library of hosts_access(5) reads 2,046 bytes of a line; an IPv6 prefix takes 45 of them. */
const LONGEST_LINE = 2000;

const TOKENS = "$TARGET$, $PORT$ and $MODE$ stand for its address, the port and the mode.";

/** Keys of this folder by their name in the file, without those of {@link hookKeys}. */
export const brokerKeys = {
  IGNORE_FILE: path({
    default: "/etc/vedette/vedette.ignore",
    portsentry: "/etc/portsentry/portsentry.ignore",
    about:
      "File of addresses and prefixes that are never held and never banned, one a line. A list " +
      "beside it whose name ends in .static is read, too. This machine's own addresses, " +
      "gateways and resolvers are trusted without it.",
  }),
  BLOCKLIST_FILES: paths({
    default: "",
    maxCount: 64,
    about:
      "Files of addresses and prefixes whose packets are dropped as those of banned sources are: " +
      "plain lists, FireHOL's, Spamhaus DROP, DShield. Whoever is trusted is let through. A file " +
      "that changes is read again by itself. See BLOCKLISTS.md.",
  }),
  ON_STOP: choice<OnStop>({
    default: "keep-bans",
    about:
      "What a normal stop leaves in the kernel. keep-bans: the bans, until they run out. remove: " +
      "nothing.",
    values: { "keep-bans": "keep-bans", remove: "remove" },
  }),
};

/**
 * PortSentry's own responses, by their name in the file.
 *
 * Only the broker reads them, from the file itself: nothing that the guard sends becomes part of a
 * command but an address, a port and a word from a closed list.
 */
export const hookKeys = {
  KILL_HOSTS_DENY: text({
    default: "",
    maxCharacters: LONGEST_LINE,
    mustHold: TARGET,
    about: `Line that a ban adds to /etc/hosts.deny, and its end takes away. ${TOKENS}`,
  }),
  KILL_ROUTE: text({
    default: "",
    maxCharacters: LONGEST_COMMAND,
    mustHold: TARGET,
    about: `Command that shuts a source out, run by /bin/sh as root. ${TOKENS}`,
  }),
  KILL_RUN_CMD: text({
    default: "",
    maxCharacters: LONGEST_COMMAND,
    about: `Command that is run for a ban, by /bin/sh as root. ${TOKENS}`,
  }),
  KILL_RUN_CMD_FIRST: flag({
    default: "0",
    about: "Whether KILL_RUN_CMD is run before the source is shut out (1) or after it (0).",
    asPortSentry: portsentryFlag,
  }),
  UNKILL_ROUTE: text({
    default: "",
    maxCharacters: LONGEST_COMMAND,
    mustHold: TARGET,
    about:
      "Command that undoes KILL_ROUTE when a ban ends. Empty: the inverse of the commands that " +
      "PortSentry's sample file names is known.",
  }),
  UNKILL_RUN_CMD: text({
    default: "",
    maxCharacters: LONGEST_COMMAND,
    about:
      "Command that undoes KILL_RUN_CMD when a ban ends. Empty: the inverse of iptables and route " +
      "commands is known, and there is nothing to undo of others.",
  }),
  HOOK_TIMEOUT: duration({
    default: "10s",
    minMs: 1000,
    maxMs: 600_000,
    about: "How long a command may run until it is ended and counts as failed.",
  }),
  HOOK_QUEUE: count({
    default: "1000",
    min: 1,
    max: 100_000,
    about: "Commands that may wait for their turn. What is beyond is not run, and that is told.",
  }),
  HISTORY_FILE: path({
    default: "",
    about:
      "File of what was caught, in PortSentry's form, which fail2ban reads. With LOG_DIALECT 2.x it " +
      "has a line for each probe, else one for each source that is blocked or, where BLOCK_TCP or " +
      "BLOCK_UDP is 0, would be. At most 600 lines a minute; it is never truncated.",
  }),
  BLOCKED_FILE: path({
    default: "",
    about:
      "File of the bans in force, in PortSentry's form. 1.2 takes it as the beginning of a name " +
      "and adds the mode, as in portsentry.blocked.atcp.",
  }),
};
