/**
 * Opens what the commands need that work without a guard: bans outlive it, and so must the commands
 * that undo them. Needs root.
 */
import { statSync } from "node:fs";
import { join } from "node:path";
import type { OfflineOperator } from "../api/operator.ts";
import { NftablesExecutor } from "../broker/executors/nftables.ts";
import { KernelTrust } from "../broker/kernel-trust.ts";
import { SocketView } from "../broker/socket-view.ts";
import { TrustedSet } from "../broker/trusted-set.ts";
import { systemClock } from "../clock.ts";
import { loadConfiguration } from "../config/load.ts";
import type { Journal } from "../journal/journal.ts";
import { MemoryJournal } from "../journal/memory-journal.ts";
import { openJournal } from "../journal/open-journal.ts";
import { openNftables } from "../kernel/nftables.ts";
import { SocketTable } from "../kernel/sock-diag.ts";
import { TableReader } from "../kernel/table-reader.ts";
import { SourceKeys } from "../net/source-keys.ts";
import { asUser } from "./as-user.ts";
import { KernelOperator, type OfflinePlaces } from "./kernel-operator.ts";
import { createTrustKeeper } from "./trust-sources.ts";

/** The journal, used with the rights of the user whose directory it lies in. */
interface OwnedJournal {
  readonly uid: number;
  readonly journal: Journal;
}

/**
 * @throws {OperationalError} ERR_PERMISSION without root, ERR_UNAVAILABLE without nftables,
 * ERR_JOURNAL when a newer program made the journal.
 */
export async function openOfflineOperator(places: OfflinePlaces): Promise<OfflineOperator> {
  const nftables = openNftables();
  const reader = new TableReader();
  const standingBits = reader.ipv6PrefixBits();
  const hasTable = standingBits !== undefined;
  const ipv6PrefixBits = standingBits ?? 64;
  const keys = new SourceKeys({ ipv6PrefixBits });
  const table = new SocketTable();
  table.open();
  const trusted = new TrustedSet();
  const loaded = loadConfiguration();
  const ignoreFile = loaded.status === "ok" ? loaded.configuration.values.IGNORE_FILE : undefined;
  const keeper = createTrustKeeper(
    { stateDirectory: places.stateDirectory, ignoreFile: { path: ignoreFile, isNamed: false } },
    {
      sockets: new SocketView(table, systemClock),
      kernel: hasTable ? new KernelTrust(nftables) : undefined,
      trusted,
      onFacts: ({ sharedIpv6 }) => keys.setSingle(sharedIpv6),
      onFaults: () => {},
    },
  );
  await keeper.refresh();
  const executor = new NftablesExecutor(
    { ipv6PrefixBits },
    {
      nft: nftables,
      reader,
      trusted,
      sharedIpv6: () => keeper.facts.sharedIpv6,
      clock: systemClock,
    },
  );
  const owned = openOwnedJournal(places.stateDirectory);
  const withJournal = <Result>(act: (journal: Journal) => Result): Result =>
    asUser(owned.uid, () => act(owned.journal));
  return new KernelOperator({
    places,
    nftables,
    hasTable,
    keys,
    ipv6PrefixBits,
    trusted,
    executor,
    trust: keeper,
    withJournal,
    close: () => {
      withJournal((journal) => journal.close());
      table.close();
      reader.close();
      nftables.close();
    },
  });
}

function openOwnedJournal(stateDirectory: string): OwnedJournal {
  const directory = join(stateDirectory, "journal");
  const uid = statSync(directory, { throwIfNoEntry: false })?.uid;
  // No guard has ever been here: nothing is known, and nothing is begun.
  if (uid === undefined) return { uid: 0, journal: new MemoryJournal() };
  const path = join(directory, "journal.sqlite");
  return { uid, journal: asUser(uid, () => openJournal({ path, clock: systemClock }).journal) };
}
