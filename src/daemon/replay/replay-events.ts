/** What the pipeline tells in a replay: nobody but who looks at verdicts, and no log. */
import type { Verdict } from "../../model/verdict.ts";
import type { ScanEvents } from "../events.ts";

export class ReplayEvents implements ScanEvents {
  readonly verdict: (verdict: Verdict) => void;

  /** @param onVerdict called synchronously, for the packet at hand. */
  constructor(onVerdict: (verdict: Verdict) => void) {
    this.verdict = onVerdict;
  }

  probe(): void {}

  raised(): void {}

  group(): void {}

  exonerated(): void {}

  spared(): void {}

  campaign(): void {}

  outcome(): void {}

  trust(): void {}

  async settled(): Promise<void> {}
}
