/**
 * What the privileged process is made of besides the guard's child: trust, grace, bans and
 * PortSentry's responses.
 *
 * All of it goes on whatever the guard process does.
 */
import { isDeepStrictEqual } from "node:util";
import type { BlocklistKeeper } from "../broker/blocklists/blocklist-keeper.ts";
import type { BanExecutor } from "../broker/executors/ban-executor.ts";
import { whyNeverBanned } from "../broker/executors/bannable.ts";
import type { DeedLedger } from "../broker/executors/deed-ledger.ts";
import { NftablesExecutor } from "../broker/executors/nftables.ts";
import type { LegacyResponses } from "../broker/executors/responses.ts";
import { WatchOnlyExecutor } from "../broker/executors/watch-only.ts";
import { KernelTrust } from "../broker/kernel-trust.ts";
import type { HistoryWriter } from "../broker/legacy/history-writer.ts";
import type { LegacyBans } from "../broker/legacy-bans.ts";
import type { Facts } from "../broker/protocol.ts";
import { ServedKeeper, type ServedKeeperOptions } from "../broker/served-keeper.ts";
import type { SocketView } from "../broker/socket-view.ts";
import type { TrustKeeper } from "../broker/trust-keeper.ts";
import { TrustedSet } from "../broker/trusted-set.ts";
import { systemClock } from "../clock.ts";
import type { Configuration } from "../config/load.ts";
import type { KeyName } from "../config/schema.ts";
import type { HealthTracker } from "../health/tracker.ts";
import { ElementWriter } from "../kernel/element-writer.ts";
import type { Nftables } from "../kernel/nftables.ts";
import { TableReader } from "../kernel/table-reader.ts";
import type { DroppedPacket } from "../model/dropped-packet.ts";
import type { HealthCode } from "../model/health.ts";
import type { Outcome } from "../model/order.ts";
import { formatPrefix, lengthOf, type Prefix } from "../net/prefix.ts";
import { openBlockLog } from "./block-lines.ts";
import { blocklistPaths, openBlocklists } from "./blocklist-parts.ts";
import { ClockChanges } from "./clock-changes.ts";
import type { ClockChange } from "./clock-watch.ts";
import { toldModesOf } from "./dialects/modes.ts";
import type { Events } from "./events.ts";
import { historyKindOf, openHistory } from "./history-lines.ts";
import { LEGACY_KEYS } from "./legacy-keys.ts";
import {
  assembleLegacy,
  openResponses,
  responseModesOf,
  responseSettingsOf,
} from "./legacy-parts.ts";
import type { TableKeeper } from "./table-keeper.ts";
import { readEphemeralPorts } from "./table-plan.ts";
import { createTrust, ignoreFileOf, type Trust } from "./trust-sources.ts";

export interface PrivilegedOptions {
  readonly configuration: Configuration;
  readonly stateDirectory: string;
  /** Why nothing may be held or banned; undefined when it may. */
  readonly watchOnly: string | undefined;
  /** undefined where there is no nftables. */
  readonly nftables: Nftables | undefined;
  /** As `nftables`. */
  readonly keeper: TableKeeper | undefined;
  readonly sockets: SocketView;
  readonly health: HealthTracker;
  /** What was done for the bans of earlier runs. */
  readonly ledger: DeedLedger;
  readonly events: Pick<Events, "fileFailed" | "note">;
  /** Called whenever trust or the shared prefixes have changed. */
  readonly onFacts: (facts: Facts) => void;
}

export interface PrivilegedParts {
  readonly trust: TrustKeeper;
  /** undefined where there is no nftables. */
  readonly served: ServedKeeper | undefined;
  /** undefined where there is no nftables. */
  readonly blocklists: BlocklistKeeper | undefined;
  readonly executor: BanExecutor;
  /** undefined: no key of PortSentry's asks for anything. */
  readonly legacy: LegacyBans | undefined;
  /** undefined without HISTORY_FILE. */
  readonly history: HistoryWriter | undefined;
  /** The machine was suspended, or its clock is being set. Never throws. */
  readonly onClockChange: (change: ClockChange) => void;
  /** Whether bans and trust that should stand do; true where there are none. */
  readonly areSetsIntact: () => boolean;
  /** Whether it, or some of it, is trusted. */
  readonly isTrusted: (prefix: Prefix) => boolean;
  /** Writes a line for a dropped packet where BLOCK_LOG wants one. Never throws. */
  readonly onDropped: (packet: DroppedPacket) => Outcome;
  /** Goes by another configuration; fulfilled when its trust is in force. Never rejects. */
  readonly reconfigure: (configuration: Configuration) => Promise<void>;
  /** Lets go of the files that lines are added to. */
  readonly close: () => void;
}

