/**
 * The life of one guard on one machine, seen from its privileged side: table, trust, child, end.
 *
 * Everything here goes on whatever the guard process does: trust is kept current, the table is put
 * back, bans stay. The guard comes and goes; the broker that serves it is made anew with it.
 */
import type { Socket } from "node:net";
import { Broker } from "../broker/broker.ts";
import type { StandingBans } from "../broker/executors/ban-executor.ts";
import type { DeedLedger } from "../broker/executors/deed-ledger.ts";
import type { HandedSocket } from "../broker/protocol.ts";
import type { SocketView } from "../broker/socket-view.ts";
import { systemClock } from "../clock.ts";
import { EXIT_STATUS } from "../errors.ts";
import type { HealthTracker } from "../health/tracker.ts";
import type { Nftables } from "../kernel/nftables.ts";
import { BAN_CAPACITY } from "../kernel/table-sets.ts";
import type { HealthCode } from "../model/health.ts";
import type { AnnouncementFacts } from "./announcement.ts";
import { Confirmation } from "./confirmation.ts";
import type { Events } from "./events.ts";
import { GuardChild, type OwnedSocket } from "./guard-child.ts";
import type { LaunchOptions } from "./launch.ts";
import { assemblePrivileged, type PrivilegedParts } from "./privileged-parts.ts";
import type { UnprivilegedUser } from "./privileges.ts";
import type { TableChange, TableKeeper } from "./table-keeper.ts";

export interface SupervisorParts {
  readonly options: LaunchOptions;
  /** Why nothing may be held or banned; undefined when it may. */
  readonly watchOnly: string | undefined;
  /** undefined where there is no nftables: listeners only, no bans. */
  readonly nftables: Nftables | undefined;
  readonly keeper: TableKeeper | undefined;
  readonly socketTable: SocketView;
  readonly sockets: readonly OwnedSocket[];
  /** What was done for the bans of earlier runs. */
  readonly ledger: DeedLedger;
  readonly user: UnprivilegedUser;
  readonly operatorGid: number | undefined;
  readonly health: HealthTracker;
  readonly events: Events;
  /** The standard output, for what the guard prints. */
  readonly write: (text: string) => void;
}

/** How long (ms) `status` shows that something has happened. */
const EVENT_SHOWN_MS = 3_600_000;

/** Prefixes shorter than /24 or /48 that a start may restore: somebody has banned them by hand. */
const MAX_WIDE_RESTORED = 64;

/** How often (ms) the guard is told what is wrong on this side. */
const HEALTH_EVERY_MS = 1000;

export class Supervisor {
  readonly #parts: SupervisorParts;
  readonly #privileged: PrivilegedParts;
  readonly #child: GuardChild;
  readonly #confirmation: Confirmation;
  readonly #finished = Promise.withResolvers<number>();
  #broker: Broker | undefined;
  readonly #clearing = new Map<HealthCode, NodeJS.Timeout>();
  #toldHealth = "";
  #healthTimer: NodeJS.Timeout | undefined;
  #isStopping = false;

