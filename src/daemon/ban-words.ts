/**
 * What a scanner is banned for and for how long, in the words of the start.
 *
 * Only what can come is promised: evidence that nothing here could ever give is not named, and with
 * PROOF handshake neither is a ban that a handshake nobody can complete would be needed for.
 */
import type { Settings } from "../config/schema.ts";
import { EVIDENCE_LEVELS, type Evidence } from "../model/evidence.ts";
import { missesToConvict } from "../model/walk.ts";
import { banStepsOf } from "./ban-steps.ts";
import { formatSpan } from "./spans.ts";
import { challengeRateOf, phantomOf } from "./table-plan.ts";

/**
 * "banned for 1 min (claimed) or 10 min (alive) after 4 unused ports (a trap port counts twice)".
 * @returns undefined when PROOF asks for a handshake and there is nothing to connect to.
 */
export function banWords(values: Settings): string | undefined {
  const spans = spansOf(values);
  if (spans.length === 0) return undefined;
  const once =
    values.PROOF === "handshake" ? `, once it has connected to ${provingPorts(values)}` : "";
  return `banned for ${spanWords(spans, values)} after ${portWords(values)}${once}`;
}

interface EvidenceSpan {
  readonly evidence: Evidence;
  readonly span: string;
}

/** First bans, by the evidence that bans and that something here can show. */
function spansOf(values: Settings): EvidenceSpan[] {
  const steps = banStepsOf(values);
  const canConnect = hasOpenPorts(values);
  const canShow = {
    claimed: true,
    alive: canConnect || challengeRateOf(values, false) > 0,
    proven: canConnect,
  } satisfies Record<Evidence, boolean>;
  return EVIDENCE_LEVELS.flatMap((evidence) => {
    const stepsMs = steps[evidence];
    if (stepsMs === undefined || !canShow[evidence]) return [];
    const [firstMs] = stepsMs;
    return [{ evidence, span: firstMs === undefined ? "good" : formatSpan(firstMs) }];
  });
}

/** Whether a stranger finds anything unused to complete a handshake with. */
function hasOpenPorts(values: Settings): boolean {
  if (values.TCP_MODE === "listen") return true;
  const phantom = phantomOf(values, false);
  const traps = values.TRAP_PORTS.without(values.ADVANCED_EXCLUDE_TCP);
  return phantom === "all" || (phantom === "traps" && traps.size > 0);
}

function spanWords(spans: readonly EvidenceSpan[], { PROOF }: Settings): string {
  const [first, ...others] = spans;
  const isOneSpan = others.every(({ span }) => span === first?.span);
  if (PROOF === "none" && others.length === 0) return `${first?.span} on a claim alone`;
  if (PROOF === "handshake" || (isOneSpan && others.length > 0)) return `${first?.span}`;
  const words = spans.map(({ evidence, span }) => `${span} (${evidence})`);
  return words.length === 1 ? `${words[0]}` : `${words.slice(0, -1).join(", ")} or ${words.at(-1)}`;
}

/** "4 unused ports (a trap port counts twice, UDP half)". */
function portWords(values: Settings): string {
  const port = values.SENSE_SERVED ? "port" : "unused port";
  if (values.DETECTOR === "sequential") {
    const trap = values.TRAP_PORTS.size > 0 ? "a trap port counts twice, " : "";
    return `${missesToConvict(values.STRICT)} ${port}s (${trap}UDP half)`;
  }
  const count = Math.max(1, values.SCAN_TRIGGER);
  const what = values.TRIGGER_COUNTS === "hits" ? "hit" : port;
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}

/** What proves a source: src/detectors/proven-ports.ts. */
function provingPorts(values: Settings): string {
  if (values.DETECTOR === "sequential") {
    return values.TRAP_PORTS.size > 0 ? "two of them or to a trap port" : "two of them";
  }
  if (values.SCAN_TRIGGER <= 1) return "it";
  return values.TRIGGER_COUNTS === "hits" ? "two unused ports" : "two of them";
}
