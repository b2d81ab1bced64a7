/**
 * The privileged side of the guard process: its child, the broker that serves it, what it is told.
 *
 * The guard comes and goes; the broker that serves it is made anew with it. What goes on without it
 * (table, trust, bans) is the supervisor's.
 */
import type { Socket } from "node:net";
import { AlertRunner } from "../broker/alert-runner.ts";
import type { BanRules } from "../broker/ban-budget.ts";
import { Broker } from "../broker/broker.ts";
import type { StandingBans } from "../broker/executors/ban-executor.ts";
import type { BrokerEvent, HandedSettings, HandedSocket } from "../broker/protocol.ts";
import { systemClock } from "../clock.ts";
import type { Configuration } from "../config/load.ts";
import { EXIT_STATUS } from "../errors.ts";
import { healthChanges } from "../health/changes.ts";
import type { HealthTracker } from "../health/tracker.ts";
import { BAN_CAPACITY } from "../kernel/table-sets.ts";
import type { LogOutput, Verbosity } from "../logger.ts";
import type { HealthProblem } from "../model/health.ts";
import type { Outcome } from "../model/order.ts";
import type { ReloadOutcome } from "../model/reload.ts";
import { readAlertFiles } from "./alert-files.ts";
import { readApiTokens } from "./api-token.ts";
import { banLimitsOf } from "./ban-steps.ts";
import type { Events } from "./events.ts";
import {
  GuardChild,
  type GuardChildOptions,
  type GuardEnd,
  type OwnedSocket,
  type StartGuard,
} from "./guard-child.ts";
import type { PrivilegedParts } from "./privileged-parts.ts";

export interface GuardLinkParts {
  readonly configuration: Configuration;
  readonly stateDirectory: string;
  /** Why nothing may be held or banned; undefined when it may. */
  readonly watchOnly: string | undefined;
  /** Whether there is nftables. */
  readonly hasTable: boolean;
  readonly privileged: Omit<PrivilegedParts, "served" | "areSetsIntact" | "onClockChange">;
  readonly sockets: readonly OwnedSocket[];
  readonly startGuard: StartGuard;
  readonly operatorGid: number | undefined;
  /** Where the guard's lines go, and how much they tell. */
  readonly logOutputs: readonly LogOutput[];
  readonly verbosity: Verbosity;
  readonly health: HealthTracker;
  readonly events: Events;
  /** The standard output, for what the guard prints. */
  readonly write: (text: string) => void;
  /** When what was started or applied last is taken back unless confirmed; undefined: never. */
  readonly confirmByEpochMs: () => number | undefined;
  readonly onConfirm: () => Outcome;
  readonly onReload: () => Promise<ReloadOutcome>;
  readonly onApply: (confirmWithinMs: number) => Promise<ReloadOutcome>;
  /** A guard has restored its bans and listens; called with each one. */
  readonly onReady: () => void;
  /** The guard has asked for the counters, as it does every second, and is answered. */
  readonly onCount: () => void;
  /**
   * The first guard could not start for a reason that a person must mend, and has printed it; to be
   * answered with `stop`. `exitStatus` as of {@link EXIT_STATUS}.
   */
  readonly onFailedStart: (exitStatus: number) => void;
  /** A guard process has ended unasked; it is started again after the pause. */
  readonly onDeath: (how: string, pauseMs: number) => void;
}

/** Statuses of a guard that fails at each start alike: a wrong call, a newer journal, no right. */
const HOPELESS: ReadonlySet<number> = new Set([
  EXIT_STATUS.ERR_USAGE,
  EXIT_STATUS.ERR_JOURNAL,
  EXIT_STATUS.ERR_PERMISSION,
  EXIT_STATUS.ERR_CONFIG_INVALID,
]);

type Child = Pick<GuardChild, "start" | "replace" | "stop">;

/** Prefixes shorter than /24 or /48 that a start may restore: somebody has banned them by hand. */
const MAX_WIDE_RESTORED = 64;

/** How often (ms) the guard is told what is wrong on this side. */
const HEALTH_EVERY_MS = 1000;

/** What a guard that leaves may take (ms) besides a hook that runs: it writes what became of it. */
const LEAVE_MS = 5000;

