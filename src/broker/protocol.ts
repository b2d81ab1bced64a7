/**
 * Everything that may cross the privilege boundary: the closed table of requests, and the events
 * that go the other way.
 *
 * One JSON object a line over a socket pair that only broker and guard hold. The guard reads
 * hostile packets and is taken to be taken over: the broker checks each request against its schema,
 * its state, the trusted set and a budget, whatever the guard has checked before. A line longer
 * than {@link MAX_LINE_BYTES} ends the guard, because the stream cannot be trusted any more.
 */
import { z } from "zod";
import type { LogOutput, Verbosity } from "../logger.ts";
import type { AlertFiles } from "../model/alert-files.ts";
import { ALERT_KINDS } from "../model/alert-kind.ts";
import type { BanOrder } from "../model/ban-order.ts";
import { EVIDENCE_LEVELS } from "../model/evidence.ts";
import type { HealthChange, HealthProblem, Severity } from "../model/health.ts";
import type { Outcome } from "../model/order.ts";
import type { ReloadOutcome } from "../model/reload.ts";
import type { TrustedEntry } from "../model/trusted-entry.ts";
import { isPort } from "../net/port-range.ts";
import type { Prefix } from "../net/prefix.ts";
import { address } from "./address-schema.ts";
import { banRows } from "./ban-rows.ts";
import { banItem, prefix, timeoutMs } from "./ban-schema.ts";
import type { BlocklistSummary, Listing } from "./blocklists/blocklist-keeper.ts";
import { droppedPacket } from "./dropped-schema.ts";
import type { Responded, Standing } from "./legacy-bans.ts";

/** Longest line either side accepts, in bytes, newline included. */
export const MAX_LINE_BYTES = 131_072;

/** Most bans or prefixes in one request; of bans that are brought back there may be more. */
export const MAX_BATCH = 500;

/** Longest that something may wait for its confirmation, in ms: a day. */
const MAX_CONFIRM_MS = 86_400_000;

/** What became of a probe that HISTORY_FILE tells; trusted sources have no place in it. */
const RECORDED_RESULTS = [
  "below-trigger",
  "watched",
  "blocked",
  "already-blocked",
  "failed",
] as const;

/**
 * Letters of a host name. One that ends in a number could pass for another's address, which readers
 * of the history ban.
 */
const HOST_NAME = /^(?!(?:.*\.)?\d+$)[0-9a-z.-]{1,253}$/;

const scanRecord = z
  .strictObject({
    source: address,
    /** The source's name, or its address. */
    host: z.string(),
    transport: z.enum(["tcp", "udp"]),
    port: z.number().refine(isPort, "not a port"),
    /** The octet of TCP control bits. */
    tcpFlags: z.number().int().min(0).max(255),
    ipOptions: z.enum(["set", "not set", "unknown"]),
    result: z.enum(RECORDED_RESULTS),
  })
  .refine(({ source, host }) => host === source || HOST_NAME.test(host), "not a host name");

const SEVERITIES = ["notice", "warning", "error"] as const satisfies readonly Severity[];

/**
 * Longest alert for ALERT_COMMAND, in UTF-16 units: at three bytes each it fits into a line, and as
 * JSON twice.
 */
export const MAX_ALERT_CHARACTERS = 32_768;

/** Control characters, which JSON has in no string and a program's line may not have. */
const CONTROL = /\p{Cc}/u;

/** An object of JSON on one line; handed on as it is, because it may be nested deeply. */
const alertBody = z
  .string()
  .max(MAX_ALERT_CHARACTERS)
  .refine((text) => !CONTROL.test(text) && isJsonObject(text), "not an object of JSON on one line");

const id = z.number().int().nonnegative();

