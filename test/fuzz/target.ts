/**
 * What is fuzzed: an arbitrary that makes inputs, valid ones gone wrong by preference, and what
 * must hold for each of them, whatever it is.
 */
import fc from "fast-check";

/** An input for which something did not hold, made as small as it went. */
export interface Finding {
  readonly seed: number;
  /** fast-check's way to the input: with `seed` it makes this one again. */
  readonly path: string;
  /** The input, as JavaScript. */
  readonly input: string;
  readonly error: unknown;
}

interface FuzzRun {
  readonly inputs: number;
  readonly finding: Finding | undefined;
}

interface FuzzOptions {
  readonly seed: number;
  /** Inputs to try. */
  readonly inputs: number;
  /** Way to one input, as a {@link Finding} names it; it and what follows are tried. */
  readonly path?: string;
}

export interface FuzzTarget {
  /** One word, as it is named on the command line. */
  readonly name: string;
  /** Tries inputs until one fails. Never rejects for one. */
  readonly run: (options: FuzzOptions) => Promise<FuzzRun>;
  /** Tries one input that was kept. Rejects when it breaks a promise. */
  readonly replay: (bytes: Buffer) => Promise<void>;
}

/**
 * `holds` throws, or rejects, for an input that breaks a promise.
 * @param ofKept the input that a file of test/fuzz/corpus stands for.
 */
export function fuzzTarget<Input>(
  name: string,
  inputs: fc.Arbitrary<Input>,
  holds: (input: Input) => void | Promise<void>,
  ofKept: (bytes: Buffer) => Input,
): FuzzTarget {
  const run = async ({ seed, inputs: numRuns, path }: FuzzOptions): Promise<FuzzRun> => {
    const details = await fc.check(
      fc.asyncProperty(inputs, async (input) => holds(input)),
      { seed, numRuns, ...(path === undefined ? {} : { path }) },
    );
    if (!details.failed) return { inputs: details.numRuns, finding: undefined };
    const { counterexample, counterexamplePath, errorInstance } = details;
    return {
      inputs: details.numRuns,
      finding: {
        seed: details.seed,
        path: counterexamplePath ?? "",
        input: fc.stringify(counterexample?.[0]),
        error: errorInstance,
      },
    };
  };
  return { name, run, replay: async (bytes) => holds(ofKept(bytes)) };
}

/** @throws when `condition` does not hold: a finding, told in these words. */
export function promise(condition: boolean, words: string): asserts condition {
  if (!condition) throw new Error(words);
}
