/**
 * The guard's end of the privilege boundary: requests as promises.
 *
 * The broker is trusted here, so its messages are not checked again; a message that makes no sense
 * is a fault of ours and closes the channel. A refusal is an outcome, not a rejection. When the
 * channel closes, every pending promise rejects with ERR_BROKER and the guard ends: it can do
 * nothing without a broker, and bans stay in the kernel.
 */
import type { Duplex } from "node:stream";
import { OperationalError } from "../errors.ts";
import type { BanOrder } from "../model/ban-order.ts";
import type { DroppedPacket } from "../model/dropped-packet.ts";
import type { Outcome } from "../model/order.ts";
import type { ReloadOutcome } from "../model/reload.ts";
import type { IpAddress } from "../net/ip-address.ts";
import type { Prefix } from "../net/prefix.ts";
import { encodeBanRows, MAX_ROWS } from "./ban-rows.ts";
import type { BanItem } from "./ban-schema.ts";
import type { BlocklistSummary, Listing } from "./blocklists/blocklist-keeper.ts";
import type { ToldAlert } from "./executors/alert-program.ts";
import type { Responded, Standing } from "./legacy-bans.ts";
import { LineChannel } from "./line-channel.ts";
import {
  type BrokerEvent,
  type BrokerMessage,
  type BrokerReply,
  type KernelCounters,
  MAX_BATCH,
  type Measurement,
  type RequestNamed,
  type ScanRecord,
  type SentRequest,
} from "./protocol.ts";

/**
 * Facts carry the whole trusted set, which an ignore file may make long. Only the guard's bound.
 */
const MAX_MESSAGE_BYTES = 64 * 1_048_576;

/** Requests wait for their replies, so more than this is a broker that does not read. */
const MAX_QUEUED_BYTES = 16 * 1_048_576;

/** A request as it is asked; the client numbers it. */
type Asked<Request = SentRequest> = Request extends SentRequest ? Omit<Request, "id"> : never;

interface Pending {
  readonly resolve: (reply: BrokerReply) => void;
  readonly reject: (error: OperationalError) => void;
}

export interface BrokerClientOptions {
  /** Called with each event in order; the first is "hello". */
  readonly onEvent: (event: BrokerEvent) => void;
  /** Called once, after the pending promises were rejected with the same error. */
  readonly onClose: (error: OperationalError) => void;
}

export class BrokerClient {
  readonly #channel: LineChannel;
  readonly #options: BrokerClientOptions;
  readonly #pending = new Map<number, Pending>();
  #nextId = 0;
  #closedBy: OperationalError | undefined;

