/**
 * PortSentry's side of a ban, on the privileged side: its responses, their end, its blocked file.
 *
 * What is done, and in which mode, this process takes from its own reading of the configuration;
 * the guard names a source, a port and a transport. What was done for a time is taken back here,
 * whatever becomes of the guard. A taken-over guard can have the administrator's own commands run
 * for sources that are not trusted, within the budget and the queue, and can have them undone.
 */
import type { Clock } from "../clock.ts";
import type { BanMeans } from "../model/ban.ts";
import { isDone, type Outcome } from "../model/order.ts";
import { formatPrefix, type Prefix } from "../net/prefix.ts";
import type { Transport } from "../net/transport.ts";
import type { ResponseMode } from "./executors/command-template.ts";
import type { LegacyResponse } from "./executors/deed.ts";
import type { DeedLedger } from "./executors/deed-ledger.ts";
import { outcomeOfResponses, outcomeOfUndo } from "./executors/response-outcomes.ts";
import type { LegacyResponses, UndoOptions } from "./executors/responses.ts";
import type { BlockedFiles } from "./legacy/blocked-files.ts";

export interface LegacyBansOptions {
  /** What $MODE$ stands for; undefined: the transport is not watched. */
  readonly modes: Readonly<Record<Transport, ResponseMode | undefined>>;
  /** BLOCK_TCP and BLOCK_UDP. */
  readonly blocks: Readonly<Record<Transport, 0 | 1 | 2>>;
}

export interface LegacyBansParts {
  readonly responses: LegacyResponses;
  readonly ledger: DeedLedger;
  /** @returns why nothing is done to `prefix` (trusted, no sender); undefined when it may be. */
  readonly refusal: (prefix: Prefix) => string | undefined;
  /** undefined: BLOCKED_FILE is empty. */
  readonly blocked: BlockedFiles | undefined;
  /** Whether the kernel's sets shut `prefix` out. */
  readonly isBannedInKernel: (prefix: Prefix) => boolean;
  readonly clock: Clock;
  /** Called with every response and undo that was tried. */
  readonly onResponses: (target: Prefix, responses: readonly LegacyResponse[]) => void;
  /** Called when the blocked file cannot be written (the reason), and when it can again. */
  readonly onBlockedFile: (failure: string | undefined) => void;
}

/** A source to respond to. */
export interface BanCause {
  readonly source: Prefix;
  /** 0 to 65535. */
  readonly port: number;
  readonly transport: Transport;
  /** From now; null: for good. */
  readonly timeoutMs: number | null;
  /** As of {@link ResponseRequest}. */
  readonly isLonger: boolean;
}

/** What became of it: "applied" when at least one response did what it should. */
export interface Responded {
  readonly outcome: Outcome;
  readonly responses: readonly LegacyResponse[];
}

/** Somebody who is shut out by something that no ban of ours accounts for. */
export interface Standing {
  readonly prefix: Prefix;
  readonly means: readonly BanMeans[];
  /** Since when, where a blocked file tells it. */
  readonly sinceEpochMs: number | undefined;
  /** Whether we did it: for a ban that the journal does not know. */
  readonly isOurs: boolean;
}

/** How often (ms) what is over is looked for, and the blocked file written when it is due. */
const TICK_MS = 1000;

/** Pause (ms) before an undo that has failed is tried again by itself. */
const RETRY_AFTER_MS = 60_000;

/** How often (in ticks) it is looked whether bans without an end still stand. */
const KEEP_EVERY_TICKS = 60;

/** Leftovers that one answer names; whoever has more unbans those first. */
const MAX_LEFTOVERS = 10_000;

