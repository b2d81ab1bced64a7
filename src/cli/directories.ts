/**
 * Where the guard of this command line lives, so that several can run side by side.
 *
 * An option goes before the environment, and that before the default. Commands of somebody who is
 * not root talk to their own guard when it has a socket, else to the machine's.
 */
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { OperationalError } from "../errors.ts";
import type { CliContext, GuardPlaces } from "./context.ts";

const SYSTEM_RUN_DIRECTORY = "/run/vedette";
const SYSTEM_STATE_DIRECTORY = "/var/lib/vedette";

/** Name of the API's socket in the run directory. */
const API_SOCKET_NAME = "api.sock";

/** sun_path has 108 octets, the last of them zero (unix(7)). */
const MAX_SOCKET_PATH_BYTES = 107;

/** What the command line says about places. */
export interface PlaceOptions {
  readonly run?: string | undefined;
  readonly state?: string | undefined;
}

/** Absolute directories for a guard, or for commands that do without one. */
export function resolveGuardPlaces(options: PlaceOptions, context: CliContext): GuardPlaces {
  return {
    runDirectory: resolve(namedRunDirectory(options, context) ?? ownRunDirectory(context)),
    stateDirectory: resolve(
      options.state || context.env["VEDETTE_STATE_DIR"] || ownStateDirectory(context),
    ),
  };
}

/**
 * The socket that commands talk to.
 * @throws {OperationalError} ERR_USAGE when its path is too long for the kernel.
 */
export function resolveSocketPath(options: PlaceOptions, context: CliContext): string {
  const own = apiSocketPath(resolveGuardPlaces(options, context).runDirectory);
  if (context.uid === 0 || namedRunDirectory(options, context) !== undefined) return own;
  return existsSync(own) ? own : apiSocketPath(SYSTEM_RUN_DIRECTORY);
}

/**
 * The API's socket of the guard in `runDirectory`.
 * @throws {OperationalError} ERR_USAGE when the path is too long for the kernel.
 */
export function apiSocketPath(runDirectory: string): string {
  const path = join(runDirectory, API_SOCKET_NAME);
  if (Buffer.byteLength(path) > MAX_SOCKET_PATH_BYTES) {
    const message =
      `${path}: longer than the ${MAX_SOCKET_PATH_BYTES} bytes that a socket's path can have; ` +
      "choose a shorter --run directory";
    throw new OperationalError("ERR_USAGE", message);
  }
  return path;
}

/** An empty option or variable counts as left out. */
function namedRunDirectory(options: PlaceOptions, context: CliContext): string | undefined {
  return options.run || context.env["VEDETTE_RUN_DIR"] || undefined;
}

/** Without a session's directory a guard of one's own lives beside its journal, never in /tmp. */
function ownRunDirectory(context: CliContext): string {
  if (context.uid === 0) return SYSTEM_RUN_DIRECTORY;
  const runtime = context.env["XDG_RUNTIME_DIR"];
  return runtime ? join(runtime, "vedette") : join(ownStateDirectory(context), "run");
}

function ownStateDirectory(context: CliContext): string {
  if (context.uid === 0) return SYSTEM_STATE_DIRECTORY;
  return join(context.env["HOME"] || homedir(), ".local/state/vedette");
}
