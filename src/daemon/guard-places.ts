/**
 * Tells the commands that work without a guard which files the last guard went by.
 *
 * A guard is started with a configuration of choice; `vedette trust` an hour later is not. If that
 * command asked another ignore file, it would write trust into the kernel without those whom the
 * guard's own file names. So a start leaves word in the state directory, in a file that is root's
 * to write and everybody's to read, and that is believed only then.
 */
import { join, resolve } from "node:path";
import { z } from "zod";
import { replaceFile } from "../broker/replace-file.ts";
import { isOwnersOnly, readFile } from "../broker/trust/text-file.ts";
import { isSystemError } from "../errors.ts";

/** Its name in the state directory. */
export const GUARD_FILE = "guard.json";

const guardPlacesSchema = z.object({
  /** The configuration file that was, or would have been, read. Absolute. */
  configPath: z.string(),
  ignoreFile: z.object({
    /** IGNORE_FILE. Absolute; left out when there is none. */
    path: z.string().optional(),
    /** Somebody has named it, so that its absence is a fault. */
    isNamed: z.boolean(),
  }),
  /** TCP_MODE and UDP_MODE, which a command line may have named. */
  modes: z.object({ tcp: z.string(), udp: z.string() }),
});

/** What a guard went by. */
export type GuardPlaces = z.output<typeof guardPlacesSchema>;

/** `absent`: no guard has left word there. */
export type GuardPlacesReading =
  | { readonly status: "read"; readonly places: GuardPlaces }
  | { readonly status: "absent" }
  | { readonly status: "unreadable"; readonly reason: string };

/**
 * Leaves word. Called by the privileged process at each start, when the state directory stands and
 * before the guard does. Relative paths are taken from the working directory.
 * @returns why it could not be written, for a health problem; undefined when it was.
 */
export function writeGuardPlaces(stateDirectory: string, places: GuardPlaces): string | undefined {
  const path = join(stateDirectory, GUARD_FILE);
  const { isNamed, path: ignorePath } = places.ignoreFile;
  const absolute: GuardPlaces = {
    configPath: resolve(places.configPath),
    modes: places.modes,
    ignoreFile: { isNamed, ...(ignorePath === undefined ? {} : { path: resolve(ignorePath) }) },
  };
  try {
    replaceFile(path, `${JSON.stringify(absolute)}\n`, true);
    return undefined;
  } catch (error) {
    if (!isSystemError(error)) throw error;
    return `${path} cannot be written: ${error.code ?? error.message}`;
  }
}

/** Reads what the last start has left. Never throws for what the machine may hold. */
export function readGuardPlaces(stateDirectory: string): GuardPlacesReading {
  const path = join(stateDirectory, GUARD_FILE);
  const file = readFile(path);
  if (file.status !== "read") return file;
  if (!isOwnersOnly(file.stats)) {
    return { status: "unreadable", reason: `${path} can be written by others than root` };
  }
  const places = guardPlacesSchema.safeParse(parseJson(file.bytes.toString()));
  if (places.success) return { status: "read", places: places.data };
  return { status: "unreadable", reason: `${path} is not what a guard leaves there` };
}

/** @returns undefined for what is no JSON. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return undefined;
  }
}
