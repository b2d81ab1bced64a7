/** A terminal and a machine for one command line: keeps what was printed, in memory. */
import type { OfflineOperator } from "../../src/api/operator.ts";
import type { CliContext } from "../../src/cli/context.ts";

/** One minute after the ban of the fake operator began. */
const NOW_EPOCH_MS = Date.parse("2026-11-22T13:04:00.000Z");

export interface FakeContext extends CliContext {
  readonly printed: () => string;
  readonly printedErrors: () => string;
}

/** Somebody who is not root, in UTC, whose output is no terminal; no guard, and nobody to ask. */
export function createFakeContext(overrides: Partial<CliContext> = {}): FakeContext {
  let out = "";
  let err = "";
  return {
    env: {},
    uid: 1000,
    clock: { monotonicMs: () => 0, epochMs: () => NOW_EPOCH_MS },
    timeZone: "UTC",
    columns: undefined,
    write: (text) => {
      out += text;
    },
    writeError: (text) => {
      err += text;
    },
    progress: undefined,
    ask: undefined,
    openOffline: (): Promise<OfflineOperator> => {
      throw new Error("nothing offline was expected");
    },
    unitFolders: [],
    exitStatus: 0,
    ...overrides,
    printed: () => out,
    printedErrors: () => err,
  };
}
