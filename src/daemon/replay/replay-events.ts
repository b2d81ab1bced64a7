/** What the pipeline tells in a replay: it goes into the stories of the sources, and no log. */
import type { Probe } from "../../model/probe.ts";
import type { Verdict } from "../../model/verdict.ts";
import type { ScanEvents } from "../events.ts";
import type { SourceStories } from "./source-stories.ts";

export class ReplayEvents implements ScanEvents {
  readonly #stories: SourceStories;
  readonly #packetAtEpochMs: () => number;

  /** @param packetAtEpochMs the own time of the packet at hand. */
  constructor(stories: SourceStories, packetAtEpochMs: () => number) {
    this.#stories = stories;
    this.#packetAtEpochMs = packetAtEpochMs;
  }

  probe(probe: Probe): void {
    this.#stories.probe(probe, this.#packetAtEpochMs());
  }

  verdict(verdict: Verdict): void {
    this.#stories.verdict(verdict);
  }

  campaign(): void {}

  raised(): void {}

  group(): void {}

  exonerated(): void {}

  spared(): void {}

  outcome(): void {}

  trust(): void {}

  async settled(): Promise<void> {}
}
