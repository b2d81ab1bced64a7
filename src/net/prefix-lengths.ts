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
  /** As many lengths as possible, unless they are too few for `maxElements`. 1 or more. */
  readonly maxLengths: number;
  readonly maxElements: number;
}

/**
 * @param counts how many blocks there are of each length, by length.
 * @returns undefined when the blocks themselves are more than `maxElements`.
 */
export function planLengths(
  counts: readonly number[],
  { maxLengths, maxElements }: LengthLimits,
): LengthPlan | undefined {
  const present = counts.flatMap((count, bits) => (count > 0 ? [bits] : []));
  for (
    let lengths = Math.min(maxLengths, present.length);
    lengths <= present.length;
    lengths += 1
  ) {
    const plan = cheapest(counts, present, lengths);
    if (plan.elements <= maxElements) return plan;
  }
  return undefined;
}

/** The cheapest plan of `wanted` of the lengths that are present; the longest is always asked. */
function cheapest(
  counts: readonly number[],
  present: readonly number[],
  wanted: number,
): LengthPlan {
  // plans[i]: the cheapest for the first i + 1 lengths that are present, the last of them asked.
  let plans = present.map((last, index): LengthPlan => {
    const elements = expandedTo(last, counts, present.slice(0, index + 1));
    return { lengths: [last], elements };
  });
  for (let asked = 2; asked <= wanted; asked += 1) {
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
  }
  return plans.at(-1) ?? { lengths: [], elements: 0 };
}

/** Elements that blocks of these lengths are when written as blocks of `bits`. */
function expandedTo(bits: number, counts: readonly number[], lengths: readonly number[]): number {
  return lengths.reduce(
    (sum, length) => sum + (counts[length] as number) * 2 ** (bits - length),
    0,
  );
}
