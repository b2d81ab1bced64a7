/**
 * Reads the configuration again while the guard runs, and puts what differs in force.
 *
 * Everything that can fail comes before anything is changed, or is taken back: the file is checked
 * whole, sockets are opened, and the table's rules are replaced in one transaction, in which its
 * sets stand. So a bad configuration leaves the old one in force, and there is no moment in which
 * nothing is watched. One reload at a time; others wait for their turn.
 */
import { closeSync } from "node:fs";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { ConfigRequest } from "../config/collect.ts";
import { type ConfigFinding, formatFinding, formatWarning } from "../config/findings.ts";
import {
  type Configuration,
  changeTexts,
  type LoadedConfiguration,
  loadConfiguration,
  warnOfOverruled,
} from "../config/load.ts";
import { OperationalError } from "../errors.ts";
import type { HealthTracker } from "../health/tracker.ts";
import type { ReloadOutcome } from "../model/reload.ts";
import { leaveWord } from "./directories.ts";
import type { Events } from "./events.ts";
import { openGuardSockets } from "./facilities.ts";
import type { OwnedSocket } from "./guard-child.ts";
import type { GuardLink } from "./guard-link.ts";
import { warnOfLooseFile } from "./loose-file.ts";
import { warnOfInterfaces } from "./neighbours.ts";
import type { PrivilegedParts } from "./privileged-parts.ts";
import { LOST_WORDS, memoryAfter, planReload } from "./reload-plan.ts";
import type { TableKeeper } from "./table-keeper.ts";
import { planTable, readEphemeralPorts } from "./table-plan.ts";
import { ignoreFileFault } from "./trust-sources.ts";

export interface ReloaderParts {
  readonly configuration: Configuration;
  /** What is read again: the same file, profile and words of the command line. */
  readonly request: ConfigRequest;
  readonly stateDirectory: string;
  readonly watchOnly: string | undefined;
  /** The guard's sockets so far. */
  readonly sockets: readonly OwnedSocket[];
  /** undefined where there is no nftables. */
  readonly keeper: TableKeeper | undefined;
  readonly privileged: Pick<PrivilegedParts, "reconfigure"> & {
    readonly trust: Pick<PrivilegedParts["trust"], "refresh">;
  };
  readonly guard: Pick<GuardLink, "adopt" | "replace" | "whenReady" | "tellFiles">;
  readonly health: HealthTracker;
  readonly events: Events;
  /** Another configuration is in force; called before that is told. */
  readonly onConfiguration: (configuration: Configuration) => void;
}

/** What became of everything that can fail. */
type Change =
  | {
      readonly status: "done";
      readonly hasOtherSockets: boolean;
      /** Sockets that are not needed any more. */
      readonly dropped: readonly OwnedSocket[];
    }
  | { readonly status: "failed"; readonly reason: string }
  /** Closed meanwhile: there is nothing left to be taken back. */
  | { readonly status: "stopping" };

/** Faults that are told; a file of something else entirely has one in every line. */
const MAX_TOLD = 1000;

type Findings = readonly ConfigFinding[];

export class Reloader {
  readonly #parts: ReloaderParts;
  #configuration: Configuration;
  #sockets: readonly OwnedSocket[];
  #turn: Promise<unknown> = Promise.resolve();
  /** Modes that others than the file and the command line have asked for. */
  #modes: Readonly<Record<string, string>> = {};
  #inForce: Promise<void> = Promise.resolve();
  #isClosed = false;

  constructor(parts: ReloaderParts) {
    this.#parts = parts;
    this.#configuration = parts.configuration;
    this.#sockets = parts.sockets;
  }

  /** The one in force. */
  get configuration(): Configuration {
    return this.#configuration;
  }

