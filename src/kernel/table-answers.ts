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
 * over: send SYN+ACKs from this machine's own addresses, twice as many as it may, and other segments
 * to those alone who came to a port that looks open. It cannot change the mark, so that it can send
 * nothing else and in nobody else's name; fragments neither, whose flags no rule could read. The
 * chain that sees to this stands as long as the table does: sockets outlive the options that have
 * opened them, in a guard that is told to leave and takes its time, or in a process that it has left.
 */
import { RAW_MARK } from "./raw-socket.ts";
import type { Chain } from "./table-chain.ts";
import { FLOWS_IN, FLOWS_OUT } from "./table-flows.ts";
import { SNAP_BYTES } from "./table-log.ts";
import type { TableOptions } from "./table-options.ts";
import { openPorts, PHANTOM_TALK_RATE } from "./table-phantom.ts";

/** How long (s) an answer may take: no round trip is longer, and no queue on the way. */
const ANSWER_SECONDS = 10;

/** What the kernel lets pass of what the guard may send: its clock and ours need not agree. */
const RATE_MARGIN = 2;

type Needed = Pick<
  TableOptions,
  "challengeRate" | "nflogGroup" | "phantom" | "phantomRate" | "trapPorts"
>;

/** @returns the rule that takes out the resets that answer; none when nobody is asked anything. */
export function tellReplies({ challengeRate }: Pick<Needed, "challengeRate">): string[] {
  return challengeRate > 0 ? ["tcp flags & rst == rst jump reply"] : [];
}

/** The chain on the way out; in every table. */
export const SENT_CHAIN = "sent";

const SENT_HOOK = "type filter hook output priority raw; policy accept;";

/** Mark of the packets that a guard sends, as nft writes it: "0x2d5a0000". */
export const SENT_MARK = `0x${RAW_MARK.toString(16)}`;

/** The rule of {@link SENT_CHAIN} while the guard may send nothing by itself. */
export const DROP_SENT = `meta mark ${SENT_MARK} drop`;

/** Whether the guard sends anything by itself. */
function sendsByItself(options: Needed): boolean {
  return options.challengeRate > 0 || openPorts(options) !== undefined;
}

/** The chains of both directions; when the guard sends nothing by itself, one that lets nothing out. */
export function answerChains(options: Needed): Chain[] {
  if (!sendsByItself(options)) return [silentChain()];
  const asks = options.challengeRate > 0;
  const hasPhantom = openPorts(options) !== undefined;
  const synAcks = options.challengeRate + (hasPhantom ? options.phantomRate : 0);
  return [
    {
      name: SENT_CHAIN,
      hook: SENT_HOOK,
      rules: [
        "# What the guard sends by itself bears this mark, which it cannot change.",
        `meta mark != ${SENT_MARK} accept`,
        "# In no other name, and no flood: whoever takes the guard over.",
        "fib saddr type != local drop",
        "meta l4proto != tcp drop",
        "# Whole segments alone: of a piece no rule below can read the flags. The guard sends none.",
        "ip frag-off & 0x3fff != 0 drop",
        "exthdr frag exists drop",
        ...(hasPhantom
          ? [
              "# Whatever is said, to those alone who came to a port that looks open.",
              ...VERSIONS.map((version) => `${FLOWS_OUT[version]} @phantom${version} goto talk`),
            ]
          : []),
        "# To everybody else nothing but the answer to a SYN, or a question that looks like one.",
        "tcp flags & (fin|syn|rst|ack) == syn|ack goto synack",
        "# What has no flags that could be read is dropped, too.",
        "drop",
      ],
    },
    {
      name: "synack",
      rules: [
        allowOnly(synAcks),
        ...(asks ? rememberQuestion() : []),
        "# No connection has begun: to connection tracking this would be invalid.",
        "notrack",
      ],
    },
    ...(hasPhantom ? [talkChain(options)] : []),
    ...(asks ? [replyChain(options)] : []),
  ];
}

/** It costs one comparison for each packet that leaves, as the defaults do. */
function silentChain(): Chain {
  const why =
    "# Nothing is sent, but a guard that leaves, or what it has left, may have sockets yet.";
  return { name: SENT_CHAIN, hook: SENT_HOOK, rules: [why, DROP_SENT] };
}

const VERSIONS = [4, 6] as const;

function allowOnly(perSecond: number): string {
  const allowed = perSecond * RATE_MARGIN;
  return `limit rate over ${allowed}/second burst ${allowed} packets drop`;
}

function rememberQuestion(): string[] {
  return [
    "# Whose reset is an answer. Rules of their own: a full set breaks the rule it stands in.",
    ...VERSIONS.map(
      (version) => `update @asked${version} { ${FLOWS_OUT[version]} timeout ${ANSWER_SECONDS}s }`,
    ),
  ];
}

function talkChain({ phantomRate }: Needed): Chain {
  return { name: "talk", rules: [allowOnly(phantomRate + PHANTOM_TALK_RATE), "notrack"] };
}

function replyChain(options: Needed): Chain {
  return {
    name: "reply",
    rules: [
      "# One reset a question: whoever goes on sending them is not told of again. It ends here: it",
      "# is for nobody else, and no attempt of a source that is shut out.",
      ...VERSIONS.map((version) => {
        const flow = FLOWS_IN[version];
        return `${flow} @asked${version} delete @asked${version} { ${flow} } ${encodeLog(options)} drop`;
      }),
    ],
  };
}

/** No limit is needed: questions are. */
function encodeLog({ nflogGroup }: Needed): string {
  return `log prefix "reply" group ${nflogGroup} snaplen ${SNAP_BYTES} queue-threshold 64`;
}
