/** Configuration keys of the program as a whole. */
import { choice, flag, path } from "../key-types.ts";
import type { LogFormat } from "../logger.ts";
import { portsentryFlag } from "../portsentry-numbers.ts";

/** Whose texts the log lines have: ours, or those that readers of PortSentry's logs know. */
export type LogDialect = "vedette" | "1.2" | "2.x";

/** Keys of this folder by their name in the file. */
export const daemonKeys = {
  LOG_FORMAT: choice<LogFormat>({
    default: "text",
    about:
      "Form of the lines on the standard output. text: for people. json: one object a line, whose " +
      "text is that of LOG_DIALECT. The system log gets the text alone.",
    values: { text: "text", json: "json" },
  }),
  LOG_DIALECT: choice<LogDialect>({
    default: "vedette",
    portsentry: "2.x",
    about:
      "Texts of the lines. vedette: our own. 1.2 and 2.x: those of these PortSentry versions, for " +
      "programs that read them, with lines in our words for what PortSentry does not have. In " +
      "profile portsentry the default follows the modes: 1.2 with those of 1.2 (tcp stcp atcp, " +
      "udp sudp audp), else 2.x.",
    values: { vedette: "vedette", "1.2": "1.2", "2.x": "2.x" },
  }),
  RESOLVE_HOST: flag({
    default: "0",
    about:
      "Whether PortSentry's lines and files name a source by the name that DNS has for it; a line " +
      "waits two seconds for it at most. Whoever scans may choose that name, and learns that you " +
      "have asked.",
    asPortSentry: portsentryFlag,
  }),
  BLOCK_LOG: path({
    default: "",
    about:
      "File with a line for each attempt of a held or banned source that the kernel drops, in the " +
      "form of its own LOG rules, such as /var/log/portsentry.block.log. At most 3 a minute for " +
      "each source, 600 for all. Where KILL_* alone shut sources out (NFT_BAN is 0 and nobody is " +
      "held), nothing is dropped by us and the administrator's own LOG rules are what tells: see " +
      "examples/rsyslog-portsentry.conf. A rotation needs no signal: a file that was moved away is " +
      "made anew with the next line.",
  }),
};