/** The whole table of requests; what is not in it cannot be asked. */
export const requestSchema = z.discriminatedUnion("request", [
  /** Shut sources out. Refused one by one: trusted, over budget. */
  z.strictObject({ id, request: z.literal("ban"), bans: z.array(banItem).min(1).max(MAX_BATCH) }),
  /** Bring back bans that stood before; only while the broker's restore allowance lasts. */
  z.strictObject({
    id,
    request: z.literal("restore"),
    bans: banRows,
  }),
  /** The next bans of those that the kernel's sets hold, for a journal that does not know them. */
  z.strictObject({ id, request: z.literal("standing") }),
  z.strictObject({
    id,
    request: z.literal("unban"),
    prefixes: z.array(prefix).min(1).max(MAX_BATCH),
  }),
  /** Do what PortSentry's keys say to a source that has probed `port`. */
  z.strictObject({
    id,
    request: z.literal("respond"),
    source: prefix,
    port: z.number().int().min(0).max(65_535),
    transport: z.enum(["tcp", "udp"]),
    timeoutMs,
    evidence: z.enum(EVIDENCE_LEVELS),
    /** It is shut out already and is to be for longer: what was done is not done twice. */
    isLonger: z.boolean(),
  }),
  /** Take back what was done to each; also what an earlier PortSentry has left. */
  z.strictObject({
    id,
    request: z.literal("undo"),
    prefixes: z.array(prefix).min(1).max(MAX_BATCH),
    withLeftovers: z.boolean(),
  }),
  /** Who is shut out by what an earlier PortSentry has left. */
  z.strictObject({ id, request: z.literal("leftovers") }),
  /** Add trust; nothing in this table takes trust away. */
  z.strictObject({ id, request: z.literal("trust"), prefix, timeoutMs }),
  /** Write probes and what became of them into HISTORY_FILE. Refused one by one: trusted. */
  z.strictObject({
    id,
    request: z.literal("record"),
    records: z.array(scanRecord).min(1).max(MAX_BATCH),
  }),
  /** Keep what `--confirm` would take away. */
  z.strictObject({ id, request: z.literal("confirm") }),
  /** The kernel's counters and the number of held sources. */
  z.strictObject({ id, request: z.literal("measure") }),
  /** The kernel's counters alone: microseconds, however many sources are held. */
  z.strictObject({ id, request: z.literal("count") }),
  /** How much the blocklists name, and what was dropped because of them. */
  z.strictObject({ id, request: z.literal("blocklists") }),
  /** Which entries of blocklists hold an address. */
  z.strictObject({ id, request: z.literal("listed"), address }),
  /**
   * A packet that the kernel dropped, for BLOCK_LOG; some a second, and three a minute a source.
   */
  z.strictObject({ id, request: z.literal("dropped"), packet: droppedPacket }),
  /** Run ALERT_COMMAND with this alert. Which program that is does not come with the request. */
  z.strictObject({
    id,
    request: z.literal("alert"),
    kind: z.enum(ALERT_KINDS),
    severity: z.enum(SEVERITIES),
    source: prefix.nullable(),
    body: alertBody,
  }),
  /** Read the configuration again. Nothing of it comes with the request. */
  z.strictObject({ id, request: z.literal("reload") }),
  /**
   * Put the candidate that root has left in force, and take it back unless it is confirmed. Nothing
   * of it comes with the request.
   */
  z.strictObject({
    id,
    request: z.literal("apply"),
    confirmWithinMs: z.number().int().min(1000).max(MAX_CONFIRM_MS),
  }),
  /** All bans are restored and the guard listens: ends the restore allowance. Once a process. */
  z.strictObject({ id, request: z.literal("ready") }),
]);

export type BrokerRequest = z.output<typeof requestSchema>;
/** A request as it is sent. */
export type SentRequest = z.input<typeof requestSchema>;
/** The request of that name, as it has passed the schema. */
export type RequestNamed<Name> = Extract<BrokerRequest, { readonly request: Name }>;
export type ScanRecord = z.output<typeof scanRecord>;

/** The kernel's named counters; packets since the table was built. */
export interface KernelCounters {
  /** Holds that were begun. */
  readonly holds: number;
  /** New connections of held sources that were dropped, to local and to published ports. */
  readonly refused: number;
  /** Packets of banned sources that were dropped. */
  readonly shutOut: number;
  /** Packets of trusted sources that a ban, a hold or the probe rules would have caught. */
  readonly trusted: number;
  /** Probes that found a set full, so that no hold could be made. */
  readonly full: number;
  /** Probes that fell past the log limit: seen by the kernel, not by us. */
  readonly unlogged: number;
}

/** Answer to `measure`. */
export interface Measurement {
  readonly counters: KernelCounters;
  /** Sources held at this moment. */
  readonly held: number;
}

