/**
 * Takes time off the bans in the kernel's sets, because it has gone by and was not counted there.
 *
 * A time-out stands still while the machine is suspended. The sets themselves are asked who is in
 * them and how long, so that it goes without the guard and its journal. A million bans take seconds
 * and some hundred megabytes, after a suspension.
 */
import { OperationalError } from "../../errors.ts";
import { BAN_SETS } from "./ban-sets.ts";
import { addCommand, deleteCommand, elementText, replaceCommand } from "./set-commands.ts";
import { listBans, type NftLister } from "./set-listing.ts";

/** Elements in one transaction. */
const BATCH = 500;

/** How many bans have less time now, how many were over, and how many the kernel left as they are. */
export interface AgedBans {
  readonly shortened: number;
  readonly ended: number;
  readonly failed: number;
}

/** @returns what was done; nothing where no table stands. @param byMs more than 0. */
export function ageBans(nft: NftLister, byMs: number): AgedBans {
  let shortened = 0;
  let ended = 0;
  let failed = 0;
  try {
    for (const set of BAN_SETS) {
      // Elements as they stand: what an address in banned6 means is of no account here.
      const timed = listBans(nft, 128, [set]).flatMap(({ prefix, expiresMs }) =>
        expiresMs === undefined ? [] : [{ text: elementText(prefix), timeoutMs: expiresMs - byMs }],
      );
      for (let from = 0; from < timed.length; from += BATCH) {
        const batch = timed.slice(from, from + BATCH);
        const left = batch.filter(({ timeoutMs }) => timeoutMs > 0);
        const over = batch.filter(({ timeoutMs }) => timeoutMs <= 0);
        const commands = [
          left.length > 0 ? replaceCommand(set, left) : "",
          over.length > 0
            ? endCommand(
                set,
                over.map(({ text }) => text),
              )
            : "",
        ];
        if (nft.run(commands.join("")).status === "failed") {
          failed += batch.length;
          continue;
        }
        shortened += left.length;
        ended += over.length;
      }
    }
  } catch (error) {
    // No table: whoever puts it back brings the bans back by the wall clock.
    if (!(error instanceof OperationalError)) throw error;
  }
  return { shortened, ended, failed };
}

/** An element may run out while it is asked for, and then deleting it alone would fail. */
function endCommand(set: string, texts: readonly string[]): string {
  const elements = texts.map((text) => ({ text, timeoutMs: 1000 }));
  return addCommand(set, elements) + deleteCommand(set, texts);
}
