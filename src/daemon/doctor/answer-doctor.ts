/** Carries out `vedette doctor`: reads the facts, and tells what every check finds. */
import type { Severity } from "../../model/health.ts";
import { VERSION } from "../../version.ts";
import { CHECK_COUNT, examine } from "./examine.ts";
import type { GuardFact } from "./facts.ts";
import type { Finding } from "./finding.ts";
import { type FactsRequest, readFacts } from "./read-facts.ts";

/** What the command hands over and shows. */
export type { FactsRequest, Finding, GuardFact };

export interface DoctorReport {
  /** The worst that was found; "fine" when nothing was. */
  readonly status: Severity | "fine";
  readonly version: string;
  /** Release of the kernel. */
  readonly kernel: string;
  /** How many checks there are. */
  readonly checks: number;
  /** The worst first. */
  readonly findings: readonly Finding[];
}

/** Never throws for what a machine may hold. */
export async function answerDoctor(request: FactsRequest): Promise<DoctorReport> {
  const facts = await readFacts(request);
  const findings = examine(facts);
  return {
    status: findings[0]?.severity ?? "fine",
    version: VERSION,
    kernel: facts.kernelRelease,
    checks: CHECK_COUNT,
    findings,
  };
}
