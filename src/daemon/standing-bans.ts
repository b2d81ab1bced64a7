/**
 * What the kernel's sets hold when a guard starts, taken over by a journal that does not know it.
 *
 * The kernel is what is true: a journal that was lost, damaged, or is an old copy must not hide a
 * ban that shuts somebody out. Nothing in the kernel is changed here, so there is no gap; who is
 * trusted is let go of afterwards, as any ban that the journal knows.
 */
import type { BrokerClient } from "../broker/client.ts";
import type { Clock } from "../clock.ts";
import type { Journal } from "../journal/journal.ts";
import type { Ban } from "../model/ban.ts";
import type { BanOrder } from "../model/ban-order.ts";
import { standingBan } from "./unknown-bans.ts";

/**
 * By how much (ms) a ban may end later in the kernel than the journal says: time-outs there are
 * whole seconds, and begin when a request has arrived.
 */
const TOLERANCE_MS = 60_000;

/**
 * A ban with no more than this left (ms) that the journal does not know has just run out there: at
 * most starts of a busy machine there is one, and nothing was lost. The kernel ends it by itself.
 */
const ENDING_MS = 5000;

/** Bans between two words of progress. */
const STEP_BANS = 10_000;

/**
 * So many bans that the journal all knows, in the order of the kernel's hashes, say that it is whole:
 * to read a million of them takes the kernel half a minute, at every start. Fewer are read to the end.
 */
const SAMPLE_BANS = 20_000;

/** What is asked of the broker. */
export type StandingBansSource = Pick<BrokerClient, "standing" | "count">;

/**
 * Records every ban that stands and that the journal does not know, but for one that ends within
 * {@link ENDING_MS}; one that the kernel keeps for longer than the journal says gets the kernel's end,
 * and one that the journal takes for another's work alone is marked as the kernel's, too. Ends early
 * where {@link SAMPLE_BANS} are all known. Before `ready`.
 * @param onProgress called after every {@link STEP_BANS} that stand, known or not, when the broker
 *   has counted, by which it knows, too, that this goes on.
 * @returns how many.
 */
export async function adoptBans(
  journal: Journal,
  broker: StandingBansSource,
  clock: Clock,
  onProgress: () => void,
): Promise<number> {
  // First: what an old journal takes for ended may have been banned again since.
  journal.beginBansBy(clock.epochMs());
  journal.expireBans(clock.epochMs());
  let adopted = 0;
  let seen = 0;
  let seenInAll = 0;
  while (adopted > 0 || seenInAll < SAMPLE_BANS) {
    const standing = await broker.standing();
    if (standing.length === 0) break;
    const nowEpochMs = clock.epochMs();
    const unknown = standing.flatMap((ban) => adoptionOf(ban, journal, nowEpochMs));
    journal.recordBans(unknown);
    adopted += unknown.length;
    seen += standing.length;
    seenInAll += standing.length;
    if (seen < STEP_BANS) continue;
    seen = 0;
    await broker.count();
    onProgress();
  }
  return adopted;
}

/** @returns the ban as it is to be recorded; nothing when the journal has it so, or had it. */
function adoptionOf({ prefix, timeoutMs }: BanOrder, journal: Journal, nowEpochMs: number): Ban[] {
  const untilEpochMs = timeoutMs === null ? undefined : nowEpochMs + timeoutMs;
  const known = journal.findActiveBan(prefix);
  if (known === undefined) {
    const isEnding = timeoutMs !== null && timeoutMs <= ENDING_MS;
    return isEnding ? [] : [standingBan(prefix, nowEpochMs, untilEpochMs)];
  }
  const knownEnd = known.untilEpochMs ?? Number.POSITIVE_INFINITY;
  const isLonger = (untilEpochMs ?? Number.POSITIVE_INFINITY) > knownEnd + TOLERANCE_MS;
  const isMarked = known.means.includes("nftables");
  // Only what stands in the kernel is brought back there.
  const means = isMarked ? known.means : [...known.means, "nftables" as const];
  // Who has lengthened it is not known, and it is no second offence.
  if (isLonger) return [{ ...known, means, untilEpochMs, origin: "unknown" }];
  return isMarked ? [] : [{ ...known, means }];
}
