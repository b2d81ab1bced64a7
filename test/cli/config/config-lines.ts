/** Runs `vedette config …` as words, for somebody who is not root and has no guard. */
import { runCommandLine } from "../../../src/cli/program.ts";
import { createFakeContext } from "../fake-context.ts";

export interface Ended {
  readonly status: number;
  readonly out: string;
  readonly err: string;
}

export async function runConfig(...words: string[]): Promise<Ended> {
  const context = createFakeContext();
  const launch = async () => {
    throw new Error("nothing was to be launched");
  };
  const status = await runCommandLine(["config", ...words], context, launch);
  return { status, out: context.printed(), err: context.printedErrors() };
}
