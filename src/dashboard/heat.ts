/** How bright a count is beside the highest one. */

/** Steps of brightness above "none". */
export const HEAT_LEVELS = 7;

/**
 * By the logarithm, because one port often gets a thousand times what another does, and one probe is
 * to be seen beside it.
 * @returns 0 for none, up to {@link HEAT_LEVELS} for `most`.
 */
export function heatLevel(count: number, most: number): number {
  if (count <= 0) return 0;
  if (most <= 1) return HEAT_LEVELS;
  const part = Math.log1p(count) / Math.log1p(most);
  return Math.max(1, Math.min(HEAT_LEVELS, Math.round(part * HEAT_LEVELS)));
}

/** A step of brightness, and the least count that has it. */
export interface HeatStep {
  readonly level: number;
  readonly least: number;
}

/** The steps that counts up to `most` have, the darkest first: what a legend shows. */
export function heatSteps(most: number): readonly HeatStep[] {
  const steps: HeatStep[] = [];
  for (let level = 1; level <= HEAT_LEVELS; level += 1) {
    const least = leastOf(level, most);
    if (heatLevel(least, most) === level) steps.push({ level, least });
  }
  return steps;
}

/** From a little below, because logarithms are not exact. */
function leastOf(level: number, most: number): number {
  let least = Math.floor(Math.expm1(((level - 0.5) / HEAT_LEVELS) * Math.log1p(most)));
  while (least < most && heatLevel(least, most) < level) least += 1;
  return least;
}
