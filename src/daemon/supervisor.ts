/**
 * The life of one guard on one machine, seen from its privileged side: table, trust, end.
 *
 * Everything here goes on whatever the guard process does: trust is kept current, the table is put
 * back, bans stay. The guard process itself is the link's affair.
 */
import type { DeedLedger } from "../broker/executors/deed-ledger.ts";
import type { OnStop } from "../broker/options.ts";
import type { SocketView } from "../broker/socket-view.ts";
import type { Configuration } from "../config/load.ts";
import { counted } from "../counted.ts";
import { EXIT_STATUS } from "../errors.ts";
import type { HealthTracker } from "../health/tracker.ts";
import type { Nftables } from "../kernel/nftables.ts";
import type { Outcome } from "../model/order.ts";
import type { ReloadOutcome } from "../model/reload.ts";
import type { AnnouncementFacts } from "./announcement.ts";
import { EVENT_SHOWN_MS } from "./clock-changes.ts";
import { watchClocks } from "./clock-watch.ts";
import { Confirmation } from "./confirmation.ts";
import type { Events } from "./events.ts";
import type { OwnedSocket, StartGuard } from "./guard-child.ts";
import { GuardLink } from "./guard-link.ts";
import type { LaunchOptions } from "./launch.ts";
import { assemblePrivileged, type PrivilegedParts } from "./privileged-parts.ts";
import { Reloader } from "./reloader.ts";
import type { ServiceManager } from "./service-manager.ts";
import { ServiceReport } from "./service-report.ts";
import type { TableChange, TableKeeper } from "./table-keeper.ts";
import { Trial } from "./trial.ts";

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
  readonly startGuard: StartGuard;
  readonly operatorGid: number | undefined;
  readonly health: HealthTracker;
  readonly events: Events;
  /** Who has started this process, if it wants to know. */
  readonly manager: ServiceManager;
  /** Another configuration is in force. */
  readonly onConfiguration: (configuration: Configuration) => void;
  /** The standard output, for what the guard prints. */
  readonly write: (text: string) => void;
}

export class Supervisor {
  readonly #parts: SupervisorParts;
  readonly #privileged: PrivilegedParts;
  readonly #guard: GuardLink;
  /** Changes the configuration in force. */
  readonly reloader: Reloader;
  readonly #confirmation: Confirmation;
  readonly #report: ServiceReport;
  readonly #trial: Trial;
  readonly #finished = Promise.withResolvers<number>();
  #wasReady = false;
  /** How often the table was put back. */
  #restorations = 0;
  #isStopping = false;
  /** What the first guard has failed with. */
  #failedStatus: number | undefined;

