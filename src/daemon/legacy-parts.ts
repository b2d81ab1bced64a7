/** PortSentry's side of the privileged process, made from the configuration. */
import { join } from "node:path";
import { MODES_OF, type ResponseMode } from "../broker/executors/command-template.ts";
import type { LegacyResponse } from "../broker/executors/deed.ts";
import { DeedLedger } from "../broker/executors/deed-ledger.ts";
import { HOSTS_DENY_PATH } from "../broker/executors/hosts-deny.ts";
import { partsWithoutInverse } from "../broker/executors/inverse-command.ts";
import { LegacyResponses, type LegacySettings } from "../broker/executors/responses.ts";
import type { BlockedForm } from "../broker/legacy/blocked-file.ts";
import { BlockedFiles } from "../broker/legacy/blocked-files.ts";
import { LegacyBans } from "../broker/legacy-bans.ts";
import { systemClock } from "../clock.ts";
import type { Settings } from "../config/schema.ts";
import type { HealthTracker } from "../health/tracker.ts";
import { formatPrefix, type Prefix } from "../net/prefix.ts";
import type { Transport } from "../net/transport.ts";
import { asksForLegacy, BLOCKS } from "./legacy-keys.ts";

/** The ledger's name in the state directory. */
export const LEDGER_FILE = "deeds";

/** Reads what was done by earlier runs. Never rejects; what is wrong becomes a health problem. */
export async function openLedger(
  stateDirectory: string,
  health: HealthTracker,
): Promise<DeedLedger> {
  const ledger = await DeedLedger.open(join(stateDirectory, LEDGER_FILE));
  if (ledger.faults.length > 0) {
    const action = "Look whether lines of hosts.deny, routes or rules stand that nobody knows of.";
    health.raise("deeds-unreadable", "warning", `${ledger.faults.join("; ")}.`, action);
  }
  return ledger;
}

/** What PortSentry's keys ask of a ban besides the kernel's sets. */
export interface LegacyKeys {
  readonly values: Settings;
  readonly modes: Readonly<Record<Transport, ResponseMode | undefined>>;
}

export interface LegacyPartsOptions {
  readonly keys: LegacyKeys;
  /** Kept over a reload: what waits in its queue keeps its turn. */
  readonly responses: LegacyResponses;
  readonly ledger: DeedLedger;
  readonly health: HealthTracker;
  /** As for {@link LegacyBans}. */
  readonly refusal: (prefix: Prefix) => string | undefined;
  readonly isBannedInKernel: (prefix: Prefix) => boolean;
  /** Called when BLOCKED_FILE cannot be written, for the first time since it last could. */
  readonly onBlockedFailure?: (path: string) => void;
}

/** @returns undefined when nothing is asked for and nothing is left from before. */
export function assembleLegacy(options: LegacyPartsOptions): LegacyBans | undefined {
  const {
    keys,
    responses,
    ledger,
    health,
    refusal,
    isBannedInKernel,
    onBlockedFailure = () => {},
  } = options;
  const { values, modes } = keys;
  if (!asksForLegacy(values) && ledger.prefixes.length === 0) return undefined;
  warnOfUndo(values, health);
  const blocked = openBlockedFiles(keys, health);
  let isFailing = false;
  return new LegacyBans(
    { modes, blocks: { tcp: BLOCKS[values.BLOCK_TCP], udp: BLOCKS[values.BLOCK_UDP] } },
    {
      responses,
      ledger,
      refusal,
      blocked,
      isBannedInKernel,
      clock: systemClock,
      onResponses: (target, responses) => tellHookHealth(target, responses, health),
      onBlockedFile: (failure) => {
        const action = "Bans go on; make room there, or choose another BLOCKED_FILE.";
        if (failure !== undefined && !isFailing) onBlockedFailure(values.BLOCKED_FILE ?? "");
        isFailing = failure !== undefined;
        if (failure === undefined) health.clear("blocked-file-failed");
        else health.raise("blocked-file-failed", "warning", `${failure}.`, action);
      },
    },
  );
}

