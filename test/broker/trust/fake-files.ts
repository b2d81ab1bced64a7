/** A folder of files for one test, and sources that say what the test wants. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { TrustReading, TrustSource } from "../../../src/broker/trust/trust-source.ts";

export class FakeFiles implements Disposable {
  readonly folder = mkdtempSync(join(tmpdir(), "vedette-trust-"));

  path(name: string): string {
    return join(this.folder, name);
  }

  /** Writes a file and the folders above it. @returns its path. */
  write(name: string, content: string | Buffer): string {
    mkdirSync(dirname(this.path(name)), { recursive: true });
    writeFileSync(this.path(name), content);
    return this.path(name);
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** A source whose readings a test sets. */
export class FakeSource implements TrustSource {
  readonly name: string;
  readonly isVital: boolean;
  reading: TrustReading = { status: "read", entries: [], faults: [] };

  constructor(name: string, isVital = false) {
    this.name = name;
    this.isVital = isVital;
  }

  read(): TrustReading {
    return this.reading;
  }
}

/** The prefixes of a good reading. @throws for another: a mistake in a test. */
export function prefixesOf(reading: TrustReading): string[] {
  if (reading.status !== "read") throw new Error(reading.reason);
  return reading.entries.map(({ prefix }) => prefix);
}
