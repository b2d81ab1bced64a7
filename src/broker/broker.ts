/**
 * The privileged side of one guard: reads its requests, decides on each, and lets executors act.
 *
 * The guard reads hostile packets and is taken to be taken over. A request passes, in this order:
 * the framing (131,072 bytes a line), a limit of 1,000 requests a second, the schema, the table of
 * what is allowed when, the executor's rules (trusted, not bannable), what its evidence allows, and
 * the budget. Refused is answered, never fatal; a line that is no request is counted, and a guard
 * that sends 100 of them within a minute, or a line without end, is ended by `onBreach`.
 *
 * A taken-over guard can still: ban untrusted sources within the budget, have the administrator's
 * commands run for them within a budget of the same size, and the program for alerts with words of
 * its choice (60 times a minute), unban everyone, add trust (60 times a
 * minute, never wider than /8 or /32), have root's configuration file read again (as often), read
 * the counters and, before it is ready, whom the kernel shuts out, and put invented lines into the
 * block log within its bounds. It cannot take trust away.
 */
import type { Duplex } from "node:stream";
import { z } from "zod";
import type { Clock } from "../clock.ts";
import type { Outcome } from "../model/order.ts";
import type { ReloadOutcome } from "../model/reload.ts";
import type { Prefix } from "../net/prefix.ts";
import { SlidingWindow } from "../sliding-window.ts";
import type { BanRules } from "./ban-budget.ts";
import { BanDesk, type BanDeskOptions } from "./ban-desk.ts";
import { BlocklistDesk, type FindBlocklists } from "./blocklist-desk.ts";
import type { ToldAlert } from "./executors/alert-program.ts";
import type { BanExecutor } from "./executors/ban-executor.ts";
import { whyTooWide } from "./executors/bannable.ts";
import type { LegacyBans } from "./legacy-bans.ts";
import { LegacyDesk } from "./legacy-desk.ts";
import { LineChannel } from "./line-channel.ts";
import {
  type BrokerEvent,
  type BrokerReply,
  type BrokerRequest,
  MAX_LINE_BYTES,
  type RequestNamed,
  requestSchema,
} from "./protocol.ts";
import { ReportDesk, type ReportDeskParts } from "./report-desk.ts";
import { RequestGate } from "./request-table.ts";

const SECOND_MS = 1000;
const MINUTE_MS = 60_000;

const REQUESTS_PER_SECOND = 1000;

/** Lines that are no request, in a minute, until the guard is ended. */
const MALFORMED_PER_MINUTE = 100;

/** Each one rewrites a file. */
const TRUSTS_PER_MINUTE = 60;

/** Each one reads a file and may replace the table's rules. */
const RELOADS_PER_MINUTE = 60;

/** Events that a guard does not read; facts may be megabytes. */
const MAX_QUEUED_BYTES = 64 * 1_048_576;

/** Reasons quote what the guard sent, which may be long. */
const LONGEST_REASON = 200;

/**
 * A guard that was taken over can write its journal: the first one may restore few wide bans, a
 * later one what stands.
 */
export type BrokerOptions = BanDeskOptions;

export interface BrokerParts extends ReportDeskParts {
  /** This process's end of the socket pair; it is taken over. */
  readonly stream: Duplex;
  readonly executor: BanExecutor;
  /** Asked each time, because a reload may change it; undefined: no key says what to respond. */
  readonly legacy: () => LegacyBans | undefined;
  /** As `legacy`; undefined: there is no nftables. */
  readonly blocklists: FindBlocklists;
  readonly clock: Clock;
  /** Writes trust where it lasts and puts it in force. Never throws. */
  readonly trust: (prefix: Prefix, timeoutMs: number | null) => Outcome;
  /** Runs ALERT_COMMAND, within its own bounds. Never rejects. */
  readonly alert: (alert: ToldAlert) => Promise<Outcome>;
  /** Keeps what `--confirm` would take back. Never throws. */
  readonly onConfirm: () => Outcome;
  /** Reads the configuration again. Never rejects for what an operator can write. */
  readonly onReload: () => Promise<ReloadOutcome>;
  /** Tries the candidate out. As `onReload`. */
  readonly onApply: (confirmWithinMs: number) => Promise<ReloadOutcome>;
  /** The guard has restored its bans and listens. */
  readonly onReady: () => void;
  /** The guard has asked for the counters alone, which nobody but itself has it do: it gets on. */
  readonly onCount: () => void;
  /** The guard broke the protocol and must be ended; `onClose` follows. */
  readonly onBreach: (reason: string) => void;
  /** The channel is closed; called once. */
  readonly onClose: () => void;
}

