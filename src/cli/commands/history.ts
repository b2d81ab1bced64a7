/** `vedette history`: what happened and to whom. */
import type { Command } from "commander";
import type { EventView } from "../../api/contract.ts";
import { readGlobals } from "../arguments.ts";
import type { CliContext } from "../context.ts";
import { withOperator } from "../operator.ts";
import { print, printJson } from "../printable.ts";
import { addStoryOptions, type StoryFlags, storyQueryOf } from "../story-query.ts";
import { type Column, formatTable } from "../table.ts";
import { formatLocalSeconds } from "../times.ts";

const EXAMPLES = `
Examples:
  vedette history --since 1h
  vedette history --kind ban --limit 50
  vedette history --address 192.0.2.7
`;

const COLUMNS: readonly Column[] = [
  { title: "WHEN" },
  { title: "ADDRESS" },
  { title: "WHAT" },
  { title: "IN WORDS", mayShrink: true },
];

interface HistoryFlags extends StoryFlags {
  readonly kind?: string;
}

export function addHistoryCommand(program: Command, context: CliContext): void {
  addStoryOptions(program.command("history"))
    .summary("list what happened: verdicts, bans, unbans, problems")
    .description("Lists what happened and to whom, the newest first.")
    .option("--kind <kind>", "verdict, evidence, ban, unban, spared, health and others")
    .option("--after <id>", "list those before the event of this number")
    .addHelpText("after", EXAMPLES)
    .action(async (flags: HistoryFlags, command: Command) => {
      const globals = readGlobals(command);
      const query = { ...storyQueryOf(flags, context), kind: flags.kind };
      const history = await withOperator(context, globals, ({ stories }) => stories.history(query));
      if (globals.json) printJson(context, history);
      else print(context, formatHistory(history, flags.limit, context));
    });
}

function formatHistory(history: readonly EventView[], limit: number, context: CliContext): string {
  const last = history.at(-1);
  if (last === undefined) return "Nothing happened.";
  const rows = history.map(({ at, address, kind, text }) => [
    formatLocalSeconds(Date.parse(at), context.timeZone),
    address ?? "-",
    kind,
    text,
  ]);
  const table = formatTable(COLUMNS, rows, context.columns);
  return history.length < limit
    ? table
    : `${table}\nThere may be more: vedette history --after ${last.id}`;
}
