/** Where a value stands on an axis, and which values an axis names. Pure. */

export type ScaleKind = "logarithmic" | "linear";

export interface Scale {
  /** Where a value stands, in the units of the drawing. */
  place(value: number): number;
  /** Values that the axis names, from its one end to the other. */
  readonly ticks: readonly number[];
}

/** The two ends of an axis in the drawing; the second may be the smaller one. */
export type Extent = readonly [number, number];

/** Ticks that a linear axis has about. */
const TICKS = 5;

/** An axis that spans no more decades than this names 2 and 5 of each, too. */
const FEW_DECADES = 2;

/**
 * An axis on which all of the values have a place.
 * @throws {RangeError} when a value is no finite number, or not above 0 on a logarithmic axis.
 */
export function scaleOf(kind: ScaleKind, values: readonly number[], extent: Extent): Scale {
  if (values.length === 0) throw new RangeError("an axis needs a value");
  const least = kind === "logarithmic" ? Number.MIN_VALUE : 0;
  const wrong = values.find((value) => !Number.isFinite(value) || value < least);
  if (wrong !== undefined) throw new RangeError(`${wrong} has no place on a ${kind} axis`);
  const most = Math.max(...values);
  return kind === "logarithmic"
    ? logarithmic(Math.min(...values), most, extent)
    : linear(most, extent);
}

/** From the power of ten at or below the least to the one at or above the most. */
function logarithmic(least: number, most: number, [start, end]: Extent): Scale {
  const first = Math.floor(Math.log10(least));
  const last = Math.max(first + 1, Math.ceil(Math.log10(most)));
  const decades = last - first;
  const steps = decades > FEW_DECADES ? [1] : [1, 2, 5];
  const ticks = Array.from({ length: decades }, (_, decade) =>
    steps.map((step) => powerOfTen(first + decade, step)),
  ).flat();
  return {
    place: (value) => start + ((Math.log10(value) - first) / decades) * (end - start),
    ticks: [...ticks, powerOfTen(last)],
  };
}

/** As it is written: 10 ** -3 times 5 would be 0.005000000000000001. */
function powerOfTen(exponent: number, times = 1): number {
  return Number(`${times}e${exponent}`);
}

/** From 0 to the first round number at or above the most. */
function linear(most: number, [start, end]: Extent): Scale {
  const step = roundStep((most || 1) / TICKS);
  const count = Math.max(1, Math.ceil(most / step - 1e-9));
  const top = count * step;
  return {
    place: (value) => start + (value / top) * (end - start),
    ticks: Array.from({ length: count + 1 }, (_, index) => Number((index * step).toPrecision(12))),
  };
}

/** The least of 1, 2 and 5 times a power of ten that is not below. */
function roundStep(least: number): number {
  const exponent = Math.floor(Math.log10(least));
  const step = [1, 2, 5].find((each) => powerOfTen(exponent, each) >= least * (1 - 1e-9));
  return step === undefined ? powerOfTen(exponent + 1) : powerOfTen(exponent, step);
}

/** A number as an axis has room for it: "65k", "1M", "0.5". */
export function formatTick(value: number): string {
  for (const [unit, letter] of [
    [1e9, "G"],
    [1e6, "M"],
    [1e3, "k"],
  ] as const) {
    if (value >= unit) return `${Number((value / unit).toPrecision(3))}${letter}`;
  }
  return String(Number(value.toPrecision(3)));
}