export class GuardLink {
  readonly #parts: GuardLinkParts;
  readonly #child: Child;
  readonly #alerts = new AlertRunner({
    path: () => this.#configuration.values.ALERT_COMMAND,
    isTrusted: (source) => this.#parts.privileged.isTrusted(source),
    timeoutMs: () => this.#configuration.values.HOOK_TIMEOUT,
    clock: systemClock,
  });
  #configuration: Configuration;
  #broker: Broker | undefined;
  #ready = Promise.withResolvers<void>();
  #toldHealth = "";
  /** The problems as they were when one that listens was last told what has changed. */
  #newsTold: readonly HealthProblem[] = [];
  /** The guard has said that it is ready, and neither has gone nor was told to. */
  #isListening = false;
  #healthTimer: NodeJS.Timeout | undefined;
  /** undefined while no guard makes room for another. */
  #replacing: Promise<void> | undefined;
  #isStopping = false;
  /** A guard has started here: one that fails now is replaced, since bans must go on. */
  #wasReady = false;

  /** @param makeChild Default: processes of their own. */
  constructor(
    parts: GuardLinkParts,
    makeChild: (options: GuardChildOptions) => Child = (options) => new GuardChild(options),
  ) {
    this.#parts = parts;
    this.#configuration = parts.configuration;
    this.#child = makeChild({
      startGuard: parts.startGuard,
      sockets: parts.sockets,
      onStart: (channel, sockets, kill) => this.#serve(channel, sockets, kill),
      onOutput: parts.write,
      onDeath: (end, pauseMs) => this.#mourn(end, pauseMs),
      clock: systemClock,
    });
  }

  /** Starts the guard process; from then on there is always one. Called once. */
  start(): void {
    this.#healthTimer = setInterval(() => this.#tellHealth(), HEALTH_EVERY_MS);
    this.#child.start();
  }

  /** Goes by another configuration, and tells the guard to. */
  adopt(configuration: Configuration): void {
    this.#configuration = configuration;
    this.#broker?.reconfigure(banRulesOf(configuration));
    this.send({ event: "settings", ...handedSettings(configuration) });
    this.tellFiles();
  }

  /** Reads the API's tokens and the files of alerts again, and tells the guard of them. */
  tellFiles(): void {
    const tokens = readApiTokens(this.#configuration.values, this.#parts);
    this.send({ event: "api-token", ...tokens });
    const files = readAlertFiles(this.#configuration.values, this.#parts.health);
    this.send({ event: "alert-files", files });
  }

  /**
   * Ends the guard and starts another one with these settings and sockets. What the kernel reports
   * meanwhile waits in the sockets that both have. The first may finish a hook that runs: a ban
   * without its record would be one that nobody can undo. One at a time; nothing happens during the
   * stop.
   * @returns when the first has ended.
   */
  async replace(configuration: Configuration, sockets: readonly OwnedSocket[]): Promise<void> {
    if (this.#isStopping) return;
    const timeouts = [this.#configuration, configuration].map(({ values }) => values.HOOK_TIMEOUT);
    this.#configuration = configuration;
    const ready = Promise.withResolvers<void>();
    // Whoever waits for the first waits for the second.
    this.#ready.resolve(ready.promise);
    this.#ready = ready;
    this.send({ event: "stop", endBans: false });
    this.#isListening = false;
    this.#replacing = this.#child.replace(sockets, Math.max(...timeouts) + LEAVE_MS);
    await this.#replacing;
    this.#replacing = undefined;
  }

  /** Fulfilled when the guard, or whichever takes its place, listens. */
  whenReady(): Promise<void> {
    return this.#ready.promise;
  }

  /** Tells the guard something unasked; does nothing while there is none. */
  send(event: BrokerEvent): void {
    this.#broker?.send(event);
  }

  /** The table is new and empty: the guard may bring its bans back. */
  tableRebuilt(): void {
    this.#broker?.tableRebuilt();
  }

  /** Asks the guard to end and waits for it. Called once. */
  async stop(endBans: boolean): Promise<void> {
    clearInterval(this.#healthTimer);
    this.#isStopping = true;
    // One that makes room was told to stop already, and to leave the bans: the next one ends them.
    if (endBans) await this.#replacing;
    if (this.#replacing === undefined) this.send({ event: "stop", endBans });
    await this.#child.stop();
    await this.#alerts.idle();
  }

  /** A new guard process: a new broker for it, in the state that restores. */
  #serve(channel: Socket, sockets: readonly HandedSocket[], kill: () => void): void {
    const { privileged, events } = this.#parts;
    const configuration = this.#configuration;
    const ready = this.#ready;
    const broker = new Broker(
      {
        ...banRulesOf(configuration),
        ipv6PrefixBits: configuration.values.IPV6_PREFIX,
        bansPerMinute: 600,
        restore: this.#restorable(),
      },
      {
        stream: channel,
        executor: privileged.executor,
        legacy: () => privileged.legacy,
        blocklists: () => privileged.blocklists,
        history: () => privileged.history,
        onDropped: (packet) => privileged.onDropped(packet),
        clock: systemClock,
        trust: (prefix, timeoutMs) => privileged.trust.add(prefix, timeoutMs),
        alert: (alert) => this.#alerts.run(alert),
        onConfirm: this.#parts.onConfirm,
        onReload: this.#parts.onReload,
        onApply: this.#parts.onApply,
        onReady: () => {
          ready.resolve();
          this.#wasReady = true;
          this.#isListening = true;
          this.#tellHealth();
          this.#parts.onReady();
        },
        onCount: this.#parts.onCount,
        onBreach: (reason) => {
          events.note("error", "breach", `the guard broke the protocol: ${reason}`);
          kill();
        },
        onClose: () => {
          // The channel of one that was replaced may close after the next one's has opened.
          if (this.#broker === broker) this.#isListening = false;
        },
      },
    );
    this.#broker = broker;
    this.#isListening = false;
    this.#toldHealth = "";
    const tokens = readApiTokens(configuration.values, this.#parts);
    broker.send({
      event: "hello",
      ...handedSettings(configuration),
      watchOnly: this.#parts.watchOnly,
      sockets,
      hasTable: this.#parts.hasTable,
      stateDirectory: this.#parts.stateDirectory,
      operatorGid: this.#parts.operatorGid,
      confirmByEpochMs: this.#parts.confirmByEpochMs(),
      apiTokenHash: tokens.hash,
      apiReadTokenHash: tokens.readHash,
      alertFiles: readAlertFiles(configuration.values, this.#parts.health),
      facts: privileged.trust.facts,
      logOutputs: this.#parts.logOutputs,
      verbosity: this.#parts.verbosity,
    });
    this.#tellHealth();
  }

  /**
   * The first guard may restore all that the sets hold, and few that are wide. One that follows may
   * restore what stands: its journal may have been written by one that was taken over.
   */
  #restorable(): StandingBans {
    const isFirst = this.#broker === undefined;
    if (!isFirst) return this.#parts.privileged.executor.standing();
    return { bans: BAN_CAPACITY, wide: MAX_WIDE_RESTORED };
  }

  #mourn({ how, exitStatus }: GuardEnd, pauseMs: number): void {
    const isHopeless = exitStatus !== undefined && HOPELESS.has(exitStatus);
    if (isHopeless && !this.#wasReady) this.#parts.onFailedStart(exitStatus);
    else this.#parts.onDeath(how, pauseMs);
  }

  /**
   * The whole list, when it is another than the guard was told last. What has changed in it is for
   * people, whom the guard tells: a change is told to one that listens, and to no other after it.
   */
  #tellHealth(): void {
    const problems = this.#parts.health.list();
    const changes = this.#isListening ? healthChanges(this.#newsTold, problems) : [];
    const text = JSON.stringify(problems);
    if (text === this.#toldHealth && changes.length === 0) return;
    this.#toldHealth = text;
    if (this.#isListening) this.#newsTold = problems;
    this.send({ event: "health", problems, changes });
  }
}

function banRulesOf({ values }: Configuration): BanRules {
  return { claimedBansPerMinute: values.CLAIMED_BANS, limits: banLimitsOf(values) };
}

function handedSettings({ texts, revision }: Configuration): HandedSettings {
  return { settings: texts, configRevision: revision };
}