  /** `stream`: this process's end of the socket pair; it is taken over. */
  constructor(stream: Duplex, options: BrokerClientOptions) {
    this.#options = options;
    this.#channel = new LineChannel(stream, {
      maxLineBytes: MAX_MESSAGE_BYTES,
      maxQueuedBytes: MAX_QUEUED_BYTES,
      // The broker waits until its replies are read; if both waited, neither would go on.
      readsAheadOfAnswers: true,
      onLine: (line) => this.#receive(line),
      onClose: (reason) => this.#fail(reason),
    });
  }

  /** Asks for new bans. @returns an outcome for each, in order. @throws ERR_BROKER when closed. */
  ban(bans: readonly BanItem[]): Promise<Outcome[]> {
    return this.#inBatches(bans, (batch) => ({ request: "ban", bans: batch }));
  }

  /** Asks to bring back bans that stood before. As {@link ban}. */
  restore(bans: readonly BanItem[]): Promise<Outcome[]> {
    const asked = (batch: BanItem[]) =>
      ({ request: "restore", bans: encodeBanRows(batch) }) as const;
    return this.#inBatches(bans, asked, MAX_ROWS);
  }

  /**
   * The next bans of those that the kernel's sets hold; empty when that was all. Before `ready`.
   * @throws {OperationalError} ERR_BROKER when closed or refused.
   */
  async standing(): Promise<readonly BanOrder[]> {
    const reply = await this.#ask({ request: "standing" });
    if (reply.reply === "standing") return reply.bans;
    throw unexpected(reply);
  }

  /** Asks to take bans away. As {@link ban}. */
  unban(prefixes: readonly Prefix[]): Promise<Outcome[]> {
    return this.#inBatches(prefixes, (batch) => ({ request: "unban", prefixes: batch }));
  }

  /**
   * Asks for PortSentry's responses to a source. @throws {OperationalError} ERR_BROKER when closed.
   */
  async respond(cause: Omit<RequestNamed<"respond">, "id" | "request">): Promise<Responded> {
    return respondedOf(await this.#ask({ request: "respond", ...cause }), 1)[0] as Responded;
  }

  /** Asks to take back what was done to each. @returns what became of each, in order. */
  async undo(prefixes: readonly Prefix[], withLeftovers: boolean): Promise<Responded[]> {
    const undone: Responded[] = [];
    for (let start = 0; start < prefixes.length; start += MAX_BATCH) {
      const batch = prefixes.slice(start, start + MAX_BATCH);
      const reply = await this.#ask({ request: "undo", prefixes: batch, withLeftovers });
      undone.push(...respondedOf(reply, batch.length));
    }
    return undone;
  }

  /** Who is shut out by what an earlier PortSentry has left; nobody when asked too often. */
  async leftovers(): Promise<readonly Standing[]> {
    const reply = await this.#ask({ request: "leftovers" });
    if (reply.reply === "malformed") return [];
    if (reply.reply === "leftovers") return reply.leftovers;
    throw unexpected(reply);
  }

  /** How much the blocklists name; null where there are none. */
  async blocklists(): Promise<BlocklistSummary | null> {
    const reply = await this.#ask({ request: "blocklists" });
    if (reply.reply === "blocklists") return reply.summary;
    throw unexpected(reply);
  }

  /**
   * The entries of blocklists that hold an address.
   * @throws {OperationalError} ERR_BROKER when closed, ERR_REFUSED when asked too often.
   */
  async listed(address: IpAddress): Promise<readonly Listing[]> {
    const reply = await this.#ask({ request: "listed", address });
    if (reply.reply === "listed") return reply.listings;
    if (reply.reply === "malformed") throw new OperationalError("ERR_REFUSED", reply.reason);
    throw unexpected(reply);
  }

  /** Adds trust for `timeoutMs`, null: for good. */
  async trust(prefix: Prefix, timeoutMs: number | null): Promise<Outcome> {
    const reply = await this.#ask({ request: "trust", prefix, timeoutMs });
    return outcomesOf(reply, 1)[0] as Outcome;
  }

  /** Asks for a line in the block log. "refused" beyond its bounds, and where none is wanted. */
  async dropped(packet: DroppedPacket): Promise<Outcome> {
    return outcomesOf(await this.#ask({ request: "dropped", packet }), 1)[0] as Outcome;
  }

  /** Asks for lines in HISTORY_FILE. As {@link ban}. */
  record(records: readonly ScanRecord[]): Promise<Outcome[]> {
    return this.#inBatches(records, (batch) => ({ request: "record", records: batch }));
  }

  /** Has ALERT_COMMAND run with an alert. Fulfilled when it has ended. As {@link trust}. */
  async alert(alert: ToldAlert): Promise<Outcome> {
    return outcomesOf(await this.#ask({ request: "alert", ...alert }), 1)[0] as Outcome;
  }

  /** Keeps what `--confirm` would take back; "already-applied" when nothing waits for it. */
  async confirm(): Promise<Outcome> {
    return outcomesOf(await this.#ask({ request: "confirm" }), 1)[0] as Outcome;
  }

  /**
   * Has the configuration read again. @returns what became of it.
   * @throws {OperationalError} ERR_BROKER when closed, ERR_REFUSED when asked too often.
   */
  async reload(): Promise<ReloadOutcome> {
    return this.#reloaded({ request: "reload" });
  }

  /** Has the candidate that root has left put in force, and taken back unless confirmed. As above. */
  async apply(confirmWithinMs: number): Promise<ReloadOutcome> {
    return this.#reloaded({ request: "apply", confirmWithinMs });
  }

  async #reloaded(asked: Asked): Promise<ReloadOutcome> {
    const reply = await this.#ask(asked);
    if (reply.reply === "reload") return reply.outcome;
    if (reply.reply === "malformed") throw new OperationalError("ERR_REFUSED", reply.reason);
    throw unexpected(reply);
  }

  /**
   * The kernel's counters, and how many sources are held.
   * @throws {OperationalError} ERR_BROKER when closed or refused.
   */
  async measure(): Promise<Measurement> {
    const reply = await this.#ask({ request: "measure" });
    if (reply.reply === "measurement") return reply.measurement;
    throw unexpected(reply);
  }

  /** The kernel's counters alone. @throws {OperationalError} ERR_BROKER when closed or refused. */
  async count(): Promise<KernelCounters> {
    const reply = await this.#ask({ request: "count" });
    if (reply.reply === "counters") return reply.counters;
    throw unexpected(reply);
  }

  /** Ends restoring. Called once. @throws {OperationalError} ERR_BROKER when closed or refused. */
  async ready(): Promise<void> {
    const reply = await this.#ask({ request: "ready" });
    if (reply.reply !== "done") throw unexpected(reply);
  }

  /** Closes the channel, which ends the broker's side too. May be called again. */
  close(): void {
    this.#channel.close();
  }

  /** One batch after the other, so that a million bans never wait in memory as text. */
  async #inBatches<Item>(
    items: readonly Item[],
    asked: (batch: Item[]) => Asked,
    most = MAX_BATCH,
  ): Promise<Outcome[]> {
    const outcomes: Outcome[] = [];
    for (let start = 0; start < items.length; start += most) {
      const batch = items.slice(start, start + most);
      outcomes.push(...outcomesOf(await this.#ask(asked(batch)), batch.length));
    }
    return outcomes;
  }

  #ask(asked: Asked): Promise<BrokerReply> {
    if (this.#closedBy !== undefined) return Promise.reject(this.#closedBy);
    const id = this.#nextId;
    this.#nextId += 1;
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve, reject });
      this.#channel.send({ id, ...asked });
    });
  }

  #receive(line: string): void {
    let message: BrokerMessage;
    try {
      message = JSON.parse(line) as BrokerMessage;
    } catch (cause) {
      // Not ours to read on: what follows may be the middle of something.
      this.#channel.close(`a message is no JSON: ${String(cause)}`);
      return;
    }
    if ("event" in message) {
      this.#options.onEvent(message);
      return;
    }
    const pending = this.#pending.get(message.id);
    this.#pending.delete(message.id);
    if (pending !== undefined) pending.resolve(message);
    else this.#channel.close(`a reply answers no request: ${line.slice(0, 200)}`);
  }

  #fail(reason: string | undefined): void {
    const error = new OperationalError(
      "ERR_BROKER",
      `the broker is gone${reason === undefined ? "" : ` (${reason})`}; bans stay in the kernel`,
    );
    this.#closedBy = error;
    for (const { reject } of this.#pending.values()) reject(error);
    this.#pending.clear();
    this.#options.onClose(error);
  }
}

function outcomesOf(reply: BrokerReply, length: number): Outcome[] {
  if (reply.reply === "malformed") {
    return Array.from({ length }, () => ({ status: "refused", reason: reply.reason }));
  }
  if (reply.reply === "restored" && reply.bans === length) {
    return Array.from({ length }, () => ({ status: "applied" }));
  }
  if (reply.reply === "outcomes" && reply.outcomes.length === length) return [...reply.outcomes];
  throw unexpected(reply);
}

function respondedOf(reply: BrokerReply, length: number): readonly Responded[] {
  if (reply.reply === "malformed") {
    const outcome = { status: "refused", reason: reply.reason } as const;
    return Array.from({ length }, () => ({ outcome, responses: [] }));
  }
  if (reply.reply === "responded" && reply.responded.length === length) return reply.responded;
  throw unexpected(reply);
}

function unexpected(reply: BrokerReply): OperationalError {
  const reason = reply.reply === "malformed" ? reply.reason : `an answer of kind ${reply.reply}`;
  return new OperationalError("ERR_BROKER", `the broker does not do what was asked: ${reason}`);
}
