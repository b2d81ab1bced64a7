/** Runs an engine over packets and says whom it convicted. */
import type { EngineEntry } from "../../bench/engines/engine.ts";
import type { Sight } from "../../bench/sight.ts";

/** @returns "address@ms" of each conviction, in their order. */
export function convictionsOf(entry: EngineEntry, sights: readonly Sight[]): string[] {
  const convicted: string[] = [];
  const engine = entry.make((source, atEpochMs) => convicted.push(`${source}@${atEpochMs}`), {
    ours: ["198.51.100.10"],
    packets: sights.map(({ packet }) => packet),
  });
  for (const sight of sights) engine.observe(sight);
  engine.end();
  return convicted;
}
