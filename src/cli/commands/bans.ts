/** `vedette bans`: who is shut out, until when, and why. */
import type { Command } from "commander";
import type { BanView } from "../../api/contract.ts";
import { parseLimit, readGlobals } from "../arguments.ts";
import type { CliContext } from "../context.ts";
import { withOperator } from "../operator.ts";
import { print, printJson } from "../printable.ts";
import type { Column } from "../table.ts";
import { formatTable } from "../table.ts";
import { formatAhead, formatLocalTime } from "../times.ts";

const EXAMPLES = `
On a narrow terminal reasons are cut and columns left out; a pipe gets everything.

Examples:
  vedette bans
  vedette bans --limit 50
  vedette bans --json | jq -r '.[].address'
`;

const COLUMNS: readonly Column[] = [
  { title: "ADDRESS" },
  { title: "SINCE", leaves: 1 },
  { title: "ENDS", align: "right" },
  { title: "EVIDENCE", leaves: 3 },
  { title: "BY", leaves: 2 },
  { title: "REASON", mayShrink: true },
];

/** What of PortSentry's responses was carried out, beside the kernel's sets. */
const MEANS: Column = { title: "MEANS" };

const NO_BANS = `No bans: nobody is shut out now. Whoever is would stand here, with when it ends and why.
Those that are over: vedette history --kind ban`;

interface BansFlags {
  readonly limit: number;
  readonly after?: string;
}

export function addBansCommand(program: Command, context: CliContext): void {
  program
    .command("bans")
    .summary("list the bans in force")
    .description("Lists the bans in force, the newest first.")
    .option("--limit <number>", "list at most so many, 1 to 10000", parseLimit, 1000)
    .option("--after <address>", "list those that follow this one")
    .addHelpText("after", EXAMPLES)
    .action(async (flags: BansFlags, command: Command) => {
      const globals = readGlobals(command);
      const bans = await withOperator(context, globals, (operator) =>
        operator.bans(flags.limit, flags.after),
      );
      if (globals.json) printJson(context, bans);
      else print(context, formatBans(bans, flags, context));
    });
}

function formatBans(bans: readonly BanView[], flags: BansFlags, context: CliContext): string {
  const last = bans.at(-1);
  if (last === undefined) return flags.after === undefined ? NO_BANS : "No further bans.";
  // Where the kernel's sets do all of it, a column that says so tells nobody anything.
  const showsMeans = bans.some(({ means }) => means.some((each) => each !== "nftables"));
  const table = formatTable(
    showsMeans ? [...COLUMNS, MEANS] : COLUMNS,
    bans.map((ban) => [...formatRow(ban, context), ...(showsMeans ? [ban.means.join(" ")] : [])]),
    context.columns,
  );
  const more =
    bans.length < flags.limit ? [] : [`There may be more: vedette bans --after ${last.address}`];
  const waiting = bans.some((ban) => !ban.in_force)
    ? [
        "None of these is in force: no guard runs and its table is gone. The next one restores them.",
        "",
      ]
    : [];
  const meanings = [...new Set(bans.map((ban) => ban.evidence_text))].filter(Boolean).sort();
  return [...waiting, table, ...meanings, ...more].join("\n");
}

function formatRow(ban: BanView, context: CliContext): string[] {
  return [
    ban.address,
    formatLocalTime(Date.parse(ban.since), context.timeZone),
    ban.remaining_seconds === null ? "never" : formatAhead(ban.remaining_seconds),
    ban.evidence,
    ban.origin,
    ban.reason,
  ];
}
