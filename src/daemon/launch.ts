/**
 * The privileged process: sets everything up, starts the guard, and takes it down again.
 *
 * It parses nothing from the network. Order matters: what could lock somebody out is looked for
 * before anything drops, another guard is found before its table is touched, the sets of trust are
 * filled before the first rule holds, and the table is built before the guard reads, so that what
 * comes in between waits in the log socket.
 */
import { networkInterfaces } from "node:os";
import { join } from "node:path";
import type { OnStop } from "../broker/options.ts";
import { servedBy } from "../broker/served-keeper.ts";
import { SocketView } from "../broker/socket-view.ts";
import { ownAddressesOf } from "../broker/trust/own-addresses.ts";
import { systemClock } from "../clock.ts";
import type { ConfigRequest } from "../config/collect.ts";
import type { Configuration } from "../config/load.ts";
import { OperationalError } from "../errors.ts";
import { HealthTracker } from "../health/tracker.ts";
import { exitAtOnce } from "../kernel/libc.ts";
import { SocketTable } from "../kernel/sock-diag.ts";
import { SyslogSocket } from "../kernel/syslog-socket.ts";
import type { LogOutput, Verbosity } from "../logger.ts";
import { activatedGuard } from "./activated-guard.ts";
import { leaveWord, makeDirectories } from "./directories.ts";
import type { Events } from "./events.ts";
import { EventsSlot } from "./events-slot.ts";
import { openFirewall } from "./facilities.ts";
import { JoinServer } from "./join-server.ts";
import { openLedger } from "./legacy-parts.ts";
import { warnOfLooseFile } from "./loose-file.ts";
import { watchMemory } from "./memory-watch.ts";
import {
  findNeighbours,
  findOldPortsentry,
  warnOfInterfaces,
  warnOfNeighbours,
} from "./neighbours.ts";
import { openLifeEvents } from "./open-events.ts";
import {
  API_SOCKET,
  listenedBy,
  openApi,
  openJoinSocket,
  openOwnSockets,
  removeSocketPaths,
} from "./own-sockets.ts";
import { PatientSyslog } from "./patient-syslog.ts";
import { findOperatorGid, findUser, NOBODY, type UnprivilegedUser } from "./privileges.ts";
import type { Reloader } from "./reloader.ts";
import { removeIfEmpty } from "./removal.ts";
import { openServiceManager, type ServiceManager } from "./service-manager.ts";
import { SocketWatch } from "./socket-watch.ts";
import { spawnedGuard } from "./spawned-guard.ts";
import { openStandardOutput } from "./standard-output.ts";
import { lockState } from "./state-lock.ts";
import { Supervisor } from "./supervisor.ts";
import { findListenedGroup, TableKeeper } from "./table-keeper.ts";
import { planTable, readEphemeralPorts } from "./table-plan.ts";
import { Watchers } from "./watchers.ts";

export interface LaunchOptions {
  readonly configuration: Configuration;
  /** What `configuration` was made of; a reload reads it again. */
  readonly configRequest: ConfigRequest;
  readonly runDirectory: string;
  readonly stateDirectory: string;
  /** Ban and hold nothing, answer nothing differently. */
  readonly watchOnly: boolean;
  /** Take everything away after this time (ms) unless confirmed; undefined: never. */
  readonly confirmWithinMs: number | undefined;
  /** What a normal stop leaves; undefined: what ON_STOP says when it comes. */
  readonly onStop: OnStop | undefined;
  /** Where lines go; never empty. */
  readonly logOutputs: readonly LogOutput[];
  readonly verbosity: Verbosity;
  /** Hold and ban although something was found that a sentry would break. */
  readonly despiteNeighbours: boolean;
  /** Called once, when the table stands and the guard listens. */
  readonly onReady: (() => void) | undefined;
  /** Socket of the unit in which systemd starts the guard; undefined: it is a child of ours. */
  readonly guardSocket: string | undefined;
  /** Others may ask it to watch a transport, too. */
  readonly acceptsJoins: boolean;
}

/** Runs a guard until it is stopped. @returns the exit status: 0 after a normal stop. */
export async function launchGuard(options: LaunchOptions): Promise<number> {
  const { configuration, logOutputs, verbosity } = options;
  const write = openStandardOutput();
  const syslog = new PatientSyslog(
    new SyslogSocket({ ident: "portsentry", pid: process.pid }, systemClock),
    systemClock,
  );
  const openEvents = ({ values }: Configuration): Events =>
    openLifeEvents({ values, logOutputs, verbosity, syslog, write });
  const events = new EventsSlot(openEvents(configuration));
  // The standard error of a daemon goes nowhere.
  process.on("uncaughtExceptionMonitor", (error) => {
    events.note("error", "defect", `a defect ends this process: ${error.stack ?? error.message}`);
  });
  events.starting();
  const manager = openServiceManager();
  try {
    const follow = (after: Configuration) => events.follow(openEvents(after));
    const status = await runGuard(options, events, follow, write, manager);
    endDespiteQuestions(status);
    return status;
  } catch (error) {
    if (error instanceof OperationalError) {
      events.startFailed(error.message);
      manager.status(error.message);
    }
    throw error;
  } finally {
    await syslog.settled();
    syslog.close();
  }
}

/** How long (ms) what was written last may take to leave. */
const LAST_WORDS_MS = 500;

/** A name that is still being looked up must not keep the next guard from starting. */
function endDespiteQuestions(status: number): void {
  setTimeout(() => exitAtOnce(status), LAST_WORDS_MS).unref();
}

