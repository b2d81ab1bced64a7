/**
 * The `portsentry` command: answers what is wrong with its line, or hands the request on.
 *
 * A line that is wrong ends as the version whose line it is ends. Everything that goes wrong later
 * ends as it does in `vedette`, by the error's own exit status: both versions say 1 or 255 for
 * everything, and an init script looks only whether it is 0.
 */
import { EXIT_STATUS, OperationalError } from "../../errors.ts";
import { escapeInvisible } from "../../invisible-text.ts";
import type { CliContext } from "../context.ts";
import { printError } from "../printable.ts";
import { parsePortsentryCommandLine } from "./parse-command-line.ts";
import type { PortsentryRequest } from "./request.ts";

/** Does what is asked. @returns the exit status. */
export type RunRequest = (request: PortsentryRequest) => Promise<number>;

/**
 * @param words without the program's name.
 * @returns the exit status. A bug is not caught: it rejects.
 */
export async function runPortsentryCommandLine(
  words: readonly string[],
  context: CliContext,
  run: RunRequest,
): Promise<number> {
  const line = parsePortsentryCommandLine(words, process.cwd());
  switch (line.status) {
    case "told":
      context.write(line.text);
      return 0;
    case "wrong":
      if (line.stream === "stdout") context.write(line.text);
      else printError(context, escapeInvisible(line.text.trimEnd()));
      return line.exitStatus;
    case "run":
      break;
  }
  try {
    return await run(line.request);
  } catch (error) {
    if (!(error instanceof OperationalError)) throw error;
    printError(context, `portsentry: ${error.message}`);
    return EXIT_STATUS[error.code];
  }
}
