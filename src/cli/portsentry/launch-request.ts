/** Does what a command line of `portsentry` asks, in the foreground or as a daemon. */
import { formatWarning } from "../../config/findings.ts";
import { requireConfiguration } from "../../config/load.ts";
import { escapeInvisible } from "../../invisible-text.ts";
import type { LaunchGuard } from "../commands/guard.ts";
import type { CliContext } from "../context.ts";
import { resolveGuardPlaces } from "../directories.ts";
import { printError } from "../printable.ts";
import { becomeDaemon, detach, isDetached, reportReady } from "./detach.ts";
import { pidFileName, removePidFile, writePidFile } from "./pid-file.ts";
import { configRequestOf, type PortsentryRequest } from "./request.ts";
import { VERSION_LINE } from "./usage.ts";

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
  launch: LaunchGuard,
  ways: DaemonWays = DAEMON_WAYS,
): Promise<number> {
  // Whatever follows, 2.x says first who it is.
  if (request.dialect === "2.x") context.write(`${VERSION_LINE}\n`);
  const isDaemon = ways.isDetached(context.env);
  if (!request.isForeground && !isDaemon) {
    return ways.detach((text) => context.writeError(text));
  }
  const configRequest = configRequestOf(request);
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

/** What Debian's start script looks for in the list of processes. */
function titleOf({ dialect, tcpMode, udpMode }: PortsentryRequest): string {
  return `/usr/sbin/portsentry ${dialect === "1.2" ? `-${tcpMode || udpMode}` : "-D"}`;
}
