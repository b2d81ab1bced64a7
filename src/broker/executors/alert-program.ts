/**
 * Runs the operator's ALERT_COMMAND with one alert: a program by its path, without a shell and
 * without arguments.
 *
 * It runs as the broker's user, which is root, as the commands of KILL_* do, and gets the alert as
 * one line of JSON on its standard input. What the guard can shape stands in that line alone: the
 * variables of its environment are words of closed lists and a formatted prefix.
 */
import { accessSync, constants, lstatSync } from "node:fs";
import { isSystemError } from "../../errors.ts";
import type { AlertKind } from "../../model/alert-kind.ts";
import type { Severity } from "../../model/health.ts";
import { formatPrefix, type Prefix } from "../../net/prefix.ts";
import { isOwnersOnly } from "../trust/text-file.ts";
import { type CommandOutcome, runProgram } from "./command-runner.ts";
import { resolveTrustedPath } from "./trusted-path.ts";

/** One alert as the program gets it. */
export interface ToldAlert {
  readonly kind: AlertKind;
  readonly severity: Severity;
  /** null: it is about no source, or about one that is trusted. */
  readonly source: Prefix | null;
  /** JSON on one line. */
  readonly body: string;
}

/**
 * @returns why the file is not run: it is not there, cannot be run, or somebody else than root can
 * write it or lay another in its place; undefined when it is.
 */
export function whyNotRun(path: string): string | undefined {
  try {
    const resolution = resolveTrustedPath(path);
    if (resolution.status === "refused") return resolution.reason;
    const stats = lstatSync(resolution.path, { throwIfNoEntry: false });
    if (stats === undefined) return `${path} does not exist`;
    if (!isOwnersOnly(stats)) return `${path} can be written by others than its owner, root`;
    accessSync(resolution.path, constants.X_OK);
    return undefined;
  } catch (error) {
    if (!isSystemError(error)) throw error;
    if (error.code === "EACCES") return `${path} is not executable (chmod +x ${path})`;
    return `${path} cannot be looked at: ${error.code ?? error.message}`;
  }
}

/** Looks at the file each time, because it may have changed. Never rejects. */
export async function runAlertProgram(
  path: string,
  { kind, severity, source, body }: ToldAlert,
  timeoutMs: number,
): Promise<CommandOutcome> {
  const reason = whyNotRun(path);
  if (reason !== undefined) return { status: "not-started", reason };
  const environment = {
    VEDETTE_KIND: kind,
    VEDETTE_SEVERITY: severity,
    VEDETTE_SOURCE: source === null ? "" : formatPrefix(source),
  };
  return runProgram(path, { input: `${body}\n`, environment }, timeoutMs);
}
