/**
 * What the guard sends by itself, on its way out, and what comes back to it.
 *
 * A question leaves through a raw socket with a mark. It is not tracked, or a host's own rule on
 * connection tracking would find it invalid and drop it; and its flow is remembered for some
 * seconds, so that of all resets on the Internet only those that may answer one of ours are told
 * to user space, and each question one time. They are told where the gate drops, too: an answer
 * often comes after the ban that it is to confirm.
 *
 * What a hostile sender can do: name flows of its own, by forging probes, of which one reset each
 * is told; they are bounded by the questions (CHALLENGE_RATE). What a guard can do that was taken
 * over: send SYN+ACKs from this machine's own addresses, twice as many as it may. It cannot change
 * the mark, so that it can send nothing else and in nobody else's name.
 */
import { RAW_MARK } from "./raw-socket.ts";
import type { Chain } from "./table-chain.ts";
import type { TableOptions } from "./table-options.ts";
import { SNAP_BYTES } from "./table-probe.ts";

/** How long (s) an answer may take: no round trip is longer, and no queue on the way. */
const ANSWER_SECONDS = 10;

/** What the kernel lets pass of what the guard may send: its clock and ours need not agree. */
const RATE_MARGIN = 2;

type Needed = Pick<TableOptions, "challengeRate" | "nflogGroup">;

/** @returns the rule that tells of resets and goes on; none when nobody is asked anything. */
export function tellReplies({ challengeRate }: Needed): string[] {
  return challengeRate > 0 ? ["tcp flags & rst == rst jump reply"] : [];
}

/** The chains of both directions; none when nobody is asked anything. */
export function answerChains(options: Needed): Chain[] {
  if (options.challengeRate <= 0) return [];
  const allowed = options.challengeRate * RATE_MARGIN;
  const sent = "tcp dport . %daddr . tcp sport . %saddr";
  const come = "tcp sport . %saddr . tcp dport . %daddr";
  return [
    {
      name: "sent",
      hook: "type filter hook output priority raw; policy accept;",
      rules: [
        "# What the guard sends by itself bears this mark, which it cannot change.",
        `meta mark != ${formatMark(RAW_MARK)} accept`,
        "# Nothing but questions, in no other name, and no flood: whoever takes the guard over.",
        "fib saddr type != local drop",
        "meta l4proto != tcp drop",
        "tcp flags & (fin|syn|rst|ack) != syn|ack drop",
        `limit rate over ${allowed}/second burst ${allowed} packets drop`,
        "# Whose reset is an answer. Rules of their own: a full set breaks the rule it stands in.",
        ...[4, 6].map((version) => {
          const flow = keyOf(sent, version);
          return `update @asked${version} { ${flow} timeout ${ANSWER_SECONDS}s }`;
        }),
        "# No connection has begun: to connection tracking this would be invalid.",
        "notrack",
      ],
    },
    {
      name: "reply",
      rules: [
        "# One reset a question: whoever goes on sending them is not told of again.",
        ...[4, 6].map((version) => {
          const flow = keyOf(come, version);
          return `${flow} @asked${version} delete @asked${version} { ${flow} } ${encodeLog(options)}`;
        }),
      ],
    },
  ];
}

/** "0x2d5a0000", as nft writes it. */
function formatMark(mark: number): string {
  return `0x${mark.toString(16)}`;
}

function keyOf(pattern: string, version: number): string {
  return pattern.replaceAll("%", version === 4 ? "ip " : "ip6 ");
}

/** No limit is needed: questions are. */
function encodeLog({ nflogGroup }: Needed): string {
  return `log prefix "reply" group ${nflogGroup} snaplen ${SNAP_BYTES} queue-threshold 64`;
}
