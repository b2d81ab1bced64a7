/**
 * Carries what the detector remembers of sources over a restart, so that none is an amnesty.
 *
 * It is read before the first probe and written every few minutes and at the end. A failure costs
 * memory and nothing else; it is told, and the next writing is tried all the same.
 */
import { join } from "node:path";
import { MAX_SAVED_BYTES } from "../detectors/saved-sources.ts";
import type { SequentialDetector } from "../detectors/sequential.ts";
import type { HealthTracker } from "../health/tracker.ts";
import { readSourcesFile, SOURCES_FILE, writeSourcesFile } from "../journal/sources-file.ts";

export class SourcesMemory {
  readonly #path: string;
  readonly #detector: Pick<SequentialDetector, "save" | "restore">;
  readonly #health: Pick<HealthTracker, "raise" | "clear">;

  /** @param directory the journal's. */
  constructor(
    directory: string,
    detector: Pick<SequentialDetector, "save" | "restore">,
    health: Pick<HealthTracker, "raise" | "clear">,
  ) {
    this.#path = join(directory, SOURCES_FILE);
    this.#detector = detector;
    this.#health = health;
  }

  /** To be called before the first probe. What cannot be read is left where it is until a save. */
  restore(): void {
    const reading = readSourcesFile(this.#path, MAX_SAVED_BYTES);
    if (reading.status === "absent") return;
    if (reading.status === "unreadable") {
      this.#raise(`What was remembered of sources cannot be read: ${reading.reason}.`);
    } else if (this.#detector.restore(reading.bytes) === undefined) {
      this.#raise(`What was remembered of sources is damaged: ${this.#path}.`);
    }
  }

  save(): void {
    const failure = writeSourcesFile(this.#path, this.#detector.save());
    if (failure === undefined) this.#health.clear("sources-unsaved");
    else this.#raise(`What is remembered of sources cannot be written: ${failure}.`);
  }

  #raise(text: string): void {
    this.#health.raise(
      "sources-unsaved",
      "warning",
      text,
      "Make room in the state directory, and let the guard's user write there.",
    );
  }
}
