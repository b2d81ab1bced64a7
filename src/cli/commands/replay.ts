/** `vedette replay`: captures through the same detection, to see what would have happened. */
import type { Command } from "commander";
import { InvalidArgumentError } from "commander";
import { formatWarning } from "../../config/findings.ts";
import { type Configuration, requireConfiguration } from "../../config/load.ts";
import type { ReplayAnswer, ReplayRequest } from "../../daemon/replay/answer-replay.ts";
import { EXIT_STATUS } from "../../errors.ts";
import { escapeInvisible } from "../../invisible-text.ts";
import { PortSet, parsePortSet } from "../../net/port-range.ts";
import { type Prefix, parsePrefix } from "../../net/prefix.ts";
import { PrefixSet } from "../../net/prefix-set.ts";
import type { Transport } from "../../net/transport.ts";
import { readGlobals } from "../arguments.ts";
import type { CliContext } from "../context.ts";
import { print, printError, printJson } from "../printable.ts";
import { formatReplay } from "../replay-text.ts";

/** Judges captures. */
export type AnswerReplay = (request: ReplayRequest) => Promise<ReplayAnswer>;

/** Loads the daemon's stages only here. */
const answerReplayLazily: AnswerReplay = async (request) => {
  const { answerReplay } = await import("../../daemon/replay/answer-replay.ts");
  return answerReplay(request);
};

interface ReplayFlags {
  readonly ours?: readonly Prefix[];
  readonly open?: { readonly tcp: PortSet; readonly udp: PortSet };
  readonly config?: string;
  readonly against?: string;
}

/** How often (ms) the terminal is told how far reading has come. */
const PROGRESS_MS = 100;

const OPEN_EXPECTED =
  "Expected ports and ranges, of TCP where nothing else is said: 22,80,8000-8010,53/udp.";

const EXAMPLES = `
Examples:
  vedette replay evening.pcap                     who scanned us?
  vedette replay --ours 192.0.2.0/24 --open 22,443,53/udp monday.pcapng.gz
  vedette replay --against strict.conf *.pcap     what would the other configuration do?
  vedette replay --json *.pcap                    for programs

Which addresses are ours and which ports are open is inferred, unless it is said: ours are those
that others turn to, open are ports that answer. The first lines say what was inferred.
Several files are one time line, in the order of their first packets. A damaged file is judged up
to the damage, and the exit status is then 65.
`;

/** @param answer default: loads the daemon's stages. */
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
    .argument("<file...>", "captures")
    .option("--ours <prefix>", "our addresses; may be repeated", collectOurs)
    .option("--open <ports>", "ports that are served: 22,80,53/udp", parseOpen)
    .option("-c, --config <file>", "configuration file (default: /etc/vedette/vedette.conf)")
    .option("--against <file>", "tell what this configuration would have done differently")
    .addHelpText("after", EXAMPLES)
    .action(async (files: readonly string[], flags: ReplayFlags, command: Command) => {
      const configuration = configurationOf(context, flags.config);
      const against =
        flags.against === undefined ? undefined : configurationOf(context, flags.against);
      const found = await answer({
        files,
        configuration,
        against,
        ours: flags.ours === undefined ? undefined : setOf(flags.ours),
        open: flags.open,
        onProgress: progressOn(context),
      });
      context.progress?.("");
      if (found.damage.length > 0 || found.unread.length > 0) {
        context.exitStatus = EXIT_STATUS.ERR_CAPTURE;
      }
      if (readGlobals(command).json) printJson(context, found);
      else print(context, formatReplay(found, context));
    });
}

function configurationOf(context: CliContext, path: string | undefined): Configuration {
  const configuration = requireConfiguration({ path });
  for (const warning of configuration.warnings) {
    printError(context, `vedette: ${escapeInvisible(formatWarning(warning))}`);
  }
  return configuration;
}

/** @returns what tells a terminal how far reading has come; nothing is told to anything else. */
function progressOn({ progress, clock }: CliContext): NonNullable<ReplayRequest["onProgress"]> {
  let toldAtMs = Number.NEGATIVE_INFINITY;
  return (turn, turns, file, readBytes, fileBytes) => {
    const nowMs = clock.monotonicMs();
    if (progress === undefined || nowMs - toldAtMs < PROGRESS_MS) return;
    toldAtMs = nowMs;
    const share =
      fileBytes > 0
        ? `${Math.floor((100 * readBytes) / fileBytes)} %`
        : `${Math.floor(readBytes / 1e6)} MB`;
    progress(`reading ${turn} of ${turns}: ${escapeInvisible(file)} ${share}`);
  };
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
  const faults: string[] = [];
  const ports: Record<Transport, string[]> = { tcp: [], udp: [] };
  for (const piece of text.split(",").map((each) => each.trim())) {
    const [, range = "", transport = "tcp"] = /^([^/]*)(?:\/(.*))?$/.exec(piece) ?? [];
    if (transport === "tcp" || transport === "udp") ports[transport].push(range);
    else faults.push(`${piece}: the transport is tcp or udp, and not "${transport}"`);
  }
  const portsOf = (transport: Transport): PortSet => {
    const parsed = parsePortSet(ports[transport].join(","));
    if (parsed.status === "ok") return parsed.ports;
    faults.push(...parsed.faults);
    return new PortSet();
  };
  const open = { tcp: portsOf("tcp"), udp: portsOf("udp") };
  if (faults.length === 0) return open;
  throw new InvalidArgumentError(`${faults.join("; ")}. ${OPEN_EXPECTED}`);
}

function setOf(prefixes: readonly Prefix[]): PrefixSet<undefined> {
  const set = new PrefixSet<undefined>();
  for (const prefix of prefixes) set.add(prefix, undefined);
  return set;
}
