/**
 * Finds who can answer a command: the running guard, or, for root, the kernel and the journal
 * themselves, because bans outlive the guard.
 */
import type { OfflineOperator, Operator } from "../api/operator.ts";
import { OperationalError } from "../errors.ts";
import { ApiOperator } from "./api-client.ts";
import type { CliContext, OpenOffline } from "./context.ts";
import type { PlaceOptions } from "./directories.ts";
import { resolveGuardPlaces, resolveSocketPath } from "./directories.ts";
import { printError } from "./printable.ts";

/** Loads the privileged code only when it is needed: most commands never touch the kernel. */
export const openOfflineLazily: OpenOffline = async (places, tell) => {
  const { openOfflineOperator } = await import("../daemon/offline.ts");
  return openOfflineOperator(places, tell);
};

/**
 * Runs `act` against the guard, and against the kernel and the journal when no guard listens and
 * the caller is root. `act` is called a second time only when the first never reached anybody.
 * @throws {OperationalError} ERR_NO_GUARD when there is no guard and the caller is not root,
 * ERR_UNAVAILABLE when a guard runs whose socket is gone.
 */
export async function withOperator<Result>(
  context: CliContext,
  options: PlaceOptions,
  act: (operator: Operator) => Promise<Result>,
): Promise<Result> {
  try {
    return await act(new ApiOperator(resolveSocketPath(options, context)));
  } catch (error) {
    if (!(error instanceof OperationalError) || error.code !== "ERR_NO_GUARD") throw error;
    if (context.uid !== 0) {
      const message = `${error.message}; start one with "vedette guard", or ask as root`;
      throw new OperationalError("ERR_NO_GUARD", message, { cause: error });
    }
  }
  return withOfflineOperator(context, options, (operator) => {
    if (operator.hasGuard()) throw withoutSocket(resolveSocketPath(options, context));
    return act(operator);
  });
}

function withoutSocket(path: string): OperationalError {
  return new OperationalError(
    "ERR_UNAVAILABLE",
    `a guard runs here, but nobody answers on its socket ${path}: it makes one that was removed again ` +
      "within seconds; if not, restart it (bans stand meanwhile), or name its directory with --run",
  );
}

/**
 * Runs `act` against the kernel and the journal, whether a guard runs or not.
 * @throws {OperationalError} ERR_PERMISSION when the caller is not root.
 */
export async function withOfflineOperator<Result>(
  context: CliContext,
  options: PlaceOptions,
  act: (operator: OfflineOperator) => Promise<Result>,
): Promise<Result> {
  if (context.uid !== 0) {
    throw new OperationalError("ERR_PERMISSION", "this needs root; try again with sudo");
  }
  const places = resolveGuardPlaces(options, context);
  const tell = (text: string) => printError(context, `vedette: ${text}`);
  const operator = await context.openOffline(places, tell);
  try {
    return await act(operator);
  } finally {
    await operator.close();
  }
}
