/** Bans that the journal does not know, in the shape of those that it knows. */
import type { Standing } from "../broker/legacy-bans.ts";
import type { Ban, BanMeans } from "../model/ban.ts";
import type { Prefix } from "../net/prefix.ts";

interface Found {
  readonly prefix: Prefix;
  readonly means: readonly BanMeans[];
  readonly sinceEpochMs: number;
  readonly untilEpochMs: number | undefined;
  /** In words. */
  readonly reason: string;
}

/** A ban that somebody else has made in our sets, or whose journal is gone. */
export function unknownBan(
  prefix: Prefix,
  sinceEpochMs: number,
  untilEpochMs: number | undefined,
): Ban {
  const reason = "found in the kernel; the journal does not know it";
  return banOf({ prefix, means: ["nftables"], sinceEpochMs, untilEpochMs, reason });
}

/** A ban that stands in our sets when a guard starts, and that its journal does not know. */
export function standingBan(
  prefix: Prefix,
  sinceEpochMs: number,
  untilEpochMs: number | undefined,
): Ban {
  const reason = "in force before the guard started; the journal did not know it";
  return banOf({ prefix, means: ["nftables"], sinceEpochMs, untilEpochMs, reason });
}

/** @returns those behind `behind`, or all, in the order of their text: what a list goes on with. */
export function listedBehind<Listed extends { readonly prefix: Prefix }>(
  all: readonly Listed[],
  behind: Prefix | undefined,
): Listed[] {
  return all
    .filter(({ prefix }) => behind === undefined || prefix > behind)
    .sort((a, b) => (a.prefix < b.prefix ? -1 : 1));
}

/**
 * What an earlier PortSentry, or somebody with the same words, or a lost guard left standing.
 * @param isKnown whether the journal, or the kernel, knows a ban of it. @returns as
 * {@link listedBehind}.
 */
export function leftoverBans(
  standing: readonly Standing[],
  isKnown: (prefix: Prefix) => boolean,
  behind: Prefix | undefined,
  nowEpochMs: number,
): Ban[] {
  const unknown = standing.filter(({ prefix }) => !isKnown(prefix));
  return listedBehind(unknown, behind).map((each) => leftoverBan(each, nowEpochMs));
}

function leftoverBan({ prefix, means, sinceEpochMs, isOurs }: Standing, nowEpochMs: number): Ban {
  const reason = isOurs
    ? "done for a ban that the journal does not know"
    : "found on this machine, as an earlier PortSentry leaves it";
  const since = sinceEpochMs ?? nowEpochMs;
  return banOf({ prefix, means, sinceEpochMs: since, untilEpochMs: undefined, reason });
}

function banOf(found: Found): Ban {
  return {
    ...found,
    evidence: "claimed",
    origin: "unknown",
    ruleId: undefined,
    campaignId: undefined,
    configRevision: "",
  };
}
