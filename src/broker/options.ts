/** Configuration keys of what the privileged process does by itself. */
import { choice, path } from "../key-types.ts";

/** What is left in the kernel by a normal stop. */
export type OnStop = "keep-bans" | "remove";

/** Keys of this folder by their name in the file. */
export const brokerKeys = {
  IGNORE_FILE: path({
    default: "/etc/vedette/vedette.ignore",
    portsentry: "/etc/portsentry/portsentry.ignore",
    about:
      "File of addresses and prefixes that are never held and never banned, one a line. This " +
      "machine's own addresses, gateways and resolvers are trusted without it.",
  }),
  ON_STOP: choice<OnStop>({
    default: "keep-bans",
    about:
      "What a normal stop leaves in the kernel. keep-bans: the bans, until they run out. remove: " +
      "nothing.",
    values: { "keep-bans": "keep-bans", remove: "remove" },
  }),
};
