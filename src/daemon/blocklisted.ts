/** Which entries of blocklists name somebody, as the broker knows them, and that in words. */
import type { BlocklistedView } from "../api/contract.ts";
import type { BrokerClient } from "../broker/client.ts";
import { counted } from "../counted.ts";
import { OperationalError } from "../errors.ts";
import { firstAddressOf, formatPrefix, lengthOf, type Prefix } from "../net/prefix.ts";

/**
 * Those that hold all of `prefix`, in the order of files and lines.
 * @throws {OperationalError} ERR_BROKER when it is closed, ERR_REFUSED when asked too often.
 */
export async function blocklistedBy(
  broker: Pick<BrokerClient, "listed">,
  prefix: Prefix,
): Promise<BlocklistedView[]> {
  const listings = await broker.listed(firstAddressOf(prefix));
  return listings
    .filter((listing) => lengthOf(listing.prefix) <= lengthOf(prefix))
    .map(({ path, line, prefix: named }) => {
      return { address: formatPrefix(named), file: path, line };
    });
}

/** The same for one part of a longer answer. @returns null when asked too often. */
export async function blocklistedIfKnown(
  broker: Pick<BrokerClient, "listed">,
  prefix: Prefix,
): Promise<BlocklistedView[] | null> {
  try {
    return await blocklistedBy(broker, prefix);
  } catch (error) {
    // The rest of the answer is worth having without it.
    if (error instanceof OperationalError && error.code === "ERR_REFUSED") return null;
    throw error;
  }
}

/** "Line 7 of the blocklist /path names 192.0.2.0/24, and with it 192.0.2.7: …"; "" for none. */
export function blocklistSentence(
  asked: string,
  listed: readonly BlocklistedView[] | null,
  isTrusted: boolean,
): string {
  const [first, ...others] = listed ?? [];
  if (first === undefined) return "";
  const whom = first.address === asked ? asked : `${first.address}, and with it ${asked}`;
  const entries = counted(others.length, "other entry", "other entries");
  const more = others.length === 0 ? "" : ` (as ${others.length === 1 ? "does" : "do"} ${entries})`;
  const effect = isTrusted ? "it is let through all the same" : "what it sends is dropped";
  return `Line ${first.line} of the blocklist ${first.file} names ${whom}${more}: ${effect}.`;
}