  constructor(parts: SupervisorParts) {
    this.#parts = parts;
    this.#privileged = assemblePrivileged({
      configuration: parts.options.configuration,
      stateDirectory: parts.options.stateDirectory,
      watchOnly: parts.watchOnly,
      nftables: parts.nftables,
      sockets: parts.socketTable,
      health: parts.health,
      ledger: parts.ledger,
      events: parts.events,
      onFacts: (facts) => this.#broker?.send({ event: "facts", facts }),
    });
    this.#confirmation = new Confirmation(parts.options.confirmWithinMs, () => {
      const text = "not confirmed in time: taking it all away";
      parts.events.note("warning", "unconfirmed", text);
      void this.#stop("remove");
    });
    this.#child = new GuardChild({
      user: parts.user,
      sockets: parts.sockets,
      onStart: (channel, sockets) => this.#serve(channel, sockets),
      onOutput: parts.write,
      onDeath: (how, pauseMs) => this.#mourn(how, pauseMs),
    });
  }

  /** Reads who is trusted, and changes nothing yet. */
  async survey(): Promise<Pick<AnnouncementFacts, "trusted" | "sessions">> {
    const { trust } = this.#privileged;
    await trust.refresh();
    return { trusted: trust.facts.trusted, sessions: trust.sessions() };
  }

  /** Builds the table and starts the guard. */
  async start(): Promise<void> {
    const { keeper, options } = this.#parts;
    if (keeper !== undefined) this.#startTable(keeper);
    this.#privileged.trust.start();
    this.#privileged.served?.start();
    this.#privileged.legacy?.start();
    this.#confirmation.start();
    this.#healthTimer = setInterval(() => this.#tellHealth(), HEALTH_EVERY_MS);
    for (const signal of ["SIGINT", "SIGTERM"] as const)
      process.on(signal, () => void this.#stop(options.onStop));
    // A terminal that is gone ends what was started on it; a service reads its files again.
    const isOnTerminal = process.stdin.isTTY === true;
    process.on("SIGHUP", () => {
      if (isOnTerminal) void this.#stop(options.onStop);
      else void this.#privileged.trust.refresh();
    });
    this.#child.start();
  }

  /** Fulfilled with the exit status when everything has ended. */
  finished(): Promise<number> {
    return this.#finished.promise;
  }

  #startTable(keeper: TableKeeper): void {
    // Trust and grace are in force with the first rule: both are written into the same sets that
    // the rules ask, before a rule stands.
    if (keeper.build(() => this.#fillSets()) === "replaced") {
      const text = "an older table stood with sets of another shape; it was replaced";
      this.#parts.events.note("notice", "table-replaced", text);
    }
    keeper.watch({
      areBansIntact: this.#privileged.areBansIntact,
      onRebuilt: (change) => this.#tableWasLost(change),
      onFailure: (reason) => {
        const action = "It is tried again; look at `nft list ruleset`.";
        this.#parts.health.raise(
          "table-failed",
          "error",
          `The table could not be put back: ${reason}.`,
          action,
        );
      },
    });
  }

  /** Before a rule stands, and again whenever the table was put back. */
  #fillSets(): void {
    this.#privileged.trust.fill();
    this.#privileged.served?.fill();
  }

  /** A new guard process: a new broker for it, in the state that restores. */
  #serve(channel: Socket, sockets: readonly HandedSocket[]): void {
    const { options, watchOnly, operatorGid } = this.#parts;
    const { configuration, stateDirectory } = options;
    const broker = new Broker(
      {
        claimedBansPerMinute: configuration.values.CLAIMED_BANS,
        bansPerMinute: 600,
        restore: this.#restorable(),
      },
      {
        stream: channel,
        executor: this.#privileged.executor,
        legacy: this.#privileged.legacy,
        clock: systemClock,
        trust: (prefix, timeoutMs) => this.#privileged.trust.add(prefix, timeoutMs),
        onDropped: this.#privileged.onDropped,
        history: this.#privileged.history,
        onConfirm: () => this.#confirm(),
        onReady: () => this.#announceReady(),
        onBreach: (reason) => {
          this.#parts.events.note("error", "breach", `the guard broke the protocol: ${reason}`);
          this.#child.kill();
        },
        onClose: () => {},
      },
    );
    this.#broker = broker;
    this.#toldHealth = "";
    broker.send({
      event: "hello",
      settings: configuration.texts,
      configRevision: configuration.revision,
      watchOnly,
      sockets,
      hasTable: this.#parts.nftables !== undefined,
      stateDirectory,
      operatorGid,
      confirmByEpochMs: this.#confirmation.byEpochMs,
      facts: this.#privileged.trust.facts,
      logOutputs: options.logOutputs,
      verbosity: options.verbosity,
    });
    this.#tellHealth();
  }

  /**
   * The first guard may restore all that the sets hold, and few that are wide. One that follows may
   * restore what stands: its journal may have been written by one that was taken over.
   */
  #restorable(): StandingBans {
    const isFirst = this.#broker === undefined;
    if (!isFirst) return this.#privileged.executor.standing();
    return { bans: BAN_CAPACITY, wide: MAX_WIDE_RESTORED };
  }

  #announceReady(): void {
    void this.#privileged.legacy?.adoptBlocked();
    this.#parts.events.ready(this.#parts.watchOnly);
  }

  #mourn(how: string, pauseMs: number): void {
    const { health, events } = this.#parts;
    const again = `it is started again in ${pauseMs} ms; bans stand`;
    events.note("error", "guard-died", `the guard process ended (${how}); ${again}`);
    health.raise(
      "guard-restarted",
      "warning",
      `The guard process ended unasked (${how}) and was started again.`,
      "Bans and holds stood meanwhile; report it with the lines of the log before it.",
    );
    this.#clearLater("guard-restarted");
  }

  /** What has happened is a problem for an hour; the log has it for good. */
  #clearLater(code: HealthCode): void {
    clearTimeout(this.#clearing.get(code));
    const timer = setTimeout(() => this.#parts.health.clear(code), EVENT_SHOWN_MS);
    this.#clearing.set(code, timer.unref());
  }

  #tableWasLost(change: TableChange): void {
    const { health } = this.#parts;
    health.raise(
      "table-restored",
      "warning",
      `Something else on this machine changed the table (${change}); it was put back with its bans.`,
      "Find out what flushes nftables: often a firewall's reload.",
    );
    health.clear("table-failed");
    this.#clearLater("table-restored");
    this.#broker?.tableRebuilt();
  }

  /** The whole list, when it is another than the guard was told last. */
  #tellHealth(): void {
    const problems = this.#parts.health.list();
    const text = JSON.stringify(problems);
    if (text === this.#toldHealth) return;
    this.#toldHealth = text;
    this.#broker?.send({ event: "health", problems });
  }

  #confirm(): void {
    if (!this.#confirmation.confirm()) return;
    this.#broker?.send({ event: "confirmed" });
    this.#parts.events.note("notice", "confirmed", "confirmed: it stays");
  }

  /** Asks the guard to end, then leaves in the kernel what is to be left. Once. */
  async #stop(leaving: "keep-bans" | "remove"): Promise<void> {
    if (this.#isStopping) return;
    this.#isStopping = true;
    this.#parts.events.stopping();
    this.#confirmation.stop();
    clearInterval(this.#healthTimer);
    this.#privileged.trust.stop();
    this.#privileged.served?.stop();
    this.#broker?.send({ event: "stop", endBans: leaving === "remove" });
    await this.#child.stop();
    const { legacy } = this.#privileged;
    if (leaving === "remove") await legacy?.undoAll();
    await legacy?.stop();
    const { keeper, nftables, events } = this.#parts;
    keeper?.close();
    const failure = leaving === "remove" ? keeper?.remove() : keeper?.leaveBans();
    nftables?.close();
    if (failure !== undefined) {
      const text = `the kernel's rules could not be taken away: ${failure}; nft delete table inet vedette`;
      events.note("error", "stop-failed", text);
      this.#finished.resolve(EXIT_STATUS.ERR_KERNEL);
      return;
    }
    const left =
      keeper === undefined || leaving === "remove"
        ? "nothing is left in the kernel"
        : "bans stay until they run out";
    events.stopped(left);
    this.#finished.resolve(0);
  }
}
