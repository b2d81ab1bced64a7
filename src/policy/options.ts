/** Configuration keys of what follows from a verdict. */
import { choice, count, duration, durations, flag } from "../key-types.ts";
import { portsentryBlock } from "../portsentry-numbers.ts";

/** Ten years, the longest that the broker's protocol takes. */
const LONGEST_MS = 10 * 365 * 86_400_000;

/** The longest ban (ms) of a source that may be anybody's, with PROOF alive. */
export const LONGEST_CLAIMED_MS = 60_000;

/**
 * `watch`: nothing is held, banned or answered differently. `ban`: verdicts ban. `hooks`: as
 * `watch`, but KILL_RUN_CMD is run.
 */
export type Reaction = "watch" | "ban" | "hooks";

/** What a source must have shown to be banned: nothing, that it lives, or that it was it. */
type Proof = "none" | "alive" | "handshake";

const BAN_TIME_BOUNDS = {
  portsentry: "forever",
  minMs: 1000,
  maxMs: LONGEST_MS,
  maxSteps: 10,
} as const;

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
  PROOF: choice<Proof>({
    default: "alive",
    portsentry: "none",
    about:
      "On what evidence a scan bans. claimed: packets came, which anybody could have sent in the " +
      "source's name. alive: the source answered a challenge, so it exists, which does not prove " +
      "that it sent them. proven: it completed handshakes on two unused ports, or on a trap " +
      "port. " +
      "none (PortSentry's way): every source is banned; a forger can ban anybody who is not " +
      "trusted, a scanner can do nothing. " +
      "alive: alive and proven sources are banned, claimed ones for a minute at most and within " +
      "CLAIMED_BANS; a forger can ban a live host for BAN_TIME_ALIVE and cost any other a minute of " +
      "new connections; a scanner is only held while it has, or just had, a connection to a service, " +
      "or is taken for a decoy because it sends each packet in a live stranger's name, too, and " +
      "answers nothing itself. " +
      "handshake: proven sources alone are banned; a forger can cost anybody a minute of new " +
      "connections, by the holds, and a scanner sees every port that answers until it " +
      "has connected to two unused ones, or to a trap. It needs something to connect to: TCP_MODE tcp, or a phantom.",
    values: { none: "none", alive: "alive", handshake: "handshake" },
  }),
  BAN_TIME_CLAIMED: durations({
    ...BAN_TIME_BOUNDS,
    default: "1m",
    about:
      "How long a ban on claimed evidence lasts: the first time, the second, and so on; the last " +
      "step for every further one. With PROOF alive no step is longer than a minute, whatever " +
      "stands here. forever: until it is ended by hand.",
  }),
  BAN_TIME_ALIVE: durations({
    ...BAN_TIME_BOUNDS,
    default: "10m 1h 4h",
    about:
      "How long a ban lasts of a source that is alive and has sent two probes, as " +
      "BAN_TIME_CLAIMED. One that stands on weaker evidence becomes as long as that, and never " +
      "shorter.",
  }),
  BAN_TIME_PROVEN: durations({
    ...BAN_TIME_BOUNDS,
    default: "1h 1d 7d",
    about: "How long a ban of a proven source lasts, as BAN_TIME_ALIVE.",
  }),
  REPEAT_WITHIN: duration({
    default: "30d",
    minMs: 60_000,
    maxMs: LONGEST_MS,
    about:
      "How long an earlier ban counts, so that the next one takes the next step of its BAN_TIME. " +
      "Bans on weaker evidence do not count: what anybody can forge is nobody's offence.",
  }),
  CLAIMED_BANS: count({
    default: "60",
    min: 0,
    max: 100_000,
    about:
      "Bans a minute on claimed evidence, the weakest. Anybody can forge such an address: this bounds " +
      "how many a forger can name that do not answer. Hosts that do are alive, and not counted here.",
  }),
  NFT_BAN: flag({
    default: "1",
    about:
      "Ban in the kernel, by the sets of the nftables table inet vedette. In profile portsentry the " +
      "default is 0 where KILL_ROUTE or KILL_RUN_CMD is set: such a ban comes before iptables, and " +
      "would silence the rules of that command.",
  }),
};
