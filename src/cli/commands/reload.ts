/** `vedette reload`: has the guard read its configuration again, and tells what came of it. */
import { setTimeout as pause } from "node:timers/promises";
import type { Command } from "commander";
import type { ReloadView } from "../../api/contract.ts";
import { OperationalError } from "../../errors.ts";
import { escapeInvisible } from "../../invisible-text.ts";
import { ApiOperator } from "../api-client.ts";
import { type GlobalOptions, readGlobals } from "../arguments.ts";
import type { CliContext } from "../context.ts";
import { resolveSocketPath } from "../directories.ts";
import { withOperator } from "../operator.ts";
import { print, printError, printJson } from "../printable.ts";

/** How often, and every how many ms, a guard that takes the other one's place is asked for. */
const LOOKS = 200;
const LOOK_EVERY_MS = 100;

const EXAMPLES = `
Examples:
  vedette config check && vedette reload
  vedette reload --json

A configuration with faults changes nothing: they are told, and the old one stays in force. SIGHUP
to the guard does the same, and its log tells. A command line (--set, -c) counts as it was given.
`;

export function addReloadCommand(program: Command, context: CliContext): void {
  program
    .command("reload")
    .summary("read the configuration again")
    .description("Has the guard read its configuration again, without a gap in what it does.")
    .addHelpText("after", EXAMPLES)
    .action(async (_flags: unknown, command: Command) => {
      const globals = readGlobals(command);
      const view = await withOperator(context, globals, (operator) => operator.reload());
      if (view.guard === "replaced") await waitForGuard(context, globals, view.config_revision);
      if (globals.json) printJson(context, view);
      for (const warning of view.warnings) {
        printError(context, `vedette: ${escapeInvisible(warning)}`);
      }
      requireDone(view);
      if (!globals.json) print(context, sentenceOf(view));
    });
}

/** @throws {OperationalError} ERR_CONFIG_INVALID or ERR_UNAVAILABLE with every fault. */
export function requireDone(view: ReloadView): void {
  if (view.faults.length === 0) return;
  const lines = view.faults.map(escapeInvisible).join("\n");
  const what = `nothing was changed, configuration ${view.config_revision} stays in force`;
  const code = view.status === "invalid" ? "ERR_CONFIG_INVALID" : "ERR_UNAVAILABLE";
  throw new OperationalError(code, `${what}:\n${lines}`);
}

/** What has come of it, in one sentence or two. */
export function sentenceOf(view: ReloadView): string {
  const revision = escapeInvisible(view.config_revision);
  if (view.status === "unchanged") return `Nothing changed: configuration ${revision}.`;
  const changed = escapeInvisible(view.changed.join(", "));
  const kept = {
    kept: "Bans stand, and sources are remembered as before.",
    saved: "Bans stand; of other sources the most convincing are remembered.",
    anew: "Bans stand; what was remembered of other sources begins anew.",
  }[view.memory];
  const process =
    view.guard === "kept" ? "" : " Another guard process took over, with its sockets.";
  return `Reloaded: configuration ${revision}; changed: ${changed}.${process}\n${kept}`;
}

/**
 * Until a guard answers that has the revision in force.
 * @throws {OperationalError} ERR_UNAVAILABLE when it does not come.
 */
export async function waitForGuard(
  context: CliContext,
  globals: GlobalOptions,
  revision: string,
): Promise<void> {
  for (let look = 0; look < LOOKS; look++) {
    if ((await readRevision(context, globals)) === revision) return;
    await pause(LOOK_EVERY_MS);
  }
  const message = `configuration ${revision} is in force, but its guard process does not answer`;
  throw new OperationalError("ERR_UNAVAILABLE", `${message}; see the log, and vedette status`);
}

/** @returns undefined while nobody answers. */
async function readRevision(
  context: CliContext,
  globals: GlobalOptions,
): Promise<string | undefined> {
  try {
    const status = await new ApiOperator(resolveSocketPath(globals, context)).status();
    return status.config_revision;
  } catch (error) {
    if (!(error instanceof OperationalError)) throw error;
    return undefined;
  }
}
