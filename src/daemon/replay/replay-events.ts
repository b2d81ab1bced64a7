/** What the pipeline tells in a replay: who looks at probes and verdicts, and no log. */
import type { Probe } from "../../model/probe.ts";
import type { Verdict } from "../../model/verdict.ts";
import type { ScanEvents } from "../events.ts";

export class ReplayEvents implements ScanEvents {
  readonly probe: (probe: Probe) => void;
  readonly verdict: (verdict: Verdict) => void;

  /** Both are called synchronously, for the packet at hand. */
  constructor(onProbe: (probe: Probe) => void, onVerdict: (verdict: Verdict) => void) {
    this.probe = onProbe;
    this.verdict = onVerdict;
  }

  evidence(): void {}

  raised(): void {}

  group(): void {}

  exonerated(): void {}

  spared(): void {}

  campaign(): void {}

  outcome(): void {}

  trust(): void {}

  async settled(): Promise<void> {}
}
