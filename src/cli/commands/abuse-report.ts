/** `vedette abuse-report`: scans as AbuseIPDB and DShield take them, for somebody to send. */
import { type Command, InvalidArgumentError, Option } from "commander";
import type { CampaignView } from "../../api/contract.ts";
import { formatAbuseIpDb, formatDshield, isReportable } from "../abuse-formats.ts";
import { parseSpan, readGlobals } from "../arguments.ts";
import type { CliContext } from "../context.ts";
import { withOperator } from "../operator.ts";
import { print, printError } from "../printable.ts";

const EXAMPLES = `
Nothing is sent. Sources that never answered are left out, because they can be forged. AbuseIPDB
takes the file at abuseipdb.com/bulk-report; DShield takes the lines by mail, with the subject that is
printed on the standard error.

Examples:
  vedette abuse-report --since 24h > report.csv
  vedette abuse-report --format dshield --user 12345 > report.txt
`;

/** As many as the API lists at once. */
const MAX_CAMPAIGNS = 10_000;

const DAY_MS = 86_400_000;

const EVIDENCE = ["claimed", "alive", "proven"] as const;

interface AbuseReportFlags {
  readonly format: "abuseipdb" | "dshield";
  /** Milliseconds. */
  readonly since?: number;
  readonly evidence: CampaignView["evidence"];
  readonly user: number;
}

export function addAbuseReportCommand(program: Command, context: CliContext): void {
  program
    .command("abuse-report")
    .summary("print scans in the form of AbuseIPDB or DShield")
    .description(
      "Prints the scans of the last day in the form in which others take reports of abuse.",
    )
    .addOption(
      new Option("--format <format>", "whose form")
        .choices(["abuseipdb", "dshield"])
        .default("abuseipdb"),
    )
    .option("--since <span>", "of this span of time (default: 24h)", parseSpan)
    .addOption(
      new Option("--evidence <least>", "leave out sources with less")
        .choices(EVIDENCE)
        .default("alive"),
    )
    .option("--user <number>", "your number at DShield", parseUser, 0)
    .addHelpText("after", EXAMPLES)
    .action(async (flags: AbuseReportFlags, command: Command) => {
      const query = {
        limit: MAX_CAMPAIGNS,
        after: undefined,
        address: undefined,
        sinceEpochMs: context.clock.epochMs() - (flags.since ?? DAY_MS),
        verdict: "scan" as const,
      };
      const scans = await withOperator(context, readGlobals(command), ({ stories }) =>
        stories.campaigns(query),
      );
      const least = EVIDENCE.indexOf(flags.evidence);
      const all = scans.filter(
        (scan) => isReportable(scan) && EVIDENCE.indexOf(scan.evidence) >= least,
      );
      if (flags.format === "abuseipdb") print(context, formatAbuseIpDb(all));
      else {
        const text = formatDshield(all, flags.user);
        if (text !== "") context.write(`${text}\n`);
        printError(context, `Subject: FORMAT DSHIELD USERID ${flags.user} TZ +00:00 Vedette`);
      }
      if (scans.length === MAX_CAMPAIGNS) {
        printError(context, `Only the latest ${MAX_CAMPAIGNS} scans were read.`);
      }
      const left = scans.length - all.length;
      if (left > 0) {
        printError(context, `${left} left out: of whole blocks, or with less evidence.`);
      }
    });
}

function parseUser(text: string): number {
  if (/^\d{1,10}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("Expected a number.");
}
