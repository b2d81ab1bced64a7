/** `vedette watch`: what happens, as it happens: a live view on a terminal, lines elsewhere. */
import type { Command } from "commander";
import { escapeInvisible } from "../../invisible-text.ts";
import { readGlobals } from "../arguments.ts";
import type { CliContext } from "../context.ts";
import { resolveSocketPath } from "../directories.ts";
import { printError, printJson } from "../printable.ts";
import { followEvents } from "../watch/follow-events.ts";
import { showLiveView } from "../watch/live-view.ts";
import { formatPlain } from "../watch/plain-lines.ts";
import { formatWhy } from "./why.ts";

const EXAMPLES = `
Examples:
  vedette watch
  vedette watch | grep ban           lines, for no terminal
  vedette watch --json               every event, one JSON object a line

Keys: up and down or j and k move, tab changes between campaigns and bans, b bans, u unbans and t
trusts the address (each asks), w tells its story, q ends.
`;

export function addWatchCommand(program: Command, context: CliContext): void {
  program
    .command("watch")
    .summary("watch what happens, live")
    .description(
      "Shows what happens as it happens: campaigns as they grow, bans with the time that is left, " +
        "the ports that are probed. Goes on by itself when the guard comes back.",
    )
    .addHelpText("after", EXAMPLES)
    .action(async (_flags: unknown, command: Command) => {
      const globals = readGlobals(command);
      const socketPath = resolveSocketPath(globals, context);
      const isOnTerminal = context.columns !== undefined && context.ask !== undefined;
      if (globals.json || !isOnTerminal) await tellLines(context, socketPath, globals.json);
      else {
        context.exitStatus = await showLiveView({
          context,
          socketPath,
          tellWhy: async (operator, address, columns) =>
            formatWhy(await operator.stories.why(address), { ...context, columns }),
        });
      }
    });
}

/** Until the process is ended. */
function tellLines(context: CliContext, socketPath: string, json: boolean): Promise<void> {
  let isThere = false;
  return followEvents(
    socketPath,
    {
      onEvent: (event) => {
        if (json) {
          printJson(context, event);
          return;
        }
        if (!isThere && event.kind === "status") {
          isThere = true;
          context.write(`${escapeInvisible(event.status.sentence)}\n`);
        }
        const line = formatPlain(event, context.timeZone);
        if (line !== undefined) context.write(`${line}\n`);
      },
      onGone: (why) => {
        isThere = false;
        printError(context, `vedette: ${why}; waiting for it`);
      },
    },
    new AbortController().signal,
  );
}
