/** Reads the systemd service that guards this machine, if its unit is installed. Nothing throws. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { readSmallFile } from "./read-small-file.ts";
import { ServiceUnit } from "./service-unit.ts";

/** Where systemd looks for units; what an earlier one has hides a later one's. systemd.unit(5). */
export const UNIT_FOLDERS: readonly string[] = [
  "/etc/systemd/system",
  "/run/systemd/system",
  "/usr/local/lib/systemd/system",
  "/usr/lib/systemd/system",
  "/lib/systemd/system",
];

/** Larger than any unit that a person has written. */
const MAX_KIB = 1024;

/** The unit of the broker, which runs the operator's commands. */
export const SERVICE_NAME = "vedette.service";

/** @returns its settings with those of its drop-ins; undefined where there is no such unit. */
export function readService(folders: readonly string[] = UNIT_FOLDERS): ServiceUnit | undefined {
  const unit = firstText(folders.map((folder) => join(folder, SERVICE_NAME)));
  if (unit === undefined) return undefined;
  const dropIns = folders.map((folder) => join(folder, `${SERVICE_NAME}.d`));
  const names = new Set(dropIns.flatMap((folder) => namesIn(folder)));
  const texts = [...names]
    .sort()
    .map((name) => firstText(dropIns.map((folder) => join(folder, name))) ?? "");
  return new ServiceUnit([unit, ...texts]);
}

function firstText(paths: readonly string[]): string | undefined {
  for (const path of paths) {
    const text = textOf(path);
    if (text !== undefined) return text;
  }
  return undefined;
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).filter((name) => name.endsWith(".conf"));
  } catch {
    // Most services have none.
    return [];
  }
}

function textOf(path: string): string | undefined {
  const reading = readSmallFile(path, MAX_KIB);
  return reading.status === "read" ? reading.text : undefined;
}