async function runGuard(
  options: LaunchOptions,
  events: Events,
  onConfiguration: (configuration: Configuration) => void,
  write: (text: string) => void,
  manager: ServiceManager,
): Promise<number> {
  const { configuration, runDirectory, stateDirectory } = options;
  const health = new HealthTracker(
    () => systemClock.epochMs(),
    (problem, change) => events.health(problem, change),
  );

  if (configuration.profile === "portsentry" && !options.despiteNeighbours) refuseOldPortsentry();
  const nftables = openFirewall(health);
  const neighbours = findNeighbours(nftables);
  const watchOnly = whyWatchOnly(options, neighbours.length > 0);
  warnOfNeighbours(neighbours, watchOnly, health);
  warnOfInterfaces(configuration.values.INTERFACES, health);
  warnOfLooseFile(configuration, health);
  const keeper =
    nftables === undefined
      ? undefined
      : new TableKeeper(
          nftables,
          planTable(configuration.values, watchOnly !== undefined, readEphemeralPorts()),
        );
  if (nftables !== undefined) refuseSecondGuard();
  // In a unit of its own it is who its unit says, and so is its journal's folder.
  const user = options.guardSocket === undefined ? guardUser(health) : undefined;
  makeDirectories(runDirectory, stateDirectory, user, health);
  const lock = await lockState(stateDirectory);
  leaveWord(configuration, stateDirectory, health);
  const socketTable = openSocketTable();
  // Before our own listeners are among them.
  const served = servedBy(
    socketTable.listening(),
    ownAddressesOf(networkInterfaces()),
    readEphemeralPorts(),
  );
  // The first of all: a second `portsentry` that finds anything of this one can ask it.
  const joinFd = options.acceptsJoins ? openJoinSocket(runDirectory) : undefined;
  const limits = { isKernelSensing: keeper !== undefined, isWatchOnly: watchOnly !== undefined };
  const sockets = openOwnSockets(joinFd, options, limits, health);

  const supervisor = new Supervisor({
    options,
    watchOnly,
    nftables,
    keeper,
    socketTable,
    sockets,
    ledger: await openLedger(stateDirectory, health),
    startGuard: user === undefined ? activatedGuard(options.guardSocket ?? "") : spawnedGuard(user),
    operatorGid: findOperatorGid(),
    health,
    events,
    manager,
    onConfiguration,
    write,
  });
  const joins = joinFd === undefined ? undefined : openJoins(joinFd, supervisor.reloader);
  const facts = {
    configuration,
    watchOnly,
    ...(await supervisor.survey()),
    served,
    listened: listenedBy(sockets),
    neighbours,
    confirmWithinMs: options.confirmWithinMs,
    onStop: supervisor.onStop,
    stateDirectory,
    isKernelSensing: keeper !== undefined,
    ephemeral: readEphemeralPorts(),
    command: process.env["VEDETTE_COMMAND"] ?? "vedette",
  };
  events.started(facts);
  await supervisor.start();
  joins?.start();
  watchMemory();
  const apiWatch = new SocketWatch({
    path: join(runDirectory, API_SOCKET),
    open: () => openApi(runDirectory),
    hand: (socket) => supervisor.reloader.handApiSocket(socket),
    health,
    events,
  });
  apiWatch.start();
  const status = await supervisor.finished();
  apiWatch.stop();
  // Before a second `portsentry` hears that it is the guard from here on.
  lock.close();
  joins?.close();
  removeSocketPaths(runDirectory);
  if (supervisor.onStop === "remove") removeIfEmpty(runDirectory);
  return status;
}

/** The kernel's sockets, which needs no privilege to be read. */
function openSocketTable(): SocketView {
  const table = new SocketTable();
  table.open();
  return new SocketView(table, systemClock);
}

/** @returns why nothing may be held or banned; undefined when it may. */
function whyWatchOnly(options: LaunchOptions, hasNeighbours: boolean): string | undefined {
  if (options.watchOnly) return "--watch-only";
  if (!hasNeighbours || options.despiteNeighbours) return undefined;
  return "something on this machine does not go together with a sentry; --despite-neighbours overrides";
}

/**
 * Who comes in PortSentry's place must not stand beside it: both would act on every scan.
 * @throws {OperationalError} ERR_UNAVAILABLE by name, before anything is changed.
 */
function refuseOldPortsentry(): void {
  const found = findOldPortsentry();
  if (found.length === 0) return;
  const names = found.map(({ pid, command }) => `pid ${pid}: ${command}`).join("\n");
  const what = "PortSentry runs here, and both would act; stop it first: systemctl stop portsentry";
  throw new OperationalError("ERR_UNAVAILABLE", `${what}\n${names}`);
}

/** @throws {OperationalError} ERR_ALREADY_RUNNING before anything of the other guard is touched. */
function refuseSecondGuard(): void {
  const group = findListenedGroup();
  if (group === undefined) return;
  throw new OperationalError(
    "ERR_ALREADY_RUNNING",
    `another guard runs in this network namespace (NFLOG group ${group} is read); stop it first`,
  );
}

/** The user that the guard becomes, and a warning where it is one that others share. */
function guardUser(health: HealthTracker): UnprivilegedUser {
  const user = findUser();
  if (user !== undefined || process.getuid?.() !== 0) return user ?? NOBODY;
  health.raise(
    "shared-user",
    "warning",
    "The user vedette does not exist, so the guard runs as nobody: any other process of nobody can " +
      "read and delete its journal, and kill it.",
    "Make it: adduser --system --group vedette",
  );
  return NOBODY;
}

function openJoins(fd: number, reloader: Reloader): JoinServer {
  const watchers = new Watchers({
    configuration: () => reloader.configuration,
    setMode: (key, text) => reloader.setMode(key, text),
    pid: process.pid,
  });
  return new JoinServer({
    fd,
    onJoin: (request, pid) => watchers.join(request, pid),
    onLeave: (transport) => void watchers.leave(transport),
  });
}
