/** A configuration file that is taken although others than root can write it, as a problem. */
import type { Configuration } from "../config/load.ts";
import type { HealthTracker } from "../health/tracker.ts";

/** Told of each configuration that was read; one that nobody else can write ends the problem. */
export function warnOfLooseFile(
  { path, looseness }: Pick<Configuration, "path" | "looseness">,
  health: HealthTracker,
): void {
  if (looseness === undefined) {
    health.clear("config-writable");
    return;
  }
  const action = "Take the right to write away from everybody but root, then run: vedette reload.";
  health.raise("config-writable", "warning", `${path}: ${looseness}.`, action);
}