/**
 * Problems that end when what they are about is configured otherwise. Whoever reports one tells of
 * the first success after a failure of its own, and knows nothing of the one that was before it.
 */
const KEYS_OF_PROBLEMS = {
  "block-log-failed": ["BLOCK_LOG"],
  "blocked-file-failed": ["BLOCKED_FILE"],
  "blocked-file-unread": ["BLOCKED_FILE", "TCP_MODE", "UDP_MODE"],
  "hook-failed": ["KILL_HOSTS_DENY", "KILL_ROUTE", "KILL_RUN_CMD", "HOOK_TIMEOUT"],
  "undo-unknown": ["KILL_ROUTE", "UNKILL_ROUTE"],
} as const satisfies Partial<Record<HealthCode, readonly KeyName[]>>;

export function assemblePrivileged(options: PrivilegedOptions): PrivilegedParts {
  const { nftables, watchOnly, configuration } = options;
  const { health, ledger } = options;
  const trusted = new TrustedSet();
  const { keeper: trust, followIgnoreFile } = makeTrust(options, trusted);
  const served = nftables === undefined ? undefined : makeServed(options, nftables);
  const blocklists = openBlocklists(options);
  const bans = nftables && makeBans(options, nftables, trusted, trust);
  const refusal = (prefix: Prefix) => watchOnly ?? whyNeverBanned(prefix) ?? trusted.check(prefix);
  const responses = openResponses(configuration.values, options.ledger, refusal);
  const legacyOf = (keys: Configuration) =>
    makeLegacy(keys, options, responses, refusal, (prefix) => bans?.isBanned(prefix) ?? false);
  const blockLogOf = ({ values }: Configuration) =>
    openBlockLog(values.BLOCK_LOG, options.health, systemClock);
  let current = configuration;
  let legacy = legacyOf(configuration);
  let blockLog = blockLogOf(configuration);
  const modes = () => toldModesOf(current.texts, nftables !== undefined);
  const executor = executorOf(bans, watchOnly);
  const clocks = new ClockChanges({
    executor,
    trust,
    ledger,
    legacy: () => legacy,
    health,
  });
  const historyParts = { ...options, trusted, modes };
  let history = openHistory(configuration.values, historyParts);
  return {
    trust,
    served,
    blocklists,
    executor,
    get legacy() {
      return legacy;
    },
    get history() {
      return history;
    },
    onClockChange: (change) => clocks.apply(change),
    areSetsIntact: () => (bans?.isIntact() ?? true) && trust.areSetsIntact(),
    isTrusted: (prefix) => trusted.check(prefix) !== undefined,
    onDropped: (packet) => blockLog.append(packet),
    reconfigure: async (after) => {
      const hasOther = (key: KeyName) => before.texts[key] !== after.texts[key];
      const before = current;
      current = after;
      served?.reconfigure(servedOptionsOf(after));
      for (const [code, keys] of Object.entries(KEYS_OF_PROBLEMS)) {
        if (keys.some(hasOther)) options.health.clear(code as keyof typeof KEYS_OF_PROBLEMS);
      }
      if (hasOther("BLOCK_LOG")) {
        blockLog.close();
        blockLog = blockLogOf(after);
      }
      // One that stays the same keeps its bounds, and whose block has its line.
      if (!isDeepStrictEqual(historyKindOf(before.values), historyKindOf(after.values))) {
        history?.close();
        options.health.clear("history-failed");
        history = openHistory(after.values, historyParts);
      }
      if (LEGACY_KEYS.some(hasOther)) {
        legacy?.retire();
        responses.reconfigure(responseSettingsOf(after.values));
        legacy = legacyOf(after);
        legacy?.start();
        void legacy?.adoptBlocked();
      }
      const lists = ignoreFileOf(after);
      // Lists that are the same keep the host names that they have resolved.
      if (!isDeepStrictEqual(lists, ignoreFileOf(before))) followIgnoreFile(lists);
      await trust.refresh();
      // Not waited for: a million entries take a second, and what is in force stays until then.
      if (["BLOCKLIST_FILES", "BLOCK_TCP", "BLOCK_UDP"].some((key) => hasOther(key as KeyName))) {
        void blocklists?.follow(blocklistPaths(after.values, watchOnly));
      }
    },
    close: () => {
      blocklists?.stop();
      history?.close();
      blockLog.close();
    },
  };
}

