/** The definitions of the command line, for what is made of them. */
import type { Command } from "commander";
import type { CliContext } from "../../src/cli/context.ts";
import { createProgram } from "../../src/cli/program.ts";

/** Only commands that run use anything of it. */
const NOWHERE = {} as CliContext;

export function defineCommandLine(): Command {
  return createProgram(NOWHERE, () => {
    throw new Error("a command line that is described runs nothing");
  });
}
