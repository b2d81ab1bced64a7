/** What a self-test tells: each step with what was seen, and what came of the whole. */

/** Every step, in the order in which they are done. */
export type SelftestStepName =
  | "network"
  | "guard"
  | "served"
  | "sensed"
  | "held"
  | "judged"
  | "banned"
  | "dropped"
  | "unbanned"
  | "expired"
  | "stopped"
  | "cleaned";

/**
 * `skipped`: the configuration does not ask for it, a step that it builds on has failed, or the test
 * was interrupted.
 */
export type SelftestStepStatus = "passed" | "failed" | "skipped";

export interface SelftestStep {
  readonly name: SelftestStepName;
  readonly status: SelftestStepStatus;
  /** What was seen, or was not, in one sentence without a full stop. */
  readonly seen: string;
  readonly seconds: number;
}

export interface SelftestReport {
  readonly status: "passed" | "failed" | "interrupted";
  readonly version: string;
  /** Release of the kernel. */
  readonly kernel: string;
  readonly seconds: number;
  readonly steps: readonly SelftestStep[];
  /** What the guard itself found wrong meanwhile, each with its stable code. */
  readonly health: readonly { readonly code: string; readonly text: string }[];
  /** The folder with the guard's output, where it was to be kept; else null. */
  readonly kept: string | null;
}
