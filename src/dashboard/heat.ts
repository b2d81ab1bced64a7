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
