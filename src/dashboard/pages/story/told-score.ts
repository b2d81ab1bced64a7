/**
 * Which score a story explains: the one that convicted, and of whom.
 *
 * What counts now goes on growing after a verdict, and of a prefix the answer has what happened to
 * anybody in it: neither need be why this one is banned. Pure.
 */
import type { EventView, ScoreView, WhyView } from "../../../api/contract.ts";

export interface ToldScore {
  readonly score: ScoreView;
  /** Whose, where that is not whom the story is about. */
  readonly of: string | undefined;
  /** Whether it is from the verdict; otherwise it is what counts now. */
  readonly isVerdict: boolean;
}

type Told = Pick<WhyView, "address" | "bans" | "campaigns" | "history" | "score">;

/** @returns that of the verdict behind the ban, else of the latest campaign, else what counts now. */
export function toldScore(why: Told): ToldScore | undefined {
  const verdict = verdictOfBan(why) ?? verdictOfLatest(why);
  if (verdict !== undefined) {
    const { address, score } = verdict;
    return { score, of: otherThan(why.address, address), isVerdict: true };
  }
  if (why.score === null) return undefined;
  return { score: why.score, of: undefined, isVerdict: false };
}

interface Convicting extends EventView {
  readonly score: ScoreView;
}

function verdictOfBan({ bans, history }: Told): Convicting | undefined {
  const ban = bans.find(({ inside, campaign }) => !inside && campaign !== null);
  if (ban === undefined) return undefined;
  const verdicts = verdictsOf(history, ban.campaign);
  // A verdict on the same campaign that came after the ban did not make it.
  const since = Date.parse(ban.since);
  return verdicts.find(({ at }) => Date.parse(at) <= since) ?? verdicts.at(-1);
}

function verdictOfLatest({ campaigns, history }: Told): Convicting | undefined {
  const [latest] = campaigns;
  return latest === undefined ? undefined : verdictsOf(history, latest.id)[0];
}

/** The newest first, as the history is. */
function verdictsOf(history: readonly EventView[], campaign: string | null): readonly Convicting[] {
  return history.filter(
    (event): event is Convicting => event.score !== null && event.campaign === campaign,
  );
}

function otherThan(shown: string, address: string | null): string | undefined {
  return address === null || address === shown ? undefined : address;
}