  /** Reads the file again. Never rejects for what an operator can write or a machine refuse. */
  reload(): Promise<ReloadOutcome> {
    return this.#inTurn(() => {
      const { request } = this.#parts;
      const overrides = { ...request.overrides, ...this.#modes };
      return this.#apply(warnOfOverruled(loadConfiguration({ ...request, overrides })));
    });
  }

  /** Fulfilled when the guard goes by what was read last, one that takes the other's place too. */
  async whenInForce(): Promise<void> {
    await this.#inForce;
    await this.#parts.guard.whenReady();
  }

  /**
   * Changes one mode, and nothing else whatever the file says by now; reloads keep it.
   * @returns when it is in force or refused. As {@link reload}.
   */
  async setMode(key: "TCP_MODE" | "UDP_MODE", text: string): Promise<ReloadOutcome> {
    const outcome = await this.#inTurn(() =>
      this.#apply(changeTexts(this.#configuration, { [key]: text })),
    );
    if (outcome.faults.length > 0) return outcome;
    this.#modes = { ...this.#modes, [key]: text };
    await this.whenInForce();
    return outcome;
  }

  /**
   * Changes nothing from now on: whoever asks is told that the guard is stopping, which is no fault.
   * A change that is under way is given up before its rules. May be called twice.
   */
  close(): void {
    this.#isClosed = true;
  }

  /**
   * Puts what another file says in force, with the same profile and words of the command line; a
   * reload goes on reading the same file. As {@link Reloader.reload}, but a fault is no problem of
   * the configuration in force.
   */
  tryOut(path: string, content: string): Promise<ReloadOutcome> {
    return this.#inTurn(() => {
      const { request } = this.#parts;
      const { profile, path: ownPath } = this.#configuration;
      const overrides = { ...request.overrides, ...this.#modes };
      const loaded = warnOfOverruled(
        loadConfiguration({ ...request, path, content, profile, overrides }),
      );
      if (loaded.status === "invalid") return this.#apply(loaded, "trial");
      const tried = { ...loaded.configuration, path: ownPath };
      return this.#apply({ status: "ok", configuration: tried }, "trial");
    });
  }

  /** Puts back what was in force before; modes that others have asked for stay. As {@link reload}. */
  putBack(former: Configuration): Promise<ReloadOutcome> {
    return this.#inTurn(() => this.#apply(changeTexts(former, this.#modes)));
  }

  /**
   * Another guard takes the place of this one, with `socket` for the API in the place of the former
   * one, which is closed.
   */
  handApiSocket(socket: OwnedSocket): void {
    void this.#inTurn(async () => {
      const former = this.#sockets.filter(({ kind }) => kind === socket.kind);
      this.#sockets = [socket, ...this.#sockets.filter((each) => !former.includes(each))];
      this.#replaceGuard(former);
      return this.#outcome("reloaded", []);
    });
  }

  /** The answer to who may not change anything now. */
  refusal(fault: string): ReloadOutcome {
    return { ...this.#outcome("failed", []), faults: [fault] };
  }

  /** Whether nothing is changed any more. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  #inTurn(act: () => Promise<ReloadOutcome>): Promise<ReloadOutcome> {
    const acted = this.#turn.then(() => (this.#isClosed ? this.#stopping() : act()));
    // A bug ends the process as an unhandled rejection of `acted`, and not of the next one's turn.
    this.#turn = acted.catch(() => undefined);
    return acted;
  }

  async #apply(
    loaded: LoadedConfiguration,
    by: "reload" | "trial" = "reload",
  ): Promise<ReloadOutcome> {
    const { events, guard, health, privileged, stateDirectory } = this.#parts;
    if (loaded.status === "invalid") {
      return this.#refuse("invalid", loaded.faults.map(formatFinding), loaded.warnings, by);
    }
    const { configuration } = loaded;
    const { warnings } = configuration;
    if (by === "reload") warnOfLooseFile(configuration, health);
    const plan = planReload(this.#configuration, configuration);
    if (plan.status === "refused") return this.#refuse("invalid", plan.faults, warnings, by);
    if (plan.status === "unchanged") {
      await privileged.trust.refresh();
      guard.tellFiles();
      health.clear("reload-failed");
      events.note("notice", "reload", "reload: nothing changed");
      return this.#outcome("unchanged", warnings);
    }
    const namesOther = plan.changed.includes("IGNORE_FILE");
    const unread = namesOther ? ignoreFileFault(configuration) : undefined;
    if (unread !== undefined) return this.#refuse("invalid", [unread], warnings, by);
    const change = await this.#changeTo(configuration);
    if (change.status === "failed") return this.#refuse("failed", [change.reason], warnings, by);
    if (change.status === "stopping") return this.#stopping();

    const isReplaced = plan.needsNewGuard || change.hasOtherSockets;
    if (isReplaced) this.#replaceGuard(change.dropped);
    else guard.adopt(configuration);
    this.#parts.onConfiguration(configuration);
    leaveWord(configuration, stateDirectory, health);
    warnOfInterfaces(configuration.values.INTERFACES, health);
    health.clear("reload-failed");
    const memory = memoryAfter(plan, isReplaced, configuration);
    const changed = `changed: ${plan.changed.join(", ")}${LOST_WORDS[memory]}`;
    const text = `reload: configuration ${configuration.revision}; ${changed}`;
    events.note("notice", "reload", text);
    return {
      ...this.#outcome("reloaded", warnings),
      changed: plan.changed,
      guard: isReplaced ? "replaced" : "kept",
      memory,
    };
  }

  /** Everything that can fail, in an order in which it can be taken back. */
  async #changeTo(after: Configuration): Promise<Change> {
    const { keeper, privileged, watchOnly, health } = this.#parts;
    const before = this.#configuration;
    const own = this.#sockets;
    const opened: OwnedSocket[] = [];
    try {
      const isWatchOnly = watchOnly !== undefined;
      const limits = { isKernelSensing: keeper !== undefined, isWatchOnly };
      const sockets = openGuardSockets(after, limits, health, own);
      opened.push(...sockets.filter((socket) => !own.includes(socket)));
      // In force before a rule is that could hold somebody who is trusted from now on.
      await privileged.reconfigure(after);
      if (this.#isClosed) {
        closeAll(opened);
        return { status: "stopping" };
      }
      keeper?.rebuild(planTable(after.values, isWatchOnly, readEphemeralPorts()));
      this.#configuration = after;
      this.#sockets = sockets;
      const dropped = own.filter((socket) => !sockets.includes(socket));
      return { status: "done", hasOtherSockets: opened.length + dropped.length > 0, dropped };
    } catch (error) {
      if (!(error instanceof OperationalError)) throw error;
      closeAll(opened);
      if (!this.#isClosed) await privileged.reconfigure(before);
      return { status: "failed", reason: error.message };
    }
  }

  /** Once the answer has left, which the present guard passes on. */
  #replaceGuard(dropped: readonly OwnedSocket[]): void {
    const configuration = this.#configuration;
    const sockets = this.#sockets;
    const { guard } = this.#parts;
    const replaced = nextTurn().then(async () => {
      await guard.replace(configuration, sockets);
      closeAll(dropped);
    });
    this.#inForce = replaced;
  }

  #refuse(
    status: "invalid" | "failed",
    faults: readonly string[],
    warnings: Findings,
    by: "reload" | "trial",
  ): ReloadOutcome {
    const { events, health } = this.#parts;
    const more = faults.length - MAX_TOLD;
    const told = [...faults.slice(0, MAX_TOLD), ...(more > 0 ? [`and ${more} more`] : [])];
    for (const fault of told) events.note("error", "reload", `reload: ${fault}`);
    if (by === "trial") return { ...this.#outcome(status, warnings), faults: told };
    const kept = `configuration ${this.#configuration.revision} stays in force`;
    health.raise(
      "reload-failed",
      "warning",
      `The configuration could not be reloaded, and ${kept}: ${told[0]?.replace(/[.?]?$/, (end) => (end === "?" ? end : "."))}`,
      "Mend it, look with `vedette config check`, and reload again.",
    );
    return { ...this.#outcome(status, warnings), faults: told };
  }

  #stopping(): ReloadOutcome {
    return this.refusal("the guard is stopping");
  }

  #outcome(status: ReloadOutcome["status"], warnings: Findings): ReloadOutcome {
    return {
      status,
      configRevision: this.#configuration.revision,
      changed: [],
      faults: [],
      warnings: warnings.slice(0, MAX_TOLD).map(formatWarning),
      guard: "kept",
      memory: "kept",
    };
  }
}

function closeAll(sockets: readonly OwnedSocket[]): void {
  for (const { fd } of sockets) closeSync(fd);
}
