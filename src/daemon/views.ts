/** What is known inside, in the shape of the API's contract. */
import type { BanView, HealthView, OutcomeView, ReloadView } from "../api/contract.ts";
import type { Ban } from "../model/ban.ts";
import { describeEvidence } from "../model/evidence.ts";
import type { HealthProblem } from "../model/health.ts";
import type { Outcome } from "../model/order.ts";
import type { ReloadOutcome } from "../model/reload.ts";
import { formatPrefix, type Prefix } from "../net/prefix.ts";

/** RFC 3339 in UTC. */
export function isoTime(epochMs: number): string {
  return new Date(epochMs).toISOString();
}

export function banView(ban: Ban, nowEpochMs: number, isInForce = true): BanView {
  const { prefix, sinceEpochMs, untilEpochMs } = ban;
  return {
    address: formatPrefix(prefix),
    since: isoTime(sinceEpochMs),
    until: untilEpochMs === undefined ? null : isoTime(untilEpochMs),
    remaining_seconds:
      untilEpochMs === undefined
        ? null
        : Math.max(0, Math.round((untilEpochMs - nowEpochMs) / 1000)),
    evidence: ban.evidence,
    evidence_text: ban.origin === "operator" ? "" : describeEvidence(ban.evidence),
    score: ban.score?.value ?? null,
    origin: ban.origin,
    reason: ban.reason,
    rule: ban.ruleId ?? null,
    campaign: ban.campaignId ?? null,
    config_revision: ban.configRevision,
    means: [...ban.means],
    in_force: isInForce,
  };
}

export function healthView(problem: HealthProblem): HealthView {
  const { code, severity, text, action, sinceEpochMs } = problem;
  return { code, severity, text, action, since: isoTime(sinceEpochMs) };
}

export function outcomeView(prefix: Prefix, outcome: Outcome): OutcomeView {
  const address = formatPrefix(prefix);
  const { status } = outcome;
  return "reason" in outcome ? { address, status, reason: outcome.reason } : { address, status };
}

export function reloadView(outcome: ReloadOutcome): ReloadView {
  const { status, configRevision, changed, faults, warnings, guard, memory } = outcome;
  return {
    status,
    config_revision: configRevision,
    changed: [...changed],
    faults: [...faults],
    warnings: [...warnings],
    guard,
    memory,
  };
}
