/** Configuration keys of what follows from a verdict. */
import { choice, count, duration, durations, flag } from "../key-types.ts";
import { portsentryBlock } from "../portsentry-numbers.ts";

/** Ten years, the longest that the broker's protocol takes. */
const LONGEST_MS = 10 * 365 * 86_400_000;

/**
 * `watch`: nothing is held, banned or answered differently. `ban`: verdicts ban. `hooks`: as
 * `watch`, but KILL_RUN_CMD is run.
 */
export type Reaction = "watch" | "ban" | "hooks";

const REACTIONS = { 0: "watch", 1: "ban", 2: "hooks" } as const;

const REACTION_WORDS =
  "0: it is told, nothing is done. 1: holds and bans. 2: KILL_RUN_CMD is run and nothing else done.";

/** Keys of this folder by their name in the file. */
export const policyKeys = {
  BLOCK_TCP: choice<Reaction>({
    default: "1",
    portsentry: "0",
    about: `What follows from a TCP scan. ${REACTION_WORDS}`,
    values: REACTIONS,
    asPortSentry: portsentryBlock,
  }),
  BLOCK_UDP: choice<Reaction>({
    default: "1",
    portsentry: "0",
    about: `What follows from a UDP scan. ${REACTION_WORDS}`,
    values: REACTIONS,
    asPortSentry: portsentryBlock,
  }),
  BAN_TIME: durations({
    default: "1h 1d 7d",
    portsentry: "forever",
    minMs: 1000,
    maxMs: LONGEST_MS,
    maxSteps: 10,
    about:
      "How long a ban lasts: the first time, the second, and so on; the last step for every " +
      "further one. forever: until it is ended by hand.",
  }),
  REPEAT_WITHIN: duration({
    default: "30d",
    minMs: 60_000,
    maxMs: LONGEST_MS,
    about: "How long an earlier ban counts, so that the next one takes the next step of BAN_TIME.",
  }),
  CLAIMED_BANS: count({
    default: "60",
    min: 0,
    max: 100_000,
    about:
      "Bans a minute of sources that have proven nothing. Anybody can forge such an address: " +
      "this bounds how many innocent ones a forger can name.",
  }),
  NFT_BAN: flag({
    default: "1",
    about:
      "Ban in the kernel, by the sets of the nftables table inet vedette. In profile portsentry the " +
      "default is 0 where KILL_ROUTE or KILL_RUN_CMD is set: such a ban comes before iptables, and " +
      "would silence the rules of that command.",
  }),
};
