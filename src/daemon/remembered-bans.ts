/** What the journal remembers, brought back into the kernel or let go of. */

import { MAX_ROWS } from "../broker/ban-rows.ts";
import type { BanItem } from "../broker/ban-schema.ts";
import type { BrokerClient } from "../broker/client.ts";
import { MAX_BATCH } from "../broker/protocol.ts";
import { systemClock } from "../clock.ts";
import type { Journal } from "../journal/journal.ts";
import { isDone } from "../model/order.ts";
import type { TrustedEntry } from "../model/trusted-entry.ts";
import { isInside, lengthOf, type Prefix } from "../net/prefix.ts";
import { remainingMs } from "../responders/nftables.ts";

/** Batches between two words of progress: ten thousand bans, a second's on a slow machine. */
const BATCHES_A_STEP = 8;

/**
 * Brings back what stood in the kernel's sets, with the time that is left; what PortSentry's
 * responses have done, the broker brings back by itself. The next batch is read while the broker
 * works on the one before.
 * @param onProgress called whenever many more stand, and the broker has counted after them, by which
 *   it knows, too, that this goes on. @returns bans restored.
 */
export async function restoreBans(
  journal: Journal,
  broker: Pick<BrokerClient, "restore" | "count">,
  onProgress: () => void,
): Promise<number> {
  const beganEpochMs = systemClock.epochMs();
  const beganMs = systemClock.monotonicMs();
  journal.beginBansBy(beganEpochMs);
  journal.expireBans(beganEpochMs);
  let restored = 0;
  let batches = 0;
  let asked: Promise<number> = Promise.resolve(0);
  for (const bans of journal.eachActiveBan(MAX_ROWS)) {
    const inKernel = bans.filter(({ means }) => means.includes("nftables"));
    if (inKernel.length === 0) continue;
    // A million take a while, so what is left is asked anew for each batch; by the clock that
    // nobody sets, because the ends in the journal are moved after this only.
    const nowEpochMs = beganEpochMs + systemClock.monotonicMs() - beganMs;
    const items = inKernel.map(
      ({ prefix, untilEpochMs, evidence, origin }): BanItem => ({
        prefix,
        timeoutMs: remainingMs(untilEpochMs, nowEpochMs),
        evidence,
        // What nobody knows the maker of may be a person's, and wider than one source.
        origin: origin === "detector" ? "detector" : "operator",
      }),
    );
    restored += await asked;
    asked = broker.restore(items).then((outcomes) => outcomes.filter(isDone).length);
    batches += 1;
    if (batches % BATCHES_A_STEP !== 0) continue;
    restored += await asked;
    asked = Promise.resolve(0);
    await broker.count();
    onProgress();
  }
  return restored + (await asked);
}

/** Most bans that one change of trust lets go of; whoever trusts more unbans by command. */
const MAX_RELEASED = 1000;

/**
 * @returns bans in force inside what is trusted since `known` was all that was, at most
 * {@link MAX_RELEASED}.
 */
export function bansReleased(
  known: readonly TrustedEntry[],
  trusted: readonly TrustedEntry[],
  journal: Journal,
): Prefix[] {
  const before = new Set(known.map(({ prefix }) => prefix));
  return bansWithin(
    trusted.filter(({ prefix }) => !before.has(prefix)),
    journal,
  );
}

/** @returns bans in force that lie inside one of `entries`, at most {@link MAX_RELEASED}. */
function bansWithin(entries: readonly TrustedEntry[], journal: Journal): Prefix[] {
  const found = entries.flatMap(({ prefix }) => journal.findActiveBan(prefix)?.prefix ?? []);
  const wide = entries.filter(({ prefix }) => lengthOf(prefix) < (prefix.includes(":") ? 128 : 32));
  for (const { prefix } of wide) {
    const { bans, count } = journal.activeBansInside(prefix, MAX_RELEASED);
    found.push(...bans.map((ban) => ban.prefix));
    // Too many have a text that begins alike: then every ban has to be read.
    const mayMiss = count.isAtLeast && bans.length < MAX_RELEASED;
    if (mayMiss) found.push(...bansReadWithin(prefix, journal));
    if (found.length >= MAX_RELEASED) break;
  }
  return [...new Set(found)].slice(0, MAX_RELEASED);
}

/** As {@link Journal.activeBansInside}, of all bans: of a million it takes seconds. */
function bansReadWithin(prefix: Prefix, journal: Journal): Prefix[] {
  const found: Prefix[] = [];
  for (const bans of journal.eachActiveBan(MAX_BATCH)) {
    found.push(...bans.map((ban) => ban.prefix).filter((banned) => isInside(banned, prefix)));
    if (found.length >= MAX_RELEASED) break;
  }
  return found;
}