  constructor(parts: SupervisorParts) {
    this.#parts = parts;
    this.#privileged = assemblePrivileged({
      configuration: parts.options.configuration,
      stateDirectory: parts.options.stateDirectory,
      watchOnly: parts.watchOnly,
      nftables: parts.nftables,
      keeper: parts.keeper,
      sockets: parts.socketTable,
      health: parts.health,
      ledger: parts.ledger,
      events: parts.events,
      onFacts: (facts) => this.#guard.send({ event: "facts", facts }),
    });
    this.#report = new ServiceReport({
      manager: parts.manager,
      problems: () => parts.health.list(),
      watchOnly: parts.watchOnly,
    });
    this.#confirmation = new Confirmation(parts.options.confirmWithinMs, () => {
      const text = "not confirmed in time: taking it all away";
      parts.events.note("warning", "unconfirmed", text);
      void this.#stop("remove");
    });
    this.#guard = new GuardLink({
      configuration: parts.options.configuration,
      stateDirectory: parts.options.stateDirectory,
      watchOnly: parts.watchOnly,
      hasTable: parts.nftables !== undefined,
      privileged: this.#privileged,
      sockets: parts.sockets,
      startGuard: parts.startGuard,
      operatorGid: parts.operatorGid,
      health: parts.health,
      events: parts.events,
      write: parts.write,
      confirmByEpochMs: () => this.#confirmation.byEpochMs ?? this.#trial.byEpochMs,
      onConfirm: () => this.#confirm(),
      logOutputs: parts.options.logOutputs,
      verbosity: parts.options.verbosity,
      onReload: () => this.#trial.reload(),
      onApply: (withinMs) => this.#apply(withinMs),
      onReady: () => this.#announceReady(),
      onCount: () => this.#report.progressed(),
      onDeath: (how, pauseMs) => this.#mourn(how, pauseMs),
      onFailedStart: (exitStatus) => this.#giveUp(exitStatus),
    });
    this.reloader = new Reloader({
      configuration: parts.options.configuration,
      request: parts.options.configRequest,
      stateDirectory: parts.options.stateDirectory,
      watchOnly: parts.watchOnly,
      sockets: parts.sockets,
      keeper: parts.keeper,
      privileged: this.#privileged,
      guard: this.#guard,
      health: parts.health,
      events: parts.events,
      onConfiguration: parts.onConfiguration,
    });
    this.#trial = new Trial({
      stateDirectory: parts.options.stateDirectory,
      reloader: this.reloader,
      events: parts.events,
      onReload: (outcome) =>
        this.#report.reloading(outcome.then(() => this.reloader.whenInForce())),
      onChange: (byEpochMs) => this.#guard.send({ event: "confirmation", byEpochMs }),
    });
  }

  /** What a normal stop leaves, as things are now. */
  get onStop(): OnStop {
    return this.#parts.options.onStop ?? this.reloader.configuration.values.ON_STOP;
  }

  /** Reads who is trusted, and changes nothing yet. */
  async survey(): Promise<Pick<AnnouncementFacts, "trusted" | "sessions" | "blindness">> {
    const { trust } = this.#privileged;
    await trust.refresh();
    const { facts, blindness } = trust;
    return { trusted: facts.trusted, sessions: trust.sessions(), blindness };
  }

  /** Builds the table and starts the guard. */
  async start(): Promise<void> {
    const { keeper } = this.#parts;
    if (keeper !== undefined) this.#startTable(keeper);
    watchClocks(this.#privileged.onClockChange);
    this.#privileged.trust.start();
    this.#privileged.served?.start();
    this.#privileged.blocklists?.start();
    void this.#privileged.legacy?.restore();
    this.#privileged.legacy?.start();
    this.#confirmation.start();
    for (const signal of ["SIGINT", "SIGTERM"] as const)
      process.on(signal, () => void this.#stop(this.onStop));
    // A terminal that is gone ends what was started on it; a service reads its files again.
    const isOnTerminal = process.stdin.isTTY === true;
    process.on("SIGHUP", () => {
      if (isOnTerminal) void this.#stop(this.onStop);
      else void this.#trial.reload();
    });
    this.#guard.start();
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
      areSetsIntact: this.#privileged.areSetsIntact,
      onRebuilt: (change) => this.#tableWasLost(change),
      onFailure: (reason) => {
        const text = `The table could not be put back: ${reason}.`;
        const action = "It is tried again; look at `nft list ruleset`.";
        this.#parts.health.raise("table-failed", "error", text, action);
      },
    });
  }

  /** Before a rule stands, and again whenever the table was put back. */
  #fillSets(): void {
    this.#privileged.trust.fill();
    this.#privileged.served?.fill();
  }

  #announceReady(): void {
    this.#report.guardIsReady();
    void this.#privileged.legacy?.adoptBlocked();
    this.#parts.events.ready(this.#parts.watchOnly ?? this.#privileged.trust.blindness);
    if (this.#wasReady) return;
    this.#wasReady = true;
    this.#parts.options.onReady?.();
  }

  /** Bans stay, whatever ON_STOP says: nobody has stopped anything. */
  #giveUp(exitStatus: number): void {
    const text = "the guard process cannot start, for the reason that it has printed; bans stand";
    this.#parts.events.note("error", "guard-failed", text);
    this.#parts.manager.status(text);
    this.#failedStatus = exitStatus;
    void this.#stop("keep-bans");
  }

  #mourn(how: string, pauseMs: number): void {
    this.#report.guardIsLost();
    const { health, events } = this.#parts;
    const again = `it is started again in ${pauseMs} ms; bans stand`;
    events.note("error", "guard-died", `the guard process ended (${how}); ${again}`);
    health.raiseFor(
      EVENT_SHOWN_MS,
      "guard-restarted",
      "warning",
      `The guard process ended unasked (${how}) and was started again.`,
      "Bans and holds stood meanwhile; report it with the lines of the log before it.",
    );
  }

  #tableWasLost(change: TableChange): void {
    const { health } = this.#parts;
    this.#restorations += 1;
    const times = counted(this.#restorations, "time");
    health.raiseFor(
      EVENT_SHOWN_MS,
      "table-restored",
      "warning",
      `Something else on this machine changed the table (${change}); it was put back with its bans (${times} since the start).`,
      "Find out what flushes nftables: often a firewall's reload.",
    );
    health.clear("table-failed");
    this.#guard.tableRebuilt();
  }

  #confirm(): Outcome {
    const tried = this.#trial.confirm();
    if (tried !== undefined) return tried;
    if (!this.#confirmation.confirm()) return { status: "already-applied" };
    this.#guard.send({ event: "confirmation", byEpochMs: undefined });
    this.#parts.events.note("notice", "confirmed", "confirmed: it stays");
    return { status: "applied" };
  }

  /** One confirmation at a time, or nobody would know what his word keeps. */
  async #apply(withinMs: number): Promise<ReloadOutcome> {
    if (this.#confirmation.byEpochMs === undefined) return await this.#trial.apply(withinMs);
    return this.reloader.refusal("the guard itself waits for its confirmation: confirm it first");
  }

  /** Asks the guard to end, then leaves in the kernel what is to be left. Once. */
  async #stop(leaving: OnStop): Promise<void> {
    if (this.#isStopping) return;
    this.#isStopping = true;
    this.#parts.events.stopping();
    this.#report.stopping();
    this.#confirmation.stop();
    this.#trial.stop();
    this.reloader.close();
    this.#privileged.trust.stop();
    this.#privileged.served?.stop();
    await this.#guard.stop(leaving === "remove");
    const { legacy } = this.#privileged;
    const undoFailures = (leaving === "remove" ? await legacy?.undoAll() : undefined) ?? [];
    await legacy?.stop();
    this.#privileged.close();
    const { keeper, nftables, events } = this.#parts;
    keeper?.close();
    const failure = leaving === "remove" ? keeper?.remove() : keeper?.leaveBans();
    nftables?.close();
    if (undoFailures.length > 0) {
      const text = `not everybody could be let in: ${undoFailures.join("; ")}; vedette bans lists them`;
      events.note("error", "stop-failed", text);
    }
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
    if (undoFailures.length === 0) events.stopped(left);
    this.#finished.resolve(
      this.#failedStatus ?? (undoFailures.length === 0 ? 0 : EXIT_STATUS.ERR_KERNEL),
    );
  }
}
