/**
 * From a verdict to what is done: a ban, or a reason why not.
 *
 * A ban covers exactly the verdict's source, never more, and its length follows from the evidence:
 * what anybody can forge shuts nobody out for long. Stronger evidence lengthens a ban that stands
 * and never shortens it. Trust is asked first and the budget is paid last: a source that is spared
 * for another reason takes nothing from it, and a flood of forged sources cannot ban more than that,
 * nor have more connections asked after.
 */
import type { Clock } from "../clock.ts";
import { type Ban, hasEnded } from "../model/ban.ts";
import { describeEvidence, type Evidence, isStronger } from "../model/evidence.ts";
import type { Order, OrderCause } from "../model/order.ts";
import type { Verdict } from "../model/verdict.ts";
import { formatPorts } from "../net/port-range.ts";
import type { Prefix } from "../net/prefix.ts";
import { hasPorts } from "../net/transport.ts";
import { ClaimBudget } from "./claim-budget.ts";
import { type BanSteps, banDurationMs } from "./escalation.ts";
import type { TrustedPrefixes } from "./trusted-prefixes.ts";

/** `0`: watch only. `1`: everything that is configured. `2`: hooks only. PortSentry's BLOCK_TCP. */
type BlockMode = 0 | 1 | 2;

export interface PolicyOptions {
  readonly banSteps: BanSteps;
  /**
   * Whether nobody who has, or lately had, a connection to a service of ours is banned on less than
   * proof: that may be a client in whose name somebody else sends.
   */
  readonly sparesSessions: boolean;
  /** How long a ban counts as an earlier one, from its beginning. Milliseconds. */
  readonly repeatWithinMs: number;
  /** Bans of claimed sources in any 60 s. Integer, 0 or more. */
  readonly claimedBansPerMinute: number;
  /** Why nothing is banned at all, in words that follow "watching only: "; undefined: it is. */
  readonly watchOnly: string | undefined;
  readonly blockTcp: BlockMode;
  readonly blockUdp: BlockMode;
  /** Written into every ban. */
  readonly configRevision: string;
}

/** What policy asks of the journal. */
export interface BanHistory {
  /**
   * Detector bans on exactly `prefix` that began at or after `sinceEpochMs`, on this evidence or
   * stronger: what anybody could have forged is nobody's earlier offence.
   */
  countBansSince(prefix: Prefix, sinceEpochMs: number, evidence: Evidence): number;
  findActiveBan(prefix: Prefix): Ban | undefined;
}

/** What policy asks of the machine's own connections. */
export interface Sessions {
  /**
   * @returns TCP ports of our services to which `source` has, or lately had, a connection;
   * undefined: not known.
   */
  portsOf(source: Prefix): readonly number[] | undefined;
}

type SparedReason =
  | "trusted"
  | "watch-only"
  | "block-off"
  | "already-banned"
  | "decoy"
  | "unproven"
  | "session"
  | "budget";

/** `text`: in one sentence, for people, which stands behind the address of the source. */
export type Decision =
  | { readonly status: "ban"; readonly order: Extract<Order, { act: "ban" }> }
  | { readonly status: "spared"; readonly reason: SparedReason; readonly text: string };

/** A ban on evidence "alive" needs two probes: one alone may be all that a forger has sent. */
const ALIVE_PROBES = 2;

export class Policy {
  #options: PolicyOptions;
  readonly #clock: Clock;
  readonly #trusted: TrustedPrefixes;
  readonly #history: BanHistory;
  readonly #sessions: Sessions;
  #budget: ClaimBudget;

  constructor(
    options: PolicyOptions,
    clock: Clock,
    trusted: TrustedPrefixes,
    history: BanHistory,
    sessions: Sessions,
  ) {
    this.#options = options;
    this.#clock = clock;
    this.#trusted = trusted;
    this.#history = history;
    this.#sessions = sessions;
    this.#budget = new ClaimBudget(options.claimedBansPerMinute, clock);
  }

  /**
   * Decides by these options from the next verdict on. What the last minute has taken from the
   * budget of claimed bans counts on, unless the budget itself is another one.
   */
  reconfigure(options: PolicyOptions): void {
    if (options.claimedBansPerMinute !== this.#options.claimedBansPerMinute) {
      this.#budget = new ClaimBudget(options.claimedBansPerMinute, this.#clock);
    }
    this.#options = options;
  }

