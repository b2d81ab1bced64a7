/**
 * Every check, in the order of what a reader wants to know first, and what they find together.
 *
 * A guard that runs knows better: what it says under a code is told once, in its words.
 */
import type { Severity } from "../../model/health.ts";
import { checkFiles, checkLastingTrust, checkTrustEverybody } from "./check-access.ts";
import {
  checkAnswersDropped,
  checkDropsBefore,
  checkFlushing,
  checkLegacyRules,
  checkOffloading,
  checkOtherFirewalls,
  checkPublishedPorts,
  checkQuestionsRefused,
} from "./check-firewall.ts";
import { checkConfiguration, checkGuard, checkServiceLimits, checkUnseen } from "./check-guard.ts";
import {
  checkFeatures,
  checkKernelAge,
  checkLogGroup,
  checkNftables,
  checkReversePath,
} from "./check-kernel.ts";
import {
  checkBlocklists,
  checkClock,
  checkDisk,
  checkInterfaces,
  checkNeighbours,
  checkUser,
} from "./check-machine.ts";
import {
  checkMakeshift,
  checkNewServices,
  checkServedTraps,
  checkSshdOnTrap,
} from "./check-services.ts";
import type { Facts } from "./facts.ts";
import type { Check, Finding } from "./finding.ts";

/** All but what a guard says of itself. */
const CHECKS: readonly Check[] = [
  checkConfiguration,
  checkServiceLimits,
  checkNftables,
  checkKernelAge,
  checkFeatures,
  checkLogGroup,
  checkFiles,
  checkLastingTrust,
  checkTrustEverybody,
  checkSshdOnTrap,
  checkNeighbours,
  checkInterfaces,
  checkBlocklists,
  checkAnswersDropped,
  checkQuestionsRefused,
  checkDisk,
  checkClock,
  checkUser,
  checkServedTraps,
  checkMakeshift,
  checkNewServices,
  checkDropsBefore,
  checkReversePath,
  checkLegacyRules,
  checkFlushing,
  checkOffloading,
  checkPublishedPorts,
  checkOtherFirewalls,
  checkUnseen,
];

const RANK: Readonly<Record<Severity, number>> = { error: 0, warning: 1, notice: 2 };

/** How many checks there are. */
export const CHECK_COUNT = CHECKS.length + 1;

/** Everything that is found, the worst first. */
export function examine(facts: Facts): Finding[] {
  const ofGuard = checkGuard(facts);
  const said = new Set(ofGuard.map(({ code }) => code));
  const ofOthers = CHECKS.flatMap((check) => check(facts)).filter(({ code }) => !said.has(code));
  return [...ofGuard, ...ofOthers].sort((a, b) => RANK[a.severity] - RANK[b.severity]);
}
