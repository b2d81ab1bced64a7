/** Blocklists in the privileged process: their files, the kernel, and what people are told. */

import { BlocklistKeeper, type BlocklistReport } from "../broker/blocklists/blocklist-keeper.ts";
import { KernelLists } from "../broker/blocklists/kernel-lists.ts";
import type { Settings } from "../config/schema.ts";
import { counted } from "../counted.ts";
import { ElementWriter } from "../kernel/element-writer.ts";
import { TableReader } from "../kernel/table-reader.ts";
import type { PrivilegedOptions } from "./privileged-parts.ts";

/** Files that are loaded: none where nobody is shut out by anything. */
export function blocklistPaths(
  { BLOCKLIST_FILES, BLOCK_TCP, BLOCK_UDP }: Settings,
  watchOnly: string | undefined,
): readonly string[] {
  const mayDrop = watchOnly === undefined && (BLOCK_TCP === "ban" || BLOCK_UDP === "ban");
  return mayDrop ? BLOCKLIST_FILES : [];
}

/** @returns undefined where there is no nftables. */
export function openBlocklists(options: PrivilegedOptions): BlocklistKeeper | undefined {
  const { nftables, keeper, configuration, watchOnly } = options;
  if (nftables === undefined || keeper === undefined) return undefined;
  const kernel = new KernelLists({
    nft: nftables,
    writer: new ElementWriter(),
    reader: new TableReader(),
    ask: (listed) => keeper.askListed(listed),
  });
  // Where nothing is named, nothing is told.
  let told = summaryOf({ lists: [] });
  return new BlocklistKeeper(blocklistPaths(configuration.values, watchOnly), {
    kernel,
    onLoaded: (report) => {
      tellHealth(report, options);
      const text = summaryOf(report);
      if (text !== told) options.events.note("notice", "blocklists", text);
      told = text;
    },
  });
}

function tellHealth(
  { failure, unread, lists }: BlocklistReport,
  { health }: PrivilegedOptions,
): void {
  if (failure === undefined) health.clear("blocklist-failed");
  else {
    const action = "What was in force before stays; it is tried again every minute.";
    health.raise("blocklist-failed", "warning", `${failure}.`, action);
  }
  if (unread.length === 0) health.clear("blocklist-unread");
  else {
    const action = "Mend the file, or take it out of BLOCKLIST_FILES; what it said before holds.";
    health.raise("blocklist-unread", "warning", `${unread.join("; ")}.`, action);
  }
  const odd = lists.filter(({ bad, withheld }) => bad + withheld > 0);
  if (odd.length === 0) health.clear("blocklist-lines");
  else {
    const counts = odd.map(({ path, bad, withheld, told }) => {
      return `${path}: ${counted(bad, "bad line")}, ${withheld} withheld (${told.join("; ")})`;
    });
    const action = "All other lines are in force; look with: vedette config check";
    health.raise("blocklist-lines", "notice", `${counts.join("; ")}.`, action);
  }
}

function summaryOf({ lists }: Pick<BlocklistReport, "lists">): string {
  const entries = lists.reduce((sum, list) => sum + list.entries, 0);
  return `blocklists: ${counted(entries, "entry", "entries")} of ${counted(lists.length, "file")}`;
}
