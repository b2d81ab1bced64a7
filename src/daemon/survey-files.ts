/**
 * Looks at files that keys name as a start would, for commands that only tell what is wrong.
 *
 * Nothing is made, and nothing of what is in them is told. Where root asks, the databases are opened
 * with the rights of the guard's user, who reads them.
 */
import { closeSync, constants, openSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { readApiToken } from "../broker/api-token.ts";
import type { Settings } from "../config/schema.ts";
import { isSystemError } from "../errors.ts";
import { tryAlertFiles } from "./alert-files.ts";
import { asUser } from "./as-user.ts";
import { readGeoFile } from "./geo-file.ts";
import { findUser, NOBODY } from "./privileges.ts";

/** What a guard would not use, and why. */
export interface FileFault {
  readonly key: keyof Settings;
  /** With the path, and without a full stop. */
  readonly reason: string;
}

/** In the order of ways and paths. */
export async function surveyFiles(values: Settings): Promise<readonly FileFault[]> {
  const faults: FileFault[] = [...tryAlertFiles(values).faults, ...surveyTokens(values)];
  for (const path of values.GEO_DB) {
    const reason = await surveyDatabase(path);
    if (reason !== undefined) faults.push({ key: "GEO_DB", reason: `${path}: ${reason}` });
  }
  return faults;
}

/** A token of the state directory is the guard's to make. */
function surveyTokens(values: Settings): FileFault[] {
  if (values.API_LISTEN === undefined) return [];
  return (["API_TOKEN_FILE", "API_READ_TOKEN_FILE"] as const).flatMap((key) => {
    const path = values[key];
    const reason = path === undefined ? undefined : whyNoToken(path);
    return reason === undefined ? [] : [{ key, reason }];
  });
}

function whyNoToken(path: string): string | undefined {
  const reading = readApiToken(path);
  if (reading.status === "refused") return reading.reason;
  if (reading.status === "read") return undefined;
  const folder = dirname(path);
  const isFolder = statSync(folder, { throwIfNoEntry: false })?.isDirectory() ?? false;
  return isFolder ? undefined : `${path} cannot be made: ${folder} is no directory`;
}

async function surveyDatabase(path: string): Promise<string | undefined> {
  if (!asUser(findUser() ?? NOBODY, () => mayRead(path))) {
    const whose = process.geteuid?.() === 0 ? "the guard's user" : "who asks";
    return `${whose} may not read it`;
  }
  const reading = await readGeoFile(path, undefined);
  return reading !== "unchanged" && reading.status === "unusable" ? reading.reason : undefined;
}

/** False where the rights are missing; whatever else is wrong shows when it is read. */
function mayRead(path: string): boolean {
  try {
    closeSync(openSync(path, constants.O_RDONLY | constants.O_NONBLOCK));
    return true;
  } catch (error) {
    if (!isSystemError(error)) throw error;
    return error.code !== "EACCES" && error.code !== "EPERM";
  }
}
