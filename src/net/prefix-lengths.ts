/**
 * Which lengths of blocks a set is asked by, when each length costs every packet one question.
 *
 * A hash finds blocks of one length. Blocks of another are written as several of the next longer
 * length that is asked: a /22 is four /24. Few lengths make packets quick, many make the sets small;
 * of all choices of so many lengths the one with the fewest elements is taken. Source: V. Srinivasan
 * and G. Varghese, "Fast Address Lookups Using Controlled Prefix Expansion", ACM TOCS 17 (1999),
 * section 4.
 */

/** How a set is written. */
export interface LengthPlan {
  /** The lengths that are asked, ascending. */
  readonly lengths: readonly number[];
  /** Elements of all of them together. */
  readonly elements: number;
}

/** What to keep to. */
export interface LengthLimits {
  /** No more lengths than this, unless they are too few for `maxElements`. 1 or more. */
  readonly maxLengths: number;
  readonly maxElements: number;
  /** Elements beyond the blocks themselves for which fewer lengths are asked. */
  readonly spareElements: number;
}

/**
 * @param counts how many blocks there are of each length, by length.
 * @returns undefined when the blocks themselves are more than `maxElements`.
 */
export function planLengths(
  counts: readonly number[],
  { maxLengths, maxElements, spareElements }: LengthLimits,
): LengthPlan | undefined {
  const present = counts.flatMap((count, bits) => (count > 0 ? [bits] : []));
  const enough = counts.reduce((sum, count) => sum + count, 0) + spareElements;
  if (present.length === 0) return { lengths: [], elements: 0 };
  for (const plan of cheapestPlans(counts, present)) {
    const isEnough = plan.elements <= enough || plan.lengths.length >= maxLengths;
    if (isEnough && plan.elements <= maxElements) return plan;
  }
  return undefined;
}

/** The cheapest plan that asks one length, two, and so on; the longest is always asked. */
function* cheapestPlans(
  counts: readonly number[],
  present: readonly number[],
): Generator<LengthPlan> {
  // plans[i]: the cheapest for the first i + 1 lengths that are present, the last of them asked.
  let plans = present.map((last, index): LengthPlan => {
    return { lengths: [last], elements: expandedTo(last, counts, present.slice(0, index + 1)) };
  });
  yield plans.at(-1) as LengthPlan;
  for (let asked = 2; asked <= present.length; asked += 1) {
    const shorter = plans;
    plans = present.map((last, index) => {
      let best = shorter[index] as LengthPlan;
      for (let other = 0; other < index; other += 1) {
        const below = shorter[other] as LengthPlan;
        const elements =
          below.elements + expandedTo(last, counts, present.slice(other + 1, index + 1));
        if (elements < best.elements) best = { lengths: [...below.lengths, last], elements };
      }
      return best;
    });
    yield plans.at(-1) as LengthPlan;
  }
}

/** Elements that blocks of these lengths are when written as blocks of `bits`. */
function expandedTo(bits: number, counts: readonly number[], lengths: readonly number[]): number {
  return lengths.reduce(
    (sum, length) => sum + (counts[length] as number) * 2 ** (bits - length),
    0,
  );
}
