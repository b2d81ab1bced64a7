/**
 * Medians, quartiles and paired ratios of what was measured. Pure.
 *
 * Rounds are paired: every contestant plays in each, one after the other, so what the machine does
 * beside it is about the same for all of one round. A ratio is taken within a round, and the median
 * over the rounds; that of two medians would compare one round's luck with another's.
 */

/** The middle, and the quartiles on both sides of it. */
export interface Spread {
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

/** @returns undefined of no values. Quantiles lie between values where none is in their place. */
export function spreadOf(values: readonly number[]): Spread | undefined {
  if (values.length === 0) return undefined;
  const sorted = values.toSorted((a, b) => a - b);
  return {
    median: quantile(sorted, 0.5),
    low: quantile(sorted, 0.25),
    high: quantile(sorted, 0.75),
  };
}

/** Linear between the two nearest, as R's type 7 and most tools have it. */
function quantile(sorted: readonly number[], share: number): number {
  const place = (sorted.length - 1) * share;
  const below = sorted[Math.floor(place)] as number;
  const above = sorted[Math.ceil(place)] as number;
  return below + (above - below) * (place - Math.floor(place));
}

/**
 * Ratios of each round to the same round without a guard. A round that either side has not, or where
 * the base is 0, has none; neither has one whose base is below 0, as noise around nothing can be.
 */
export function pairedRatios(
  values: readonly (number | undefined)[],
  base: readonly (number | undefined)[],
): number[] {
  return values.flatMap((value, round) => {
    const divisor = base[round];
    return value === undefined || divisor === undefined || divisor <= 0 ? [] : [value / divisor];
  });
}

/** Every contestant plays at every place of the order once in so many rounds as there are. */
export function rotated<Item>(items: readonly Item[], by: number): Item[] {
  const start = items.length === 0 ? 0 : by % items.length;
  return [...items.slice(start), ...items.slice(0, start)];
}