export class LegacyBans {
  readonly #options: LegacyBansOptions;
  readonly #parts: LegacyBansParts;
  /** Since when an earlier PortSentry's blocks stand, by its own file. */
  readonly #since = new Map<Prefix, number>();
  /** Sources whose deeds are over and could not be taken back; monotonic times. */
  readonly #retryAtMs = new Map<Prefix, number>();
  /** For whom earlier runs did something; empty once {@link adoptBlocked} has gone through them. */
  #earlier: ReadonlySet<Prefix>;
  /** Who was shut out at the start by what an earlier PortSentry left. */
  readonly #leftAtStart = new Set<Prefix>();
  #ticks = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: LegacyBansOptions, parts: LegacyBansParts) {
    this.#options = options;
    this.#parts = parts;
    this.#earlier = new Set(parts.ledger.prefixes);
    for (const [prefix, { sinceEpochMs }] of parts.blocked?.found ?? []) {
      this.#since.set(prefix, sinceEpochMs);
    }
  }

  /** Everybody for whom something was done that is not undone. */
  get prefixes(): readonly Prefix[] {
    return this.#parts.ledger.prefixes;
  }

  /** Brings back what a restart of the machine has taken. Never rejects. */
  async restore(): Promise<void> {
    const { ledger, responses, clock } = this.#parts;
    const due = new Set(ledger.dueAt(clock.epochMs()));
    const standing = ledger.prefixes.filter((prefix) => !due.has(prefix));
    this.#tell(await responses.restore(standing));
  }

  /** Begins to watch the clock. */
  start(): void {
    this.#timer = setInterval(() => void this.tick(), TICK_MS);
  }

  /** The bans of earlier runs stand again: of the blocked file's what stands is kept. */
  async adoptBlocked(): Promise<void> {
    const { blocked, ledger, isBannedInKernel } = this.#parts;
    if (blocked === undefined) return;
    const inKernel = [...blocked.found.keys()].filter((prefix) => isBannedInKernel(prefix));
    const left = await this.leftovers();
    for (const { prefix, isOurs } of left) if (!isOurs) this.#leftAtStart.add(prefix);
    // Whose response runs meanwhile is listed at its end, with its port.
    const ours = ledger.prefixes.filter((prefix) => this.#earlier.has(prefix));
    const standing = new Set([...ours, ...this.#leftAtStart, ...inKernel]);
    blocked.adopt([...standing].map((prefix) => [prefix, ledger.untilOf(prefix)]));
    this.#earlier = new Set();
  }

  /** @returns why nothing is done to `prefix`; undefined when nothing forbids it. */
  refusal(prefix: Prefix): string | undefined {
    return this.#parts.refusal(prefix);
  }

  /** Does what the configuration says. May be called again for a source. Never rejects. */
  async respond({ timeoutMs, ...cause }: BanCause): Promise<Responded> {
    const { source, port, transport } = cause;
    const { responses, blocked, isBannedInKernel, clock } = this.#parts;
    const mode = this.#options.modes[transport];
    const block = this.#options.blocks[transport];
    if (mode === undefined || block === 0) {
      const reason = `${transport} is not watched, or probes of it ban nobody`;
      return { outcome: { status: "refused", reason }, responses: [] };
    }
    const sinceEpochMs = clock.epochMs();
    const untilEpochMs = timeoutMs === null ? undefined : sinceEpochMs + timeoutMs;
    const done = await responses.respond({ ...cause, mode, block, untilEpochMs });
    const outcome = outcomeOfResponses(done);
    const isShutOut = isDone(outcome) && done.length > 0;
    if (isShutOut || isBannedInKernel(source)) {
      blocked?.add(source, { port, transport, sinceEpochMs }, untilEpochMs);
    }
    if (done.length > 0) this.#parts.onResponses(source, done);
    return { outcome, responses: done };
  }

  /** Takes back what was done to each of `prefixes`, in their order. Never rejects. */
  async undo(prefixes: readonly Prefix[], options: UndoOptions): Promise<readonly Responded[]> {
    const { responses, blocked } = this.#parts;
    const undone = prefixes.map(async (prefix): Promise<Responded> => {
      const done = await responses.undo(prefix, options);
      const outcome = outcomeOfUndo(done);
      if (outcome.status !== "failed") {
        blocked?.delete(prefix);
        this.#leftAtStart.delete(prefix);
        this.#retryAtMs.delete(prefix);
      }
      if (done.length > 0) this.#parts.onResponses(prefix, done);
      return { outcome, responses: done };
    });
    return await Promise.all(undone);
  }

  /**
   * Responds no more, waits for what runs, and takes everything back; for an end that leaves
   * nothing. Never rejects. @returns who could not be let in, and why.
   */
  async undoAll(): Promise<readonly string[]> {
    const { responses, ledger } = this.#parts;
    await responses.end();
    const { prefixes } = ledger;
    const undone = await this.undo(prefixes, { withLeftovers: false });
    return undone.flatMap(({ outcome }, index) =>
      outcome.status === "failed"
        ? [`${formatPrefix(prefixes[index] as Prefix)}: ${outcome.reason}`]
        : [],
    );
  }

  /**
   * Who is shut out by what was done here or by an earlier PortSentry; whoever asks leaves out
   * those whose ban he knows. At most {@link MAX_LEFTOVERS}.
   */
  async leftovers(): Promise<readonly Standing[]> {
    const { ledger, responses } = this.#parts;
    const means = new Map<Prefix, Set<BanMeans>>();
    const take = (prefix: Prefix, kind: BanMeans): void => {
      if (means.size >= MAX_LEFTOVERS && !means.has(prefix)) return;
      means.set(prefix, (means.get(prefix) ?? new Set()).add(kind));
    };
    const adoptable = await responses.adoptable();
    // Read after the wait: what a response did meanwhile is among what was found.
    const ours = new Set(ledger.prefixes);
    for (const prefix of ours) for (const { kind } of ledger.deedsOf(prefix)) take(prefix, kind);
    for (const { prefix, kind } of adoptable) take(prefix, kind);
    return [...means].map(([prefix, kinds]) => ({
      prefix,
      means: [...kinds],
      sinceEpochMs: this.#since.get(prefix),
      isOurs: ours.has(prefix),
    }));
  }

  /** The clock is being set by `byMs`, while ours says the old time: the blocked file goes along. */
  clockWasSet(byMs: number): void {
    this.#parts.blocked?.moveEnds(byMs);
  }

  /** Takes back what is over, and writes the blocked file when it is due. Once a second. */
  async tick(): Promise<void> {
    const { ledger, blocked, clock, onBlockedFile } = this.#parts;
    this.#ticks += 1;
    if (this.#ticks % KEEP_EVERY_TICKS === 0) blocked?.keep((prefix) => this.#stands(prefix));
    if (blocked !== undefined) onBlockedFile(blocked.flush());
    await this.#takeBackDue(ledger.dueAt(clock.epochMs()), clock.monotonicMs());
  }

  /** Lets go of everything but the ledger, with which another one goes on. Instead of `stop`. */
  retire(): void {
    clearInterval(this.#timer);
    this.#parts.blocked?.close();
  }

  /** Ends watching and writes what is left to write. Called once. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#parts.responses.end();
    this.retire();
    await this.#parts.ledger.close();
  }

  #stands(prefix: Prefix): boolean {
    const { ledger, isBannedInKernel } = this.#parts;
    const isOurs = ledger.deedsOf(prefix).length > 0;
    return isOurs || this.#leftAtStart.has(prefix) || isBannedInKernel(prefix);
  }

  /** What fails stays in the ledger; the queue has one undo in a row a source. */
  async #takeBackDue(due: readonly Prefix[], nowMs: number): Promise<void> {
    const tried = due.filter((prefix) => (this.#retryAtMs.get(prefix) ?? nowMs) <= nowMs);
    for (const prefix of tried) this.#retryAtMs.set(prefix, nowMs + RETRY_AFTER_MS);
    const undone = await this.undo(tried, { withLeftovers: false });
    for (const [index, { outcome }] of undone.entries()) {
      if (outcome.status !== "failed") this.#retryAtMs.delete(tried[index] as Prefix);
    }
  }

  #tell(restored: ReadonlyMap<Prefix, readonly LegacyResponse[]>): void {
    for (const [prefix, responses] of restored) {
      const done = responses.filter(({ status }) => status === "applied" || status === "failed");
      if (done.length > 0) this.#parts.onResponses(prefix, done);
    }
  }
}