/** The responses of the configuration, on the machine's own hosts.deny. */
export function openResponses(
  values: Settings,
  ledger: DeedLedger,
  refusal: (prefix: Prefix) => string | undefined,
): LegacyResponses {
  const settings = { ...responseSettingsOf(values), hostsDenyPath: HOSTS_DENY_PATH };
  return new LegacyResponses(settings, { ledger, refusal });
}

/** What of the configuration the responses go by. */
export function responseSettingsOf(values: Settings): Omit<LegacySettings, "hostsDenyPath"> {
  return {
    killHostsDeny: values.KILL_HOSTS_DENY,
    killRoute: values.KILL_ROUTE,
    killRunCmd: values.KILL_RUN_CMD,
    killRunCmdFirst: values.KILL_RUN_CMD_FIRST,
    unkillRoute: values.UNKILL_ROUTE,
    unkillRunCmd: values.UNKILL_RUN_CMD,
    hookTimeoutMs: values.HOOK_TIMEOUT,
    hookQueue: values.HOOK_QUEUE,
  };
}

/** @returns $MODE$ for each transport by the text of its mode; undefined when it is off. */
export function responseModesOf(
  texts: Readonly<Record<"TCP_MODE" | "UDP_MODE", string>>,
): Readonly<Record<Transport, ResponseMode | undefined>> {
  const modeOf = (transport: Transport, text: string) =>
    MODES_OF[transport].find((mode) => mode === text);
  return { tcp: modeOf("tcp", texts.TCP_MODE), udp: modeOf("udp", texts.UDP_MODE) };
}

function openBlockedFiles({ values, modes }: LegacyKeys, health: HealthTracker) {
  const setting = values.BLOCKED_FILE;
  if (setting === undefined) return undefined;
  const forms = { tcp: blockedFormOf(modes.tcp), udp: blockedFormOf(modes.udp) };
  const blocked = new BlockedFiles({ setting, forms }, systemClock);
  if (blocked.faults.length > 0) {
    const action = "Bans go on; since when an old one stands may not be known.";
    health.raise("blocked-file-unread", "notice", `${blocked.faults.join("; ")}.`, action);
  }
  return blocked;
}

/** 2.x writes one binary file, 1.2 a text file for each of its modes. */
function blockedFormOf(mode: ResponseMode | undefined): BlockedForm | undefined {
  return mode === "stealth" || mode === "connect" ? "binary" : mode;
}

/** A route that cannot be taken back stays for good; a command may be one that leaves nothing. */
function warnOfUndo(values: Settings, health: HealthTracker): void {
  const { KILL_ROUTE, UNKILL_ROUTE, KILL_RUN_CMD, UNKILL_RUN_CMD } = values;
  const route = UNKILL_ROUTE === undefined ? partsWithoutInverseOf(KILL_ROUTE) : [];
  const command = UNKILL_RUN_CMD === undefined ? partsWithoutInverseOf(KILL_RUN_CMD) : [];
  if (route.length > 0) {
    const text = `How to undo this of KILL_ROUTE is not known, so that unban cannot: ${route.join("; ")}.`;
    health.raise("undo-unknown", "warning", text, "Say it in UNKILL_ROUTE.");
  } else if (command.length > 0) {
    const text = `Unban does not take back this of KILL_RUN_CMD: ${command.join("; ")}.`;
    const action = "If it shuts anybody out, say in UNKILL_RUN_CMD how the whole is undone.";
    health.raise("undo-unknown", "notice", text, action);
  }
}

function partsWithoutInverseOf(template: string | undefined): readonly string[] {
  return template === undefined ? [] : partsWithoutInverse(template);
}

function tellHookHealth(
  target: Prefix,
  responses: readonly LegacyResponse[],
  health: HealthTracker,
): void {
  const failed = responses.find(({ status }) => status === "failed");
  if (failed !== undefined) {
    const { name, text, reason = "failed" } = failed;
    const what = `${name} for ${formatPrefix(target)} failed (${reason}): ${text}`;
    const action = "The source is not recorded as shut out by it; mend the key or the command.";
    health.raise("hook-failed", "warning", `${what}.`, action);
  } else if (responses.some(({ status }) => status === "applied")) {
    health.clear("hook-failed");
  }
}
