/**
 * From a verdict to what is done: a ban, or a reason why not.
 *
 * A ban covers exactly the verdict's source, never more. The kernel lets a banned source's packets
 * no further, so a verdict on one that is banned comes from probes that were under way. Trust is
 * asked first and the budget last: a source that is spared for another reason takes nothing from
 * the budget, and a flood of forged sources cannot ban more than that.
 */
import type { Clock } from "../clock.ts";
import type { Ban } from "../model/ban.ts";
import type { Order, OrderCause } from "../model/order.ts";
import type { Verdict } from "../model/verdict.ts";
import { formatPrefix, type Prefix } from "../net/prefix.ts";
import { hasPorts } from "../net/transport.ts";
import { ClaimBudget } from "./claim-budget.ts";
import { banDurationMs } from "./escalation.ts";
import type { TrustedPrefixes } from "./trusted-prefixes.ts";

/** `0`: watch only. `1`: everything that is configured. `2`: hooks only. PortSentry's BLOCK_TCP. */
type BlockMode = 0 | 1 | 2;

export interface PolicyOptions {
  /** Duration (ms) of the first, second, … ban; the last repeats. Empty: for good. */
  readonly banStepsMs: readonly number[];
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
  /** Detector bans on exactly `prefix` that began at or after `sinceEpochMs`. */
  countBansSince(prefix: Prefix, sinceEpochMs: number): number;
  findActiveBan(prefix: Prefix): Ban | undefined;
}

type SparedReason = "trusted" | "watch-only" | "block-off" | "already-banned" | "budget";

/** `text`: in one sentence, for people. */
export type Decision =
  | { readonly status: "ban"; readonly order: Extract<Order, { act: "ban" }> }
  | { readonly status: "spared"; readonly reason: SparedReason; readonly text: string };

export class Policy {
  #options: PolicyOptions;
  readonly #clock: Clock;
  readonly #trusted: TrustedPrefixes;
  readonly #history: BanHistory;
  #budget: ClaimBudget;

  constructor(options: PolicyOptions, clock: Clock, trusted: TrustedPrefixes, history: BanHistory) {
    this.#options = options;
    this.#clock = clock;
    this.#trusted = trusted;
    this.#history = history;
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
    const { source, evidence } = verdict;
    const who = formatPrefix(source);

    const why = this.#trusted.why(source);
    if (why !== undefined) return spared("trusted", `${who} is trusted: ${why}.`);
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
    const nowEpochMs = this.#clock.epochMs();
    if (this.#isBannedAt(source, nowEpochMs)) {
      return spared("already-banned", `${who} is banned already.`);
    }
    if (evidence === "claimed" && !this.#budget.take()) {
      const { claimedBansPerMinute } = this.#options;
      const text = `${who} may be forged: at most ${claimedBansPerMinute} such bans a minute.`;
      return spared("budget", text);
    }
    return { status: "ban", order: { act: "ban", ban: this.#ban(verdict, nowEpochMs), cause } };
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

  #isBannedAt(source: Prefix, atEpochMs: number): boolean {
    const ban = this.#history.findActiveBan(source);
    // The kernel lets go on time; the journal learns of it a little later.
    return ban !== undefined && (ban.untilEpochMs === undefined || ban.untilEpochMs > atEpochMs);
  }

  #ban(verdict: Verdict, sinceEpochMs: number): Ban {
    const { banStepsMs, repeatWithinMs, configRevision } = this.#options;
    const { source: prefix, evidence, reason, ruleId, campaignId } = verdict;
    const earlierBans = this.#history.countBansSince(prefix, sinceEpochMs - repeatWithinMs);
    const durationMs = banDurationMs(banStepsMs, earlierBans);
    return {
      prefix,
      sinceEpochMs,
      untilEpochMs: durationMs === undefined ? undefined : sinceEpochMs + durationMs,
      evidence,
      origin: "detector",
      reason,
      ruleId,
      campaignId,
      means: [],
      configRevision,
    };
  }
}

function spared(reason: SparedReason, text: string): Decision {
  return { status: "spared", reason, text };
}
