/** One thing that can grow: at which sizes it is measured, and which numbers are taken at each. */
import type { Lab } from "../../test/support/namespaces.ts";
import type { GrowthPoint } from "./results.ts";
import type { ScaleKind } from "./scale.ts";

/** One curve. */
export interface Curve {
  /** In the results, as `add`; never changed. */
  readonly id: string;
  readonly title: string;
}

/** Curves of one unit, which share their axes. */
interface CurveGroup {
  /** What is counted, with its unit: "memory, MB". */
  readonly title: string;
  readonly y: ScaleKind;
  readonly curves: readonly Curve[];
}

/** All that were taken, by {@link Curve.id}; what could not be counted is left out. */
export type Samples = Readonly<Record<string, readonly number[]>>;

export interface GrowthSettings {
  /** How long traffic flows, or nothing happens, for one number. Seconds, whole. */
  readonly seconds: number;
  /** How often a question is asked for one number. */
  readonly questions: number;
}

export interface Subject {
  readonly name: string;
  readonly title: string;
  /** What the sizes count. */
  readonly sizeTitle: string;
  readonly x: ScaleKind;
  readonly sizes: readonly number[];
  readonly quickSizes: readonly number[];
  readonly groups: readonly CurveGroup[];
  /** How it is measured; for docs/BENCHMARKS.md. */
  readonly words: string;
  /**
   * Why curves bend where they do, in paragraphs: what the code does, with the numbers of this run.
   * What needs a number that was not measured is left out.
   */
  bends(points: readonly GrowthPoint[]): readonly string[];
  /** Measures at one size, in a lab that is taken down afterwards. */
  measure(lab: Lab, size: number, settings: GrowthSettings): Promise<Samples>;
}
