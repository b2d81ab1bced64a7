/** Clocks of a guard that a test sets, and the machine's never. */
import { chmod, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Lab } from "./namespaces.ts";
import { PROJECT } from "./programs.ts";

export class ClockSteps {
  /** Words before the command whose clocks they are. */
  readonly prefix: readonly string[];
  readonly #file: string;

  private constructor(file: string) {
    this.#file = file;
    this.prefix = [
      "env",
      `NODE_OPTIONS=--import=${join(PROJECT, "test/support/stepped-clocks.ts")}`,
      `VEDETTE_TEST_CLOCKS=${file}`,
    ];
  }

  /** Clocks that are right. One a lab. */
  static async open(lab: Lab): Promise<ClockSteps> {
    const file = join(lab.folder, "clocks");
    const clocks = new ClockSteps(file);
    await clocks.set(0, 0);
    // The guard's unprivileged half reads it, too.
    await chmod(file, 0o644);
    return clocks;
  }

  /** From now on. @param suspendedMs and @param setByMs since the start, in all. */
  async set(suspendedMs: number, setByMs: number): Promise<void> {
    await writeFile(this.#file, `${suspendedMs} ${setByMs}`);
  }
}
