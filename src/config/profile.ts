/**
 * Which profile a file selects, and where each profile's file lies.
 *
 * The name of the file decides, and not what stands in it: a file must not change its meaning
 * because a line was added to it.
 */
import { basename } from "node:path";
import type { Profile } from "../config-key.ts";

/** Read when no file is named. */
export const DEFAULT_CONFIG_PATHS: Readonly<Record<Profile, string>> = {
  vedette: "/etc/vedette/vedette.conf",
  portsentry: "/etc/portsentry/portsentry.conf",
};

/** @returns "portsentry" for a file of the name portsentry.conf, in whatever directory. */
export function profileOf(path: string): Profile {
  return basename(path) === "portsentry.conf" ? "portsentry" : "vedette";
}
