/** Makes what tells events, as LOG_DIALECT wants it, for each of the two processes. */
import type { BrokerClient } from "../broker/client.ts";
import { systemClock } from "../clock.ts";
import type { ConfigTexts, Settings } from "../config/schema.ts";
import type { Detector } from "../detectors/detector.ts";
import type { Logger, LogOutput, Verbosity } from "../logger.ts";
import type { Ban } from "../model/ban.ts";
import type { Prefix } from "../net/prefix.ts";
import type { SourceKeys } from "../net/source-keys.ts";
import type { TrustedPrefixes } from "../policy/trusted-prefixes.ts";
import type { Dialect, DialectEvent, ScanResult } from "./dialects/dialect.ts";
import { dialect12 } from "./dialects/dialect-1.2.ts";
import { dialect2x } from "./dialects/dialect-2.x.ts";
import { DialectEvents } from "./dialects/dialect-events.ts";
import { toldModesOf } from "./dialects/modes.ts";
import { HostResolver } from "./dialects/resolve-host.ts";
import { type Consequence, ScanStory, type ScanStoryParts } from "./dialects/scan-story.ts";
import type { Events } from "./events.ts";
import { type Hello, whyNothingIsBanned } from "./guard-stages.ts";
import { HistoryRecorder } from "./history-recorder.ts";
import type { LogDialect } from "./options.ts";
import { type OutputOptions, openOutput } from "./output.ts";
import { formatSpan } from "./spans.ts";
import { VedetteEvents, type VedetteEventsParts } from "./vedette-events.ts";

/** Which probes are told, and which results have a line in HISTORY_FILE. */
interface Extent {
  readonly tells: ScanStoryParts["tells"];
  readonly records: ReadonlySet<ScanResult["status"]>;
}

const BLOCKS: ReadonlySet<ScanResult["status"]> = new Set(["watched", "blocked"]);

const EXTENTS: Readonly<Record<LogDialect, Extent>> = {
  vedette: { tells: "convictions", records: BLOCKS },
  "1.2": { tells: "convicted-sources", records: BLOCKS },
  "2.x": {
    tells: "every-probe",
    records: new Set([...BLOCKS, "below-trigger", "already-blocked", "failed"]),
  },
};

const DIALECTS: Readonly<Record<Exclude<LogDialect, "vedette">, Dialect>> = {
  "1.2": dialect12,
  "2.x": dialect2x,
};

export interface OutputParts {
  readonly values: Settings;
  readonly logOutputs: readonly LogOutput[];
  readonly verbosity: Verbosity;
  /** Tells the pid of the privileged process: the program is one in the system's log. */
  readonly syslog: OutputOptions["syslog"];
  readonly write: (text: string) => void;
}

/** For the privileged process. */
export function openLifeEvents(parts: OutputParts): Events {
  const { values, verbosity } = parts;
  const logger = openLogger(parts);
  if (values.LOG_DIALECT === "vedette") return new VedetteEvents(vedettePartsOf(parts, logger));
  const dialect = DIALECTS[values.LOG_DIALECT];
  return new DialectEvents({ dialect, logger, verbosity, spanOf: () => undefined });
}

export interface ScanEventsParts extends OutputParts {
  readonly hello: Pick<Hello, "watchOnly" | "hasTable">;
  readonly texts: Pick<ConfigTexts, "TCP_MODE" | "UDP_MODE">;
  readonly broker: Pick<BrokerClient, "record">;
  readonly detector: Pick<Detector, "isConvicted">;
  readonly keys: SourceKeys;
  readonly trusted: TrustedPrefixes;
  /** Whether a ban of it is in force. */
  readonly isBanned: (source: Prefix) => boolean;
  /** That of the configuration before: it goes on, with the scans that are not over. */
  readonly story: ScanStory | undefined;
}

export interface OpenedScanEvents {
  readonly events: Events;
  readonly story: ScanStory;
}

/** For the guard's process. */
export function openScanEvents(parts: ScanEventsParts): OpenedScanEvents {
  const { values, verbosity } = parts;
  const logger = openLogger(parts);
  if (values.LOG_DIALECT === "vedette") {
    // Our own lines need no story; HISTORY_FILE does, and so does what another dialect began.
    const story = continueStory(parts, () => {});
    return { events: new VedetteEvents({ ...vedettePartsOf(parts, logger), story }), story };
  }
  const dialect = DIALECTS[values.LOG_DIALECT];
  const story = continueStory(parts, (event) => events.tell(event));
  const spanOf = ({ means, untilEpochMs }: Ban) => {
    if (!means.includes("nftables")) return undefined;
    if (untilEpochMs === undefined) return "for good";
    return `for ${formatSpan(untilEpochMs - systemClock.epochMs())}`;
  };
  const events = new DialectEvents({ dialect, logger, verbosity, story, spanOf });
  return { events, story };
}

/** A program reads everything and picks what it wants; a person wants stories, or asks for more. */
function vedettePartsOf({ values, verbosity }: OutputParts, logger: Logger): VedetteEventsParts {
  const isForAll = values.LOG_FORMAT === "json" || verbosity !== "normal";
  return { logger, clock: systemClock, tells: isForAll ? "everything" : "stories" };
}

function openLogger({ values, logOutputs, syslog, write }: OutputParts): Logger {
  const { LOG_FORMAT: format, LOG_DIALECT: dialect } = values;
  return openOutput({ outputs: logOutputs, format, dialect, syslog, write }, systemClock);
}

function continueStory(parts: ScanEventsParts, tell: (event: DialectEvent) => void): ScanStory {
  const storyParts = storyPartsOf(parts, tell);
  if (parts.story === undefined) return new ScanStory(storyParts);
  parts.story.reconfigure(storyParts);
  return parts.story;
}

function storyPartsOf(parts: ScanEventsParts, tell: (event: DialectEvent) => void): ScanStoryParts {
  const { values, texts, hello, detector, keys, trusted, isBanned } = parts;
  const namesHosts =
    values.RESOLVE_HOST && (values.LOG_DIALECT !== "vedette" || values.HISTORY_FILE !== undefined);
  const resolver = namesHosts ? new HostResolver(systemClock) : undefined;
  return {
    clock: systemClock,
    keys,
    modes: toldModesOf(texts, hello.hasTable),
    consequences: {
      tcp: consequenceOf(values.BLOCK_TCP, parts),
      udp: consequenceOf(values.BLOCK_UDP, parts),
    },
    tells: EXTENTS[values.LOG_DIALECT].tells,
    isConvicted: (source) => detector.isConvicted(source),
    whyTrusted: (address) => trusted.why(address),
    isBanned,
    hostOf: resolver && ((address) => resolver.hostOf(address)),
    tell,
    recorder: makeRecorder(parts),
  };
}

function consequenceOf(
  block: Settings["BLOCK_TCP"],
  { values, hello }: ScanEventsParts,
): Consequence {
  if (block === "watch") return "off";
  return whyNothingIsBanned(hello, values) === undefined ? "block" : "watch";
}

function makeRecorder({ values, broker }: ScanEventsParts): HistoryRecorder | undefined {
  if (values.HISTORY_FILE === undefined) return undefined;
  return new HistoryRecorder({
    record: (records) => broker.record(records),
    results: EXTENTS[values.LOG_DIALECT].records,
    startTimer: (delayMs, run) => void setTimeout(run, delayMs).unref(),
  });
}
