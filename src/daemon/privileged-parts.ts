/**
 * What the privileged process is made of besides the guard's child: trust, grace, bans and
 * PortSentry's responses.
 *
 * All of it goes on whatever the guard process does.
 */
import type { BanExecutor } from "../broker/executors/ban-executor.ts";
import { whyNeverBanned } from "../broker/executors/bannable.ts";
import type { DeedLedger } from "../broker/executors/deed-ledger.ts";
import { NftablesExecutor } from "../broker/executors/nftables.ts";
import { WatchOnlyExecutor } from "../broker/executors/watch-only.ts";
import { KernelTrust } from "../broker/kernel-trust.ts";
import { HistoryFile } from "../broker/legacy/history-file.ts";
import { HistoryWriter } from "../broker/legacy/history-writer.ts";
import type { LegacyBans } from "../broker/legacy-bans.ts";
import type { Facts } from "../broker/protocol.ts";
import { ServedKeeper } from "../broker/served-keeper.ts";
import type { SocketView } from "../broker/socket-view.ts";
import type { TrustKeeper } from "../broker/trust-keeper.ts";
import { TrustedSet } from "../broker/trusted-set.ts";
import { systemClock } from "../clock.ts";
import type { Configuration } from "../config/load.ts";
import type { HealthTracker } from "../health/tracker.ts";
import type { Nftables } from "../kernel/nftables.ts";
import { TableReader } from "../kernel/table-reader.ts";
import type { DroppedPacket } from "../model/dropped-packet.ts";
import type { Outcome } from "../model/order.ts";
import { lengthOf, type Prefix } from "../net/prefix.ts";
import { openBlockLog } from "./block-lines.ts";
import { formatScan } from "./dialects/dialect-2.x.ts";
import { toldModesOf } from "./dialects/modes.ts";
import type { Events } from "./events.ts";
import { assembleLegacy, responseModesOf } from "./legacy-parts.ts";
import { readEphemeralPorts } from "./table-plan.ts";
import { createTrustKeeper } from "./trust-sources.ts";

export interface PrivilegedOptions {
  readonly configuration: Configuration;
  readonly stateDirectory: string;
  /** Why nothing may be held or banned; undefined when it may. */
  readonly watchOnly: string | undefined;
  /** undefined where there is no nftables. */
  readonly nftables: Nftables | undefined;
  readonly sockets: SocketView;
  readonly health: HealthTracker;
  /** What was done for the bans of earlier runs. */
  readonly ledger: DeedLedger;
  readonly events: Pick<Events, "fileFailed">;
  /** Called whenever trust or the shared prefixes have changed. */
  readonly onFacts: (facts: Facts) => void;
}

export interface PrivilegedParts {
  readonly trust: TrustKeeper;
  /** undefined where there is no nftables. */
  readonly served: ServedKeeper | undefined;
  readonly executor: BanExecutor;
  /** undefined: no key of PortSentry's asks for anything. */
  readonly legacy: LegacyBans | undefined;
  /** undefined without HISTORY_FILE. */
  readonly history: HistoryWriter | undefined;
  /** Whether bans that should stand do; true where there are none. */
  readonly areBansIntact: () => boolean;
  /** Writes a line for a dropped packet where BLOCK_LOG wants one. Never throws. */
  readonly onDropped: (packet: DroppedPacket) => Outcome;
}

