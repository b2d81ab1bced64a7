/**
 * What is found while a configuration is read: faults, which stop it, and warnings, which do not.
 *
 * All are kept and told at once, in the order in which they stand in the files: whoever mends one
 * fault must not be sent back for the next. A warning is a line that is in force in another way
 * than it looks, or not at all.
 */

/** Where something stands. */
export interface Place {
  /** "FILE:LINE", "FILE" or "command line"; "default" where nobody has said it. */
  readonly name: string;
  /** Order of telling: the line of the file, 0 for the file as a whole. */
  readonly order: number;
}

/** Told after everything in the file. */
export const AFTER_THE_FILE = Number.MAX_SAFE_INTEGER;

/** One thing that was found. */
export interface ConfigFinding {
  /** The name of its {@link Place}. */
  readonly place: string;
  /** Begins with the key where there is one. May hold what stands in the file: escape to print. */
  readonly text: string;
}

interface OrderedFinding extends ConfigFinding {
  readonly order: number;
}

/** Gathers in any order and tells in the order of places. */
export class Findings {
  readonly #faults: OrderedFinding[] = [];
  readonly #warnings: OrderedFinding[] = [];

  fault({ name, order }: Place, text: string): void {
    this.#faults.push({ place: name, order, text });
  }

  warn({ name, order }: Place, text: string): void {
    this.#warnings.push({ place: name, order, text });
  }

  /** All so far, those of one place in the order in which they were found. */
  get faults(): ConfigFinding[] {
    return inOrder(this.#faults);
  }

  /** As {@link Findings.faults}. */
  get warnings(): ConfigFinding[] {
    return inOrder(this.#warnings);
  }
}

/** "/etc/vedette/vedette.conf:14: SCAN_TRIGGER: -1 is below 0". */
export function formatFinding(finding: ConfigFinding): string {
  return `${finding.place}: ${finding.text}`;
}

/** "/etc/portsentry/portsentry.conf:14: warning: BLOCK_TCP: the closing quote is missing". */
export function formatWarning({ place, text }: ConfigFinding): string {
  return formatFinding({ place, text: `warning: ${text}` });
}

function inOrder(findings: readonly OrderedFinding[]): ConfigFinding[] {
  return findings.toSorted((a, b) => a.order - b.order).map(({ place, text }) => ({ place, text }));
}
