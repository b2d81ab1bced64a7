/** One ban as it is made, stored, listed and undone. */
import type { Prefix } from "../net/prefix.ts";
import { type Evidence, isStronger } from "./evidence.ts";
import type { Score } from "./verdict.ts";

/**
 * Who made a ban. `detector`: this guard's own verdict. `operator`: a person, by command.
 * `unknown`: found in the kernel's sets, and the journal does not know why.
 */
type BanOrigin = "detector" | "operator" | "unknown";

/**
 * By what a source is shut out: the kernel's sets, or one of PortSentry's responses (a line of
 * hosts.deny, KILL_ROUTE's route, KILL_RUN_CMD's command, of which only its author knows what it
 * does).
 */
export const BAN_MEANS = ["nftables", "hosts-deny", "route", "command"] as const;

export type BanMeans = (typeof BAN_MEANS)[number];

export interface Ban {
  /** What is shut out. Canonical: host bits are zero. */
  readonly prefix: Prefix;
  readonly sinceEpochMs: number;
  /** undefined: for good. */
  readonly untilEpochMs: number | undefined;
  readonly evidence: Evidence;
  /** What the verdict was made from; only where its rule has a score. */
  readonly score?: Score;
  readonly origin: BanOrigin;
  /** In words; may hold nothing that came from the network unescaped. */
  readonly reason: string;
  /** Rule that convicted; undefined for an operator's ban. */
  readonly ruleId: string | undefined;
  readonly campaignId: string | undefined;
  /** What was done, in its order; empty before it is. */
  readonly means: readonly BanMeans[];
  /** Revision of the configuration in force when it was made: the hash that `status` shows. */
  readonly configRevision: string;
}

/**
 * @returns whether `ban` is what became of `standing` when its evidence rose: one ban, of which the
 * first part is no offence of its own.
 */
export function isRaised(standing: Ban, ban: Ban): boolean {
  return (
    standing.origin === "detector" &&
    ban.origin === "detector" &&
    standing.campaignId === ban.campaignId &&
    isStronger(ban.evidence, standing.evidence)
  );
}

/** Whether something else than the kernel's sets shuts the source out, too, or alone. */
export function isByResponses({ means }: { readonly means: readonly BanMeans[] }): boolean {
  return means.some((each) => each !== "nftables");
}

/** Whether its time is over. The kernel lets go on time; the journal learns of it a little later. */
export function hasEnded({ untilEpochMs }: Pick<Ban, "untilEpochMs">, nowEpochMs: number): boolean {
  return untilEpochMs !== undefined && untilEpochMs <= nowEpochMs;
}

/** @returns the ban as it is to stand when the clock is set by `byMs`. */
export function movedBan(ban: Ban, byMs: number): Ban {
  const untilEpochMs = ban.untilEpochMs === undefined ? undefined : ban.untilEpochMs + byMs;
  return { ...ban, sinceEpochMs: ban.sinceEpochMs + byMs, untilEpochMs };
}

/** @returns the ban, beginning at `epochMs` at the latest, and as long as it was. */
export function beginningBy(ban: Ban, epochMs: number): Ban {
  return ban.sinceEpochMs > epochMs ? movedBan(ban, epochMs - ban.sinceEpochMs) : ban;
}