export function assemblePrivileged(options: PrivilegedOptions): PrivilegedParts {
  const { nftables, watchOnly, configuration } = options;
  const trusted = new TrustedSet();
  const trust = makeTrust(options, trusted);
  const legacyWith = (isBannedInKernel: (prefix: Prefix) => boolean) =>
    makeLegacy(options, trusted, isBannedInKernel);
  const onDropped = openBlockLog(configuration.values.BLOCK_LOG, options.health, systemClock);
  const history = makeHistory(options, trusted);
  if (nftables === undefined) {
    return {
      trust,
      served: undefined,
      executor: new WatchOnlyExecutor("there is no nftables"),
      legacy: legacyWith(() => false),
      history,
      areBansIntact: () => true,
      onDropped,
    };
  }
  const bans = new NftablesExecutor(
    { ipv6PrefixBits: configuration.values.IPV6_PREFIX },
    {
      nft: nftables,
      reader: new TableReader(),
      trusted,
      sharedIpv6: () => trust.facts.sharedIpv6,
      clock: systemClock,
    },
  );
  return {
    trust,
    served: makeServed(options, nftables),
    executor: watchOnly === undefined ? bans : new WatchOnlyExecutor(watchOnly, bans),
    legacy: legacyWith((prefix) => bans.isBanned(prefix)),
    history,
    areBansIntact: () => bans.isIntact(),
    onDropped,
  };
}

function makeLegacy(
  { configuration, watchOnly, ledger, health, events }: PrivilegedOptions,
  trusted: TrustedSet,
  isBannedInKernel: (prefix: Prefix) => boolean,
): LegacyBans | undefined {
  const { values, texts } = configuration;
  return assembleLegacy({
    keys: { values, modes: responseModesOf(texts) },
    ledger,
    health,
    refusal: (prefix) => watchOnly ?? whyNeverBanned(prefix) ?? trusted.check(prefix),
    isBannedInKernel,
    onBlockedFailure: (path) => events.fileFailed("blocked", path),
  });
}

function makeTrust(options: PrivilegedOptions, trusted: TrustedSet): TrustKeeper {
  const { configuration, stateDirectory, nftables, sockets, health, onFacts } = options;
  const isNamed = configuration.sources.IGNORE_FILE !== "default";
  return createTrustKeeper(
    { stateDirectory, ignoreFile: { path: configuration.values.IGNORE_FILE, isNamed } },
    {
      sockets,
      kernel: nftables === undefined ? undefined : new KernelTrust(nftables),
      trusted,
      onFacts: (facts) => {
        warnOfTrustInEverybody(facts, health);
        onFacts(facts);
      },
      onFaults: (faults) => {
        if (faults.length === 0) {
          health.clear("trust-unreadable");
          return;
        }
        const severity = trusted.blindness === undefined ? "warning" : "error";
        const action =
          severity === "error"
            ? "Nobody is banned until it can be read: mend it."
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

function makeHistory(options: PrivilegedOptions, trusted: TrustedSet): HistoryWriter | undefined {
  const { configuration, stateDirectory, nftables, health, events } = options;
  const { HISTORY_FILE: path, LOG_DIALECT: dialect } = configuration.values;
  if (path === undefined) return undefined;
  const modes = toldModesOf(configuration.texts, nftables !== undefined);
  return new HistoryWriter({
    file: new HistoryFile({ path, stateDirectory }, systemClock),
    trusted,
    clock: systemClock,
    formatScan:
      dialect === "2.x"
        ? ({ result, ...record }) =>
            formatScan({ ...record, mode: modes[record.transport] }, { status: result })
        : undefined,
    onFault: (reason) => {
      if (reason === undefined) {
        health.clear("history-failed");
        return;
      }
      const action = "Make room, or mend HISTORY_FILE; what is told meanwhile is not in the file.";
      health.raise("history-failed", "warning", `HISTORY_FILE: ${reason}.`, action);
      events.fileFailed("history", path);
    },
  });
}

function makeServed(options: PrivilegedOptions, nftables: Nftables): ServedKeeper {
  const { configuration, sockets, health } = options;
  return new ServedKeeper(
    { graceMs: configuration.values.GRACE, ephemeral: readEphemeralPorts() },
    {
      sockets,
      nft: nftables,
      onFault: (fault) => {
        const action = "The kernel goes on learning from clients; it is tried again in a minute.";
        if (fault === undefined) health.clear("served-unknown");
        else health.raise("served-unknown", "warning", `${fault}.`, action);
      },
    },
  );
}
