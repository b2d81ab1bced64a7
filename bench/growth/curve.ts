/** Questions about one curve, for those who say why it bends. Pure. */
import { formatNumber } from "../live/report-table.ts";
import type { GrowthPoint } from "./results.ts";

export interface CurvePoint {
  readonly size: number;
  readonly value: number;
}

/** What was measured of a curve, in rising order of the sizes. */
export function curveOf(points: readonly GrowthPoint[], id: string): CurvePoint[] {
  return points.flatMap(({ size, numbers }) => {
    const spread = numbers[id];
    return spread === undefined ? [] : [{ size, value: spread.median }];
  });
}

/** Those of this size or more; or less, or as much. */
export function from(points: readonly CurvePoint[], least: number): CurvePoint[] {
  return points.filter(({ size }) => size >= least);
}
export function upTo(points: readonly CurvePoint[], most: number): CurvePoint[] {
  return points.filter(({ size }) => size <= most);
}

/** The first point and the last. @returns undefined of less than two. */
export function endsOf(
  points: readonly CurvePoint[],
): readonly [first: CurvePoint, last: CurvePoint] | undefined {
  const [first] = points;
  const last = points.at(-1);
  return first === undefined || last === undefined || first === last ? undefined : [first, last];
}

/** "from 3.52 ms at 100 to 15.7 ms at 1,000"; empty of less than two points. */
export function formatEnds(points: readonly CurvePoint[], unit: string): string {
  const ends = endsOf(points);
  if (ends === undefined) return "";
  const [a, b] = ends.map(
    ({ size, value }) => `${formatNumber(value)} ${unit} at ${size.toLocaleString("en")}`,
  );
  return `from ${a} to ${b}`;
}

/** "between 4.08 and 5.18 ms"; empty of nothing. */
export function formatRange(points: readonly CurvePoint[], unit: string): string {
  if (points.length === 0) return "";
  const values = points.map(({ value }) => value);
  const [least, most] = [Math.min(...values), Math.max(...values)].map((each) =>
    formatNumber(each),
  );
  return `between ${least} and ${most} ${unit}`;
}

/** How much is added for each one more, between the two ends; undefined: nothing to go by. */
export function slopeOf(points: readonly CurvePoint[]): number | undefined {
  const ends = endsOf(points);
  if (ends === undefined) return undefined;
  const [a, b] = ends;
  return (b.value - a.value) / (b.size - a.size);
}

/** Does each value stand above the one before? */
export function isRising(points: readonly CurvePoint[]): boolean {
  return points.every(({ value }, place) => place === 0 || value > (points[place - 1]?.value ?? 0));
}
