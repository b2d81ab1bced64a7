/**
 * Opens what the commands need that work without a guard: bans outlive it, and so must the commands
 * that undo them. Needs root.
 *
 * Trust is read from the files that the last guard went by. Where those are not known, the commands
 * that end bans and tell how things stand work all the same, and those that ban or change trust
 * are refused.
 */
import { existsSync } from "node:fs";
import type { OfflineOperator } from "../api/operator.ts";
import { whyNeverBanned } from "../broker/executors/bannable.ts";
import { NftablesExecutor } from "../broker/executors/nftables.ts";
import { KernelTrust } from "../broker/kernel-trust.ts";
import { SocketView } from "../broker/socket-view.ts";
import { TrustedSet } from "../broker/trusted-set.ts";
import { systemClock } from "../clock.ts";
import { formatFinding } from "../config/findings.ts";
import { loadConfiguration, loadConfigurationTexts } from "../config/load.ts";
import { DEFAULT_CONFIG_PATHS } from "../config/profile.ts";
import { HealthTracker } from "../health/tracker.ts";
import { ElementWriter } from "../kernel/element-writer.ts";
import { openNftables } from "../kernel/nftables.ts";
import { SocketTable } from "../kernel/sock-diag.ts";
import { TableReader } from "../kernel/table-reader.ts";
import type { Prefix } from "../net/prefix.ts";
import { SourceKeys } from "../net/source-keys.ts";
import { AuditedOperator } from "./audited-operator.ts";
import { type GuardPlaces, readGuardPlaces } from "./guard-places.ts";
import { KernelBans } from "./kernel-bans.ts";
import {
  assembleLegacy,
  type LegacyKeys,
  openLedger,
  openResponses,
  responseModesOf,
} from "./legacy-parts.ts";
import { LockedOperator } from "./locked-operator.ts";
import { OfflineBans } from "./offline-bans.ts";
import { OfflineJournal } from "./offline-journal.ts";
import { OfflineStories } from "./offline-stories.ts";
import type { OfflinePlaces } from "./removal.ts";
import { createTrust } from "./trust-sources.ts";

/** The ignore file that the guard goes by; `blindness`: why that is not known. */
interface IgnoreFile {
  readonly ignoreFile: { readonly path: string | undefined; readonly isNamed: boolean };
  readonly blindness: string | undefined;
}

/**
 * @param tell takes what was found of the journal, for people, in one line.
 * @throws {OperationalError} ERR_PERMISSION without root, ERR_UNAVAILABLE without nftables,
 * ERR_JOURNAL when a newer program made the journal.
 */