/** Answer to any request; `malformed` ones have id -1 when theirs could not be read. */
export type BrokerReply =
  | { readonly id: number; readonly reply: "outcomes"; readonly outcomes: readonly Outcome[] }
  /** Every one of so many bans was "applied": `outcomes` in short, for \`restore\`. */
  | { readonly id: number; readonly reply: "restored"; readonly bans: number }
  | { readonly id: number; readonly reply: "responded"; readonly responded: readonly Responded[] }
  | { readonly id: number; readonly reply: "leftovers"; readonly leftovers: readonly Standing[] }
  /** Empty when that was all. */
  | { readonly id: number; readonly reply: "standing"; readonly bans: readonly BanOrder[] }
  | { readonly id: number; readonly reply: "measurement"; readonly measurement: Measurement }
  | { readonly id: number; readonly reply: "counters"; readonly counters: KernelCounters }
  /** null: no file is named, or there is no nftables. */
  | { readonly id: number; readonly reply: "blocklists"; readonly summary: BlocklistSummary | null }
  | { readonly id: number; readonly reply: "listed"; readonly listings: readonly Listing[] }
  | { readonly id: number; readonly reply: "reload"; readonly outcome: ReloadOutcome }
  | { readonly id: number; readonly reply: "done" }
  | { readonly id: number; readonly reply: "malformed"; readonly reason: string };

/** What the broker knows of the machine and the guard needs; sent at start and on every change. */
export interface Facts {
  readonly trusted: readonly TrustedEntry[];
  /** IPv6 prefixes in which one source is one address. */
  readonly sharedIpv6: readonly Prefix[];
}

/** An inherited file descriptor and what it is. */
export type HandedSocket =
  | { readonly kind: "nflog"; readonly fd: number; readonly group: number }
  | { readonly kind: "api"; readonly fd: number }
  /** Sends marked packets of one address family. */
  | { readonly kind: "raw"; readonly fd: number; readonly version: 4 | 6 }
  | { readonly kind: "tcp-listener"; readonly fd: number; readonly port: number }
  | { readonly kind: "udp-listener"; readonly fd: number; readonly port: number };

/** The configuration as the broker read it. */
export interface HandedSettings {
  /** As text, key by key. */
  readonly settings: Readonly<Record<string, string>>;
  readonly configRevision: string;
}

/** What the broker tells without being asked. */
export type BrokerEvent =
  | (HandedSettings & {
      readonly event: "hello";
      /** Bans and holds are switched off, and why; undefined when they are on. */
      readonly watchOnly: string | undefined;
      readonly sockets: readonly HandedSocket[];
      /** Whether there is nftables. */
      readonly hasTable: boolean;
      readonly stateDirectory: string;
      /** Group whose members may change things over the API; undefined: root alone. */
      readonly operatorGid: number | undefined;
      /** When what was started or applied last is taken back unless confirmed; undefined: never. */
      readonly confirmByEpochMs: number | undefined;
      /** SHA-256 of the API's token, hexadecimal; undefined: there is none to be used. */
      readonly apiTokenHash: string | undefined;
      /** The same of the token that reads alone. */
      readonly apiReadTokenHash: string | undefined;
      readonly alertFiles: AlertFiles;
      readonly facts: Facts;
      /** Where lines go; never empty. */
      readonly logOutputs: readonly LogOutput[];
      readonly verbosity: Verbosity;
    })
  /** The configuration was read again: go by this one. */
  | (HandedSettings & { readonly event: "settings" })
  /** The API's tokens were read again; as in the greeting. */
  | {
      readonly event: "api-token";
      readonly hash: string | undefined;
      readonly readHash: string | undefined;
    }
  /** The files of alerts were read again. */
  | { readonly event: "alert-files"; readonly files: AlertFiles }
  | { readonly event: "facts"; readonly facts: Facts }
  /**
   * The broker's own health problems, the whole list each time; and what has changed since a guard
   * that listened was told last, for whoever is to hear of it.
   */
  | {
      readonly event: "health";
      readonly problems: readonly HealthProblem[];
      readonly changes: readonly HealthChange[];
    }
  /** The table was gone and stands again, empty: bring the bans back. */
  | { readonly event: "table-rebuilt" }
  /** What was started or applied last waits for its confirmation; undefined: nothing does. */
  | { readonly event: "confirmation"; readonly byEpochMs: number | undefined }
  /** End; `endBans`: the kernel's are taken away, so the journal's end too. */
  | { readonly event: "stop"; readonly endBans: boolean };

/** What the guard may read from the broker: a reply has `reply`, an event has `event`. */
export type BrokerMessage = BrokerReply | BrokerEvent;

function isJsonObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value);
  } catch {
    // No JSON.
    return false;
  }
}
