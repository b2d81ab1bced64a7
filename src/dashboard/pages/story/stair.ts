/** The lines of the stair that a score climbs. */
import type { ScoreView } from "../../../api/contract.ts";

export interface Stair {
  /** Of SVG, as is `area`. */
  readonly path: string;
  readonly area: string;
  /** Where it convicts. */
  readonly lineY: number;
}

/** Least part of the height that is above the line and below the first step. */
const MARGIN = 0.12;

/** One tread a step, all of one width; heights by powers of ten, from 1 on. */
export function stairOf(
  { steps, convicts_at: line }: Pick<ScoreView, "steps" | "convicts_at">,
  width: number,
  height: number,
): Stair {
  const heights = steps.map(({ score }) => Math.log10(Math.max(1, score)));
  const top = Math.max(Math.log10(Math.max(10, line)), ...heights);
  const yOf = (power: number): number =>
    round(height - (MARGIN + (power / top) * (1 - 2 * MARGIN)) * height);
  const tread = width / Math.max(1, steps.length);
  const points = heights.flatMap((power, place) => [
    `${round(place * tread)} ${yOf(power)}`,
    `${round((place + 1) * tread)} ${yOf(power)}`,
  ]);
  const path = points.length === 0 ? "" : `M0 ${yOf(0)}L${points.join("L")}`;
  return {
    path,
    area: path === "" ? "" : `${path}L${width} ${height}L0 ${height}Z`,
    lineY: yOf(Math.log10(Math.max(1, line))),
  };
}

function round(number: number): number {
  return Math.round(number * 10) / 10;
}