const anyId = z.object({ id: z.number().int().nonnegative() });

export class Broker {
  readonly #parts: BrokerParts;
  readonly #channel: LineChannel;
  readonly #gate = new RequestGate();
  readonly #bans: BanDesk;
  readonly #legacy: LegacyDesk;
  readonly #reports: ReportDesk;
  readonly #blocklists: BlocklistDesk;
  readonly #requests = new SlidingWindow({ limit: REQUESTS_PER_SECOND, windowMs: SECOND_MS });
  readonly #malformed = new SlidingWindow({
    limit: MALFORMED_PER_MINUTE - 1,
    windowMs: MINUTE_MS,
  });
  readonly #trusts = new SlidingWindow({ limit: TRUSTS_PER_MINUTE, windowMs: MINUTE_MS });
  readonly #reloads = new SlidingWindow({ limit: RELOADS_PER_MINUTE, windowMs: MINUTE_MS });

  constructor(options: BrokerOptions, parts: BrokerParts) {
    this.#parts = parts;
    this.#bans = new BanDesk(parts.executor, options);
    this.#legacy = new LegacyDesk(parts.legacy, options);
    this.#reports = new ReportDesk(parts);
    this.#blocklists = new BlocklistDesk(parts.blocklists);
    this.#channel = new LineChannel(parts.stream, {
      maxLineBytes: MAX_LINE_BYTES,
      maxQueuedBytes: MAX_QUEUED_BYTES,
      readsAheadOfAnswers: false,
      onLine: (line) => this.#receive(line),
      onClose: (reason) => {
        this.#bans.close();
        if (reason !== undefined) parts.onBreach(reason);
        parts.onClose();
      },
    });
  }

  /** Tells the guard something unasked; does nothing when it has gone. */
  send(event: BrokerEvent): void {
    this.#channel.send(event);
  }

  /** The table is new and empty: as many bans as stood in the old one may be restored. */
  tableRebuilt(): void {
    this.#bans.tableRebuilt();
    this.send({ event: "table-rebuilt" });
  }

  /** Has other rules for bans, and for responses, from now on. */
  reconfigure(rules: BanRules): void {
    this.#bans.reconfigure(rules);
    this.#legacy.reconfigure(rules);
  }

  /** Closes the channel, upon which a guard ends by itself. May be called again. */
  close(): void {
    this.#channel.close();
  }

  #receive(line: string): void {
    const now = this.#parts.clock.monotonicMs();
    // Before anything is parsed, which is the dear part of a flood.
    if (!this.#requests.take(now)) {
      const id = Number(/^\{"id":(\d{1,15}),/.exec(line)?.[1] ?? -1);
      this.#answerMalformed(id, `more than ${REQUESTS_PER_SECOND} requests a second`);
      return;
    }
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch {
      // Answered below as any other line that is no request.
      value = undefined;
    }
    const id = anyId.safeParse(value).data?.id ?? -1;
    const parsed = requestSchema.safeParse(value);
    if (!parsed.success) {
      this.#answerMalformed(id, z.prettifyError(parsed.error));
      if (!this.#malformed.take(now)) {
        this.#channel.close(`${MALFORMED_PER_MINUTE} lines within a minute were no requests`);
      }
      return;
    }
    const request = parsed.data;
    const refusal = this.#gate.pass(request.request);
    const reply = refusal === undefined ? this.#answer(request, now) : refuse(request, refusal);
    if (reply instanceof Promise) void reply.then((late) => this.#channel.send(late));
    else this.#channel.send(reply);
  }

  async #reload(
    request: RequestNamed<"reload"> | RequestNamed<"apply">,
    now: number,
  ): Promise<BrokerReply> {
    const { id } = request;
    if (!this.#reloads.take(now)) {
      return malformed(id, `more than ${RELOADS_PER_MINUTE} reloads a minute`);
    }
    const { onReload, onApply } = this.#parts;
    const isTrial = request.request === "apply";
    const outcome = await (isTrial ? onApply(request.confirmWithinMs) : onReload());
    return { id, reply: "reload", outcome };
  }

  /**
   * Only what runs commands, or reads files, answers later; the guard tells the replies apart by
   * their ids.
   */
  #answer(request: BrokerRequest, now: number): BrokerReply | Promise<BrokerReply> {
    const { id } = request;
    const { executor, onConfirm, onReady } = this.#parts;
    switch (request.request) {
      case "ban":
        return outcomes(id, this.#bans.ban(request.bans, now));
      case "restore":
        return restored(id, this.#bans.restore(request.bans));
      case "standing":
        return { id, reply: "standing", bans: this.#bans.standing(now) };
      case "unban":
        this.#reports.forget(request.prefixes);
        return outcomes(id, this.#bans.unban(request.prefixes));
      case "respond":
        return this.#legacy.respond(request, now);
      case "undo":
        return this.#legacy.undo(request);
      case "leftovers":
        return this.#legacy.leftovers(request, now);
      case "reload":
      case "apply":
        return this.#reload(request, now);
      case "trust":
        return outcomes(id, [this.#trust(request.prefix, request.timeoutMs, now)]);
      case "dropped":
        return outcomes(id, [this.#reports.drop(request.packet, now)]);
      case "record":
        return outcomes(id, this.#reports.record(request.records, now));
      case "alert":
        return this.#parts.alert(request).then((outcome) => outcomes(id, [outcome]));
      case "measure":
        return { id, reply: "measurement", measurement: executor.measure() };
      case "count":
        this.#parts.onCount();
        return { id, reply: "counters", counters: executor.counters() };
      case "blocklists":
      case "listed":
        return this.#blocklists.answer(request, now);
      case "confirm":
        return outcomes(id, [onConfirm()]);
      case "ready":
        this.#bans.endRestoring();
        onReady();
        return { id, reply: "done" };
    }
  }

  #trust(prefix: Prefix, timeoutMs: number | null, now: number): Outcome {
    const tooWide = whyTooWide(prefix);
    if (tooWide !== undefined) return { status: "refused", reason: tooWide };
    if (!this.#trusts.take(now)) {
      return { status: "refused", reason: `more than ${TRUSTS_PER_MINUTE} acts of trust a minute` };
    }
    return this.#parts.trust(prefix, timeoutMs);
  }

  #answerMalformed(id: number, reason: string): void {
    this.#channel.send(malformed(id, reason));
  }
}

function refuse(request: BrokerRequest, reason: string): BrokerReply {
  const refused: Outcome = { status: "refused", reason };
  switch (request.request) {
    case "ban":
    case "restore":
      return outcomes(
        request.id,
        request.bans.map(() => refused),
      );
    case "unban":
      return outcomes(
        request.id,
        request.prefixes.map(() => refused),
      );
    case "record":
      return outcomes(
        request.id,
        request.records.map(() => refused),
      );
    case "trust":
    case "dropped":
    case "alert":
    case "confirm":
      return outcomes(request.id, [refused]);
    case "respond":
    case "undo":
    case "leftovers":
    case "standing":
    case "blocklists":
    case "listed":
    case "measure":
    case "count":
    case "reload":
    case "apply":
    case "ready":
      return malformed(request.id, reason);
  }
}

function outcomes(id: number, all: readonly Outcome[]): BrokerReply {
  return { id, reply: "outcomes", outcomes: all };
}

/** Of a million outcomes next to all are alike. */
function restored(id: number, all: readonly Outcome[]): BrokerReply {
  const areApplied = all.every(({ status }) => status === "applied");
  return areApplied ? { id, reply: "restored", bans: all.length } : outcomes(id, all);
}

function malformed(id: number, reason: string): BrokerReply {
  return { id, reply: "malformed", reason: reason.slice(0, LONGEST_REASON) };
}