export async function openOfflineOperator(
  places: OfflinePlaces,
  tell: (text: string) => void,
): Promise<OfflineOperator> {
  const nftables = openNftables();
  const reader = new TableReader();
  const standingBits = reader.ipv6PrefixBits();
  const hasTable = standingBits !== undefined;
  const ipv6PrefixBits = standingBits ?? 64;
  const keys = new SourceKeys({ ipv6PrefixBits });
  const table = new SocketTable();
  table.open();
  const trusted = new TrustedSet();
  const { ignoreFile, blindness } = findIgnoreFile(places.stateDirectory);
  let faults: readonly string[] = [];
  const { keeper } = createTrust(
    { stateDirectory: places.stateDirectory, ignoreFile },
    {
      sockets: new SocketView(table, systemClock),
      kernel: hasTable ? new KernelTrust(nftables, reader) : undefined,
      trusted,
      onFacts: ({ sharedIpv6 }) => keys.setSingle(sharedIpv6),
      onFaults: (all) => {
        faults = all;
      },
    },
  );
  await keeper.refresh();
  const executor = new NftablesExecutor(
    { ipv6PrefixBits },
    {
      nft: nftables,
      elements: new ElementWriter(),
      reader,
      trusted,
      sharedIpv6: () => keeper.facts.sharedIpv6,
      clock: systemClock,
    },
  );
  const journal = new OfflineJournal(places.stateDirectory, systemClock, tell);
  const health = new HealthTracker(() => systemClock.epochMs());
  const legacyKeys = findLegacyKeys(places.stateDirectory);
  const ledger = await openLedger(places.stateDirectory, health);
  const refusal = (prefix: Prefix) => whyNeverBanned(prefix) ?? trusted.check(prefix);
  const legacy = assembleLegacy({
    keys: legacyKeys,
    responses: openResponses(legacyKeys.values, ledger, refusal),
    ledger,
    health,
    refusal,
    isBannedInKernel: (prefix) => hasTable && executor.isBanned(prefix),
  });
  const stories = new OfflineStories({
    stateDirectory: places.stateDirectory,
    journal,
    keys,
    trusted: () => trusted.entries,
    ignoreFile: ignoreFile.path,
    clock: systemClock,
    tell,
  });
  const kernel = new KernelBans({
    nft: nftables,
    reader,
    executor,
    hasTable,
    ipv6PrefixBits,
    withJournal: (act) => journal.use(act),
    clock: systemClock,
  });
  const operator = new LockedOperator({
    places,
    nftables,
    hasTable,
    keys,
    trusted,
    executor,
    trust: keeper,
    bans: new OfflineBans({ kernel, legacy, hasTable, clock: systemClock }),
    kernel,
    journal,
    stories,
    blindness,
    faults: () => faults,
    problems: () => health.list(),
    close: async () => {
      await legacy?.stop();
      stories.close();
      journal.close();
      table.close();
      reader.close();
      nftables.close();
    },
  });
  return new AuditedOperator(operator, (request) => stories.keepRequest(request));
}

/**
 * PortSentry's keys as the last guard read them, where its file can still be read. Where no guard has
 * ever been, a portsentry.conf says what a PortSentry may have left.
 */
function findLegacyKeys(stateDirectory: string): LegacyKeys {
  const found = readGuardPlaces(stateDirectory);
  const ofPortsentry = DEFAULT_CONFIG_PATHS.portsentry;
  const otherPath = existsSync(ofPortsentry) ? ofPortsentry : undefined;
  const { configPath, modes } =
    found.status === "read" ? found.places : { configPath: otherPath, modes: undefined };
  const overrides = modes && { TCP_MODE: modes.tcp, UDP_MODE: modes.udp };
  const loaded = loadConfiguration({ path: configPath, overrides });
  if (loaded.status === "ok") {
    const { values, texts } = loaded.configuration;
    return { values, modes: responseModesOf(texts) };
  }
  // What was done before is known without them, by the ledger. Whoever has lost his file, or has made
  // a mistake in it, must get in again all the same.
  const texts = overrides ?? { TCP_MODE: "", UDP_MODE: "" };
  return { values: loadConfigurationTexts(texts), modes: responseModesOf(texts) };
}

/** What the last guard has left word of; where none has been, what the next one would read. */
function findIgnoreFile(stateDirectory: string): IgnoreFile {
  const found = readGuardPlaces(stateDirectory);
  switch (found.status) {
    case "read":
      return { ignoreFile: ignoreFileOf(found.places), blindness: undefined };
    case "unreadable":
      return blind(found.reason);
    case "absent":
      return findDefaultIgnoreFile();
  }
}

function ignoreFileOf({ ignoreFile }: GuardPlaces): IgnoreFile["ignoreFile"] {
  return { path: ignoreFile.path, isNamed: ignoreFile.isNamed };
}

function findDefaultIgnoreFile(): IgnoreFile {
  const loaded = loadConfiguration();
  if (loaded.status === "invalid") return blind(loaded.faults.map(formatFinding).join("; "));
  const { values, sources } = loaded.configuration;
  const isNamed = sources.IGNORE_FILE !== "default";
  return { ignoreFile: { path: values.IGNORE_FILE, isNamed }, blindness: undefined };
}

function blind(reason: string): IgnoreFile {
  const blindness = `which ignore file the guard goes by is not known: ${reason}`;
  return { ignoreFile: { path: undefined, isNamed: false }, blindness };
}
