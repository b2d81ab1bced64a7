/** `vedette replay`: captures through the same detection, to see what would have happened. */
import type { Command } from "commander";
import { InvalidArgumentError } from "commander";
import { formatWarning } from "../../config/findings.ts";
import { requireConfiguration } from "../../config/load.ts";
import type {
  ReplayCampaign,
  ReplayReport,
  ReplayRequest,
} from "../../daemon/replay/answer-replay.ts";
import { escapeInvisible } from "../../invisible-text.ts";
import { type PortSet, parsePortSet } from "../../net/port-range.ts";
import { type Prefix, parsePrefix } from "../../net/prefix.ts";
import { PrefixSet } from "../../net/prefix-set.ts";
import { readGlobals } from "../arguments.ts";
import type { CliContext } from "../context.ts";
import { print, printError, printJson } from "../printable.ts";
import { formatTable } from "../table.ts";

/** Replays captures. @returns what was found. */
export type AnswerReplay = (request: ReplayRequest) => Promise<ReplayReport>;

/** Loads the daemon's stages only here. */
const answerReplayLazily: AnswerReplay = async (request) => {
  const { answerReplay } = await import("../../daemon/replay/answer-replay.ts");
  return answerReplay(request);
};

interface ReplayFlags {
  readonly ours?: readonly Prefix[];
  readonly open?: { readonly tcp: PortSet; readonly udp: PortSet };
  readonly config?: string;
}

const EXAMPLES = `
Examples:
  vedette replay evening.pcap                       who scanned us?
  vedette replay --ours 192.0.2.0/24 --open 22,80,443,53/udp monday.pcapng.gz
  vedette replay --json *.pcap                      for programs
`;

export function addReplayCommand(
  program: Command,
  context: CliContext,
  answer: AnswerReplay = answerReplayLazily,
): void {
  program
    .command("replay")
    .summary("judge captures as the guard would have")
    .description(
      "Reads captures (pcap or pcapng, also packed with gzip) through the same detection as the " +
        "guard's, on their own time, and tells who scanned. Nothing is held or banned.",
    )
    .argument("<file...>", "captures, read in the order of their times")
    .option("--ours <prefix...>", "our addresses (default: those that others turn to)", collectOurs)
    .option(
      "--open <ports>",
      "ports that are served: 22,80,53/udp (default: those that answer)",
      parseOpen,
    )
    .option("-c, --config <file>", "configuration file (default: /etc/vedette/vedette.conf)")
    .addHelpText("after", EXAMPLES)
    .action(async (files: readonly string[], flags: ReplayFlags, command: Command) => {
      const configuration = requireConfiguration({ path: flags.config });
      for (const warning of configuration.warnings) {
        printError(context, `vedette: ${escapeInvisible(formatWarning(warning))}`);
      }
      const report = await answer({
        files,
        configuration,
        ours: flags.ours === undefined ? undefined : setOf(flags.ours),
        open: flags.open,
      });
      if (readGlobals(command).json) printJson(context, report);
      else print(context, formatReport(report, context));
    });
}

function formatReport(report: ReplayReport, context: CliContext): string {
  const { packets, skipped, damage, campaigns } = report;
  const scans = campaigns.filter(({ verdict }) => verdict === "scan").length;
  const told = campaigns.filter(({ verdict }) => verdict !== "benign");
  const benign = campaigns.length - told.length;
  const parts = [`${packets} packets, ${skipped} of them skipped; ${scans} scans.`];
  for (const { file, offset, reason } of damage) {
    parts.push(`${escapeInvisible(file)} was read to byte ${offset}: ${escapeInvisible(reason)}.`);
  }
  if (told.length > 0) parts.push("", formatCampaigns(told, context));
  if (benign > 0) parts.push("", `${benign} more asked for real services alone.`);
  return parts.join("\n");
}

function formatCampaigns(campaigns: readonly ReplayCampaign[], context: CliContext): string {
  return formatTable(
    [
      { title: "SOURCE" },
      { title: "VERDICT" },
      { title: "FIRST" },
      { title: "LAST" },
      { title: "EVIDENCE" },
      { title: "TOOL" },
      { title: "KINDS" },
      { title: "PORTS", mayShrink: true },
    ],
    campaigns.map(({ source, verdict, first, last, evidence, tool, kinds, ports }) => [
      source,
      verdict,
      first,
      last,
      evidence,
      tool ?? "-",
      kinds.join(" "),
      ports,
    ]),
    context.columns,
  );
}

function collectOurs(text: string, before: readonly Prefix[] = []): readonly Prefix[] {
  const prefixes = text.split(",").map((each) => parsePrefix(each.trim()));
  if (prefixes.includes(undefined)) {
    throw new InvalidArgumentError("Expected an address or a prefix such as 192.0.2.0/24.");
  }
  return [...before, ...(prefixes as Prefix[])];
}

/** "22,80,53/udp": TCP where nothing else is said. */
function parseOpen(text: string): ReplayFlags["open"] {
  const pieces = text.split(",").map((piece) => piece.trim());
  const isUdp = (piece: string) => piece.endsWith("/udp");
  const setOfPorts = (words: readonly string[]): PortSet => {
    const parsed = parsePortSet(words.map((word) => word.replace(/\/(?:tcp|udp)$/, "")).join(","));
    if (parsed.status === "ok") return parsed.ports;
    throw new InvalidArgumentError(parsed.faults.join("; "));
  };
  return {
    tcp: setOfPorts(pieces.filter((piece) => !isUdp(piece))),
    udp: setOfPorts(pieces.filter(isUdp)),
  };
}

function setOf(prefixes: readonly Prefix[]): PrefixSet<undefined> {
  const set = new PrefixSet<undefined>();
  for (const prefix of prefixes) set.add(prefix, undefined);
  return set;
}
