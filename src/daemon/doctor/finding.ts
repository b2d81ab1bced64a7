/** What a check finds: how bad it is, what is wrong, and what to do. */
import type { Severity } from "../../model/health.ts";
import type { Facts } from "./facts.ts";

export interface Finding {
  /** Stable; one of docs/DOCTOR.md, or of docs/HEALTH.md where a guard says the same. */
  readonly code: string;
  readonly severity: Severity;
  /** What is wrong, in one sentence or two. */
  readonly text: string;
  /** What to do about it; a command where there is one. */
  readonly action: string;
}

/** Pure: the same facts, the same findings. None when all is well, or nothing is known. */
export type Check = (facts: Facts) => readonly Finding[];
