/**
 * Every number that is exposed as it is counted elsewhere: its name, what it means, where it is read.
 *
 * Names as Prometheus has them (prometheus.io/docs/practices/naming): base units, `_total` for what
 * only grows. No label holds what a sender chooses, or whoever sends could make as many series as
 * he likes.
 */
import type { Severity } from "../model/health.ts";

/** Packets that answer probes, and what came back. */
interface Answers {
  readonly sent: number;
  readonly capped: number;
  readonly unsent: number;
}

/** What is read for one exposition. Counts, as of now; the fields of the API's status. */
export interface MetricsReading {
  readonly version: string;
  readonly config_revision: string;
  readonly state: string;
  readonly probes: number;
  readonly verdicts: number;
  readonly campaigns: number;
  readonly lost: number;
  readonly unlogged: number;
  readonly malformed: number;
  readonly held: number;
  readonly holds: number;
  readonly banned: number;
  readonly tracked: number;
  readonly trusted: number;
  readonly trusted_saves: number;
  readonly dropped: number;
  readonly full: number;
  /** null where nobody is asked. */
  readonly challenges: (Answers & { readonly answered: number; readonly wrong: number }) | null;
  /** null where no port looks open. */
  readonly phantom: (Answers & { readonly completed: number }) | null;
  /** null where no blocklist is loaded. */
  readonly blocklists: {
    readonly files: number;
    readonly entries: number;
    readonly dropped: number;
  } | null;
  readonly journal_failures: number;
  readonly health: readonly { readonly code: string; readonly severity: Severity }[];
}

/** One series. */
interface Series {
  readonly labels?: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface Instrument {
  readonly name: string;
  /** One sentence, as in docs/METRICS.md. */
  readonly help: string;
  readonly type: "counter" | "gauge";
  readonly labels?: readonly string[];
  /** @returns every series that there is now. */
  readonly read: (reading: MetricsReading) => readonly Series[];
}

/** The fields that are bare numbers. */
type CountName = {
  [Name in keyof MetricsReading]: MetricsReading[Name] extends number ? Name : never;
}[keyof MetricsReading];

function counter(name: string, field: CountName, help: string): Instrument {
  return { name, help, type: "counter", read: (reading) => [{ value: reading[field] }] };
}

function gauge(name: string, field: CountName, help: string): Instrument {
  return { name, help, type: "gauge", read: (reading) => [{ value: reading[field] }] };
}

/** Of what is not always done; 0 where it is not. */
function perhaps(
  type: Instrument["type"],
  name: string,
  help: string,
  count: (reading: MetricsReading) => number | undefined,
): Instrument {
  return { name, help, type, read: (reading) => [{ value: count(reading) ?? 0 }] };
}

function answers(
  name: string,
  help: string,
  count: (reading: MetricsReading) => number | undefined,
): Instrument {
  return perhaps("counter", name, help, count);
}

export const INSTRUMENTS: readonly Instrument[] = [
  {
    name: "vedette_build_info",
    help: "1, with the version of the guard.",
    type: "gauge",
    labels: ["version"],
    read: ({ version }) => [{ labels: { version }, value: 1 }],
  },
  {
    name: "vedette_config_info",
    help: "1, with the revision of the configuration in force.",
    type: "gauge",
    labels: ["revision"],
    read: (reading) => [{ labels: { revision: reading.config_revision }, value: 1 }],
  },
  {
    name: "vedette_guarding",
    help: "1 while sources are held and banned; 0 while the guard only watches.",
    type: "gauge",
    read: ({ state }) => [{ value: state === "guarding" ? 1 : 0 }],
  },
  {
    name: "vedette_health_problems",
    help: "1 for each health problem there is now, by its code and severity.",
    type: "gauge",
    labels: ["code", "severity"],
    read: ({ health }) =>
      health.map(({ code, severity }) => ({ labels: { code, severity }, value: 1 })),
  },
  counter("vedette_probes_total", "probes", "Probes that the guard has seen."),
  counter(
    "vedette_probes_lost_total",
    "lost",
    "Probes that were lost between the kernel and the guard.",
  ),
  counter(
    "vedette_probes_unlogged_total",
    "unlogged",
    "Probes beyond NFLOG_RATE, which the kernel did not report.",
  ),
  counter(
    "vedette_probes_set_full_total",
    "full",
    "Probes that found a set of the kernel full, so that they held nobody.",
  ),
  counter(
    "vedette_packets_malformed_total",
    "malformed",
    "Reported packets that could not be decoded.",
  ),
  counter("vedette_verdicts_total", "verdicts", "Scans that the detector has told."),
  gauge("vedette_campaigns", "campaigns", "Scans under way."),
  gauge("vedette_tracked_sources", "tracked", "Sources in the detector's memory."),
  counter("vedette_holds_total", "holds", "Holds begun since the table was built."),
  gauge("vedette_held_sources", "held", "Sources held now."),
  gauge("vedette_bans", "banned", "Bans in force now."),
  counter(
    "vedette_packets_dropped_total",
    "dropped",
    "Packets of banned and held sources that were dropped.",
  ),
  gauge("vedette_trusted_entries", "trusted", "Entries of the trusted set."),
  counter(
    "vedette_trusted_saves_total",
    "trusted_saves",
    "Packets of trusted sources that would have been caught.",
  ),
  perhaps(
    "gauge",
    "vedette_blocklist_files",
    "Files of BLOCKLIST_FILES that are in force.",
    ({ blocklists }) => blocklists?.files,
  ),
  perhaps(
    "gauge",
    "vedette_blocklist_entries",
    "Their lines that name somebody.",
    ({ blocklists }) => blocklists?.entries,
  ),
  perhaps(
    "counter",
    "vedette_blocklist_packets_dropped_total",
    "Packets that were dropped because of blocklists.",
    ({ blocklists }) => blocklists?.dropped,
  ),
  answers(
    "vedette_challenges_sent_total",
    "Questions to sources of TCP probes.",
    ({ challenges }) => challenges?.sent,
  ),
  answers(
    "vedette_challenges_capped_total",
    "Questions that were not sent, because that would have been too many.",
    ({ challenges }) => challenges?.capped,
  ),
  answers(
    "vedette_challenges_unsent_total",
    "Questions that the machine did not take.",
    ({ challenges }) => challenges?.unsent,
  ),
  answers(
    "vedette_challenges_answered_total",
    "Resets that prove their source alive.",
    ({ challenges }) => challenges?.answered,
  ),
  answers(
    "vedette_challenges_wrong_total",
    "Resets with another number than the one that was asked with.",
    ({ challenges }) => challenges?.wrong,
  ),
  answers(
    "vedette_phantom_replies_sent_total",
    "SYN+ACKs of ports that look open and are not.",
    ({ phantom }) => phantom?.sent,
  ),
  answers(
    "vedette_phantom_replies_capped_total",
    "Such replies that were not sent, because that would have been too many.",
    ({ phantom }) => phantom?.capped,
  ),
  answers(
    "vedette_phantom_replies_unsent_total",
    "Such replies that the machine did not take.",
    ({ phantom }) => phantom?.unsent,
  ),
  answers(
    "vedette_phantom_handshakes_total",
    "Handshakes on such ports that prove their source.",
    ({ phantom }) => phantom?.completed,
  ),
  counter(
    "vedette_journal_failures_total",
    "journal_failures",
    "Writes to the journal that failed.",
  ),
];
