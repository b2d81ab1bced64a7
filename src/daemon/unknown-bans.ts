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

/** What an earlier PortSentry, or somebody with the same words, or a lost guard left standing. */
export function leftoverBan(
  { prefix, means, sinceEpochMs, isOurs }: Standing,
  nowEpochMs: number,
): Ban {
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
