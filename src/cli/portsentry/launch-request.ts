/** Does what a command line of `portsentry` asks, in the foreground or as a daemon. */
import { formatWarning } from "../../config/findings.ts";
import { requireConfiguration } from "../../config/load.ts";
import type { SharedGuardOptions } from "../../daemon/shared-guard.ts";
import { escapeInvisible } from "../../invisible-text.ts";
import type { CliContext } from "../context.ts";
import { resolveGuardPlaces } from "../directories.ts";
import { printError } from "../printable.ts";
import { becomeDaemon, detach, isDetached, reportReady } from "./detach.ts";
import { pidFileName, removePidFile, writePidFile } from "./pid-file.ts";
import { configRequestOf, type PortsentryRequest } from "./request.ts";
import { VERSION_LINE } from "./usage.ts";

/** Runs a guard, or has the one that is there watch more. @returns the exit status. */
export type RunGuard = (options: SharedGuardOptions) => Promise<number>;

/** Loads the daemon only here: no other command needs it in memory. */
export const runGuardLazily: RunGuard = async (options) => {
  const { runSharedGuard } = await import("../../daemon/shared-guard.ts");
  return runSharedGuard(options);
};

/** The ways of a daemon; a test has others. */
export interface DaemonWays {
  readonly isDetached: typeof isDetached;
  readonly detach: typeof detach;
  readonly becomeDaemon: typeof becomeDaemon;
  readonly reportReady: typeof reportReady;
}

const DAEMON_WAYS: DaemonWays = { isDetached, detach, becomeDaemon, reportReady };

/**
 * @returns the exit status: the guard's, or what became of the start of a daemon.
 * @throws {OperationalError} of the configuration or the start, as `vedette guard` does.
 */
export async function launchRequest(
  request: PortsentryRequest,
  context: CliContext,
  launch: RunGuard,
  ways: DaemonWays = DAEMON_WAYS,
): Promise<number> {
  // Whatever follows, 2.x says first who it is.
  if (request.dialect === "2.x") context.write(`${VERSION_LINE}\n`);
  const isDaemon = ways.isDetached(context.env);
  if (!request.isForeground && !isDaemon) {
    return ways.detach((text) => context.writeError(text));
  }
  const configRequest = { ...configRequestOf(request), strangers: "refused" } as const;
  const configuration = requireConfiguration(configRequest);
  for (const warning of configuration.warnings) {
    printError(context, `portsentry: ${escapeInvisible(formatWarning(warning))}`);
  }
  if (request.judgesOwnAddresses) {
    const text = "-L changes nothing: this machine's own addresses are judged, and never banned";
    printError(context, `portsentry: ${text}`);
  }
  const options = {
    configuration,
    configRequest,
    ...resolveGuardPlaces({}, context),
    watchOnly: false,
    confirmWithinMs: undefined,
    onStop: undefined,
    despiteNeighbours: false,
    logOutputs: request.logOutputs,
    verbosity: request.verbosity,
    guardSocket: undefined,
    acceptsJoins: true,
    watched: watchedBy(request),
  };
  if (!isDaemon) return launch({ ...options, onReady: undefined });

  const { runDirectory } = options;
  const pidFile = pidFileName(request);
  ways.becomeDaemon(titleOf(request));
  try {
    return await launch({
      ...options,
      onReady: () => {
        const fault = writePidFile(runDirectory, pidFile);
        if (fault !== undefined) printError(context, `portsentry: ${escapeInvisible(fault)}`);
        ways.reportReady();
      },
    });
  } finally {
    removePidFile(runDirectory, pidFile);
  }
}

/** The one transport that a line of 1.2 names. */
function watchedBy({ dialect, tcpMode, udpMode }: PortsentryRequest) {
  if (dialect !== "1.2") return undefined;
  const transport = tcpMode === "" ? "udp" : "tcp";
  const mode = (transport === "tcp" ? tcpMode : udpMode) as
    | "tcp"
    | "stcp"
    | "atcp"
    | "udp"
    | "sudp"
    | "audp";
  return { transport, mode } as const;
}

/** What Debian's start script looks for in the list of processes. */
function titleOf({ dialect, tcpMode, udpMode }: PortsentryRequest): string {
  return `/usr/sbin/portsentry ${dialect === "1.2" ? `-${tcpMode || udpMode}` : "-D"}`;
}