function makeBans(
  { configuration }: PrivilegedOptions,
  nft: Nftables,
  trusted: TrustedSet,
  trust: TrustKeeper,
): NftablesExecutor {
  return new NftablesExecutor(
    { ipv6PrefixBits: configuration.values.IPV6_PREFIX },
    {
      nft,
      elements: new ElementWriter(),
      reader: new TableReader(),
      trusted,
      sharedIpv6: () => trust.facts.sharedIpv6,
      clock: systemClock,
    },
  );
}

function executorOf(
  bans: NftablesExecutor | undefined,
  watchOnly: string | undefined,
): BanExecutor {
  if (bans === undefined) return new WatchOnlyExecutor("there is no nftables");
  return watchOnly === undefined ? bans : new WatchOnlyExecutor(watchOnly, bans);
}

function makeLegacy(
  { values, texts }: Configuration,
  { ledger, health, events }: PrivilegedOptions,
  responses: LegacyResponses,
  refusal: (prefix: Prefix) => string | undefined,
  isBannedInKernel: (prefix: Prefix) => boolean,
): LegacyBans | undefined {
  return assembleLegacy({
    keys: { values, modes: responseModesOf(texts) },
    responses,
    ledger,
    health,
    refusal,
    isBannedInKernel,
    onBlockedFailure: (path) => events.fileFailed("blocked", path),
  });
}

function makeTrust(options: PrivilegedOptions, trusted: TrustedSet): Trust {
  const { configuration, stateDirectory, nftables, sockets, health, events, onFacts } = options;
  return createTrust(
    { stateDirectory, ignoreFile: ignoreFileOf(configuration) },
    {
      sockets,
      kernel: nftables === undefined ? undefined : new KernelTrust(nftables, new TableReader()),
      trusted,
      onFacts: (facts) => {
        warnOfTrustInEverybody(facts, health);
        onFacts(facts);
      },
      onUntrusted: (prefix) => {
        const text = `${formatPrefix(prefix)} is trusted by hand no more`;
        events.note("notice", "untrusted", text);
      },
      onFaults: (faults) => {
        if (faults.length === 0) {
          health.clear("trust-unreadable");
          return;
        }
        const severity = trusted.blindness === undefined ? "warning" : "error";
        const action =
          severity === "error"
            ? "Nobody is sensed, held or banned until it can be read: mend it."
            : "Mend it; what was read of it before, if anything, counts until then.";
        health.raise("trust-unreadable", severity, `${faults.join("; ")}.`, action);
      },
    },
  );
}

/** Legal, and never what somebody wants who starts a sentry. */
function warnOfTrustInEverybody({ trusted }: Facts, health: HealthTracker): void {
  const entry = trusted.find(({ prefix }) => lengthOf(prefix) === 0);
  if (entry === undefined) {
    health.clear("trust-everybody");
    return;
  }
  const text = `${entry.prefix} is trusted (${entry.why}): nobody there is ever held or banned.`;
  health.raise("trust-everybody", "warning", text, "Take that line out, unless it is meant so.");
}

function servedOptionsOf({ values }: Configuration): ServedKeeperOptions {
  return { graceMs: values.GRACE, ephemeral: readEphemeralPorts() };
}

function makeServed(options: PrivilegedOptions, nftables: Nftables): ServedKeeper {
  const { configuration, sockets, health } = options;
  return new ServedKeeper(servedOptionsOf(configuration), {
    sockets,
    nft: nftables,
    onFault: (fault) => {
      const action = "The kernel goes on learning from clients; it is tried again in a minute.";
      if (fault === undefined) health.clear("served-unknown");
      else health.raise("served-unknown", "warning", `${fault}.`, action);
    },
  });
}