  /** Not idempotent: a ban of a claimed source is counted when it is decided. */
  decide(verdict: Verdict): Decision {
    const { source } = verdict;
    const why = this.#trusted.why(source);
    if (why !== undefined) return spared("trusted", `It is trusted: ${why}.`);
    const { watchOnly } = this.#options;
    if (watchOnly !== undefined) return spared("watch-only", `Watching only: ${watchOnly}.`);
    const cause = this.#causeOf(verdict);
    if (cause === undefined) {
      const transports = [...new Set(verdict.ports.map(({ transport }) => transport))];
      const named = transports.filter(hasPorts);
      const what =
        named.length === 0 ? "Scans without a port" : `Probes of ${named.join(" and ")} ports`;
      return spared("block-off", `${what} ban nobody by the configuration.`);
    }
    const evidence = evidenceToBanOn(verdict);
    const stepsMs = this.#options.banSteps[evidence];
    if (stepsMs === undefined) {
      return spared("unproven", whyUnproven(evidence));
    }
    const nowEpochMs = this.#clock.epochMs();
    const ban = this.#ban(verdict, evidence, stepsMs, nowEpochMs);
    const standing = this.#standingAt(source, nowEpochMs);
    if (standing !== undefined && !lengthens(ban, standing)) {
      return spared("already-banned", "It is banned already.");
    }
    const { decoy } = verdict;
    if (decoy !== undefined) {
      const text =
        `It is likely a decoy: one sender uses ${decoy.sources} addresses, ` +
        `and another of them is ${decoy.evidence}.`;
      return spared("decoy", text);
    }
    if (evidence === "claimed" && !this.#budget.hasRoom()) {
      const { claimedBansPerMinute } = this.#options;
      const text = `It may be forged: at most ${claimedBansPerMinute} such bans a minute (CLAIMED_BANS).`;
      return spared("budget", text);
    }
    const session = evidence === "proven" ? undefined : this.#sessionOf(source);
    if (session !== undefined) return spared("session", `${session}: only proof bans it.`);
    if (evidence === "claimed") this.#budget.take();
    const order = { act: "ban", ban, cause } as const;
    if (standing === undefined) return { status: "ban", order };
    return { status: "ban", order: { ...order, raisedFrom: standing.evidence } };
  }

  /**
   * The probe that convicted, or the latest port of the transport that asks for more. A scan of
   * both is judged by the one that bans: the other must not protect it. What has no port bans where
   * either of them does, and stands behind every port, because PortSentry's responses want one.
   * @returns undefined when nothing asks for anything.
   */
  #causeOf({ ports, last }: Verdict): OrderCause | undefined {
    const { blockTcp, blockUdp } = this.#options;
    const other = blockTcp === 1 || blockUdp === 1 ? 1 : 0;
    const blocks = { tcp: blockTcp, udp: blockUdp, icmp: other, ip: other };
    const inTurn = [...ports, last];
    const byRank = [
      ...inTurn.filter(({ transport }) => !hasPorts(transport)),
      ...inTurn.filter(({ transport }) => hasPorts(transport)),
    ];
    for (const block of [1, 2] as const) {
      const port = byRank.findLast(({ transport }) => blocks[transport] === block);
      if (port !== undefined) return { transport: port.transport, port: port.port, block };
    }
    return undefined;
  }

  /** @returns what speaks for a source that may be forged, as the beginning of a sentence. */
  #sessionOf(source: Prefix): string | undefined {
    if (!this.#options.sparesSessions) return undefined;
    const ports = this.#sessions.portsOf(source);
    if (ports === undefined) return "Whether it has a connection to a service here is not known";
    if (ports.length === 0) return undefined;
    return `It has, or just had, a connection to a service here (tcp ${formatPorts(ports)})`;
  }

  #standingAt(source: Prefix, atEpochMs: number): Ban | undefined {
    const ban = this.#history.findActiveBan(source);
    return ban === undefined || hasEnded(ban, atEpochMs) ? undefined : ban;
  }

  #ban(
    { source: prefix, reason, ruleId, campaignId, score }: Verdict,
    evidence: Evidence,
    stepsMs: readonly number[],
    sinceEpochMs: number,
  ): Ban {
    const { repeatWithinMs, configRevision } = this.#options;
    const earliestEpochMs = sinceEpochMs - repeatWithinMs;
    const earlierBans = this.#history.countBansSince(prefix, earliestEpochMs, evidence);
    const durationMs = banDurationMs(stepsMs, earlierBans);
    return {
      prefix,
      sinceEpochMs,
      untilEpochMs: durationMs === undefined ? undefined : sinceEpochMs + durationMs,
      evidence,
      ...(score === undefined ? {} : { score }),
      origin: "detector",
      reason,
      ruleId,
      campaignId,
      means: [],
      configRevision,
    };
  }
}

function evidenceToBanOn({ evidence, probes }: Verdict): Evidence {
  return evidence === "alive" && probes < ALIVE_PROBES ? "claimed" : evidence;
}

/** Nobody is banned on this evidence with one value of PROOF alone: src/daemon/ban-steps.ts. */
function whyUnproven(evidence: Evidence): string {
  const is = describeEvidence(evidence);
  return `PROOF="handshake": no ban until it completes connections to unused ports (${is}).`;
}

/** A person's ban is left as that person has made it. */
function lengthens(ban: Ban, standing: Ban): boolean {
  return (
    standing.origin === "detector" &&
    isStronger(ban.evidence, standing.evidence) &&
    endOf(ban) > endOf(standing)
  );
}

function endOf({ untilEpochMs }: Ban): number {
  return untilEpochMs ?? Number.POSITIVE_INFINITY;
}

function spared(reason: SparedReason, text: string): Decision {
  return { status: "spared", reason, text };
}
