/** Does what a command line of `portsentry` asks, in the foreground. */
import { formatWarning } from "../../config/findings.ts";
import { requireConfiguration } from "../../config/load.ts";
import { OperationalError } from "../../errors.ts";
import { escapeInvisible } from "../../invisible-text.ts";
import type { LaunchGuard } from "../commands/guard.ts";
import type { CliContext } from "../context.ts";
import { resolveGuardPlaces } from "../directories.ts";
import { printError } from "../printable.ts";
import { configRequestOf, type PortsentryRequest } from "./request.ts";
import { VERSION_LINE } from "./usage.ts";

/**
 * @returns the guard's exit status.
 * @throws {OperationalError} ERR_CONFIG_INVALID, or ERR_UNAVAILABLE for a request to detach.
 */
export async function launchRequest(
  request: PortsentryRequest,
  context: CliContext,
  launch: LaunchGuard,
): Promise<number> {
  // Whatever follows, 2.x says first who it is.
  if (request.dialect === "2.x") context.write(`${VERSION_LINE}\n`);
  const configRequest = configRequestOf(request);
  const configuration = requireConfiguration(configRequest);
  for (const warning of configuration.warnings) {
    printError(context, `portsentry: ${escapeInvisible(formatWarning(warning))}`);
  }
  if (request.judgesOwnAddresses) {
    const text = "-L changes nothing: this machine's own addresses are judged, and never banned";
    printError(context, `portsentry: ${text}`);
  }
  if (!request.isForeground) {
    throw new OperationalError("ERR_UNAVAILABLE", "it cannot detach; start it with --foreground");
  }
  return launch({
    configuration,
    configRequest,
    ...resolveGuardPlaces({}, context),
    watchOnly: false,
    confirmWithinMs: undefined,
    onStop: undefined,
    despiteNeighbours: false,
    logOutputs: request.logOutputs,
    verbosity: request.verbosity,
  });
}
