/**
 * PortSentry's responses to a source (KILL_HOSTS_DENY, KILL_ROUTE, KILL_RUN_CMD), and their
 * undoing.
 *
 * The texts are root's, read by this process itself; the guard names a source, a port and a mode,
 * and each is checked again. Responses to several sources run beside each other, those to one after
 * one another, and what finds the queue full fails with that reason. Unlike 1.2, what stands
 * already is not done twice, a failed command is told as failed, and everything can be taken back.
 * Fails towards no block: a response that fails leaves the others.
 */
import type { Prefix } from "../../net/prefix.ts";
import { type RunCommand, runCommand } from "./command-runner.ts";
import type { Deed, LegacyResponse } from "./deed.ts";
import type { DeedLedger } from "./deed-ledger.ts";
import { type DeedTools, DeedWork } from "./deed-work.ts";
import { HookQueue, QUEUE_IS_FULL } from "./hook-queue.ts";
import { HostsDeny } from "./hosts-deny.ts";
import { type Leftover, Leftovers, type LeftoverTools } from "./leftovers.ts";
import { PresenceCheck } from "./presence.ts";
import { planResponses, type ResponseRequest, type ResponseTexts } from "./response-plan.ts";
import { type RouteTables, readRouteTables } from "./route-check.ts";
import { withXtablesTurns } from "./xtables-turns.ts";

export interface LegacySettings extends ResponseTexts {
  /** Longest that one command may run. Milliseconds. */
  readonly hookTimeoutMs: number;
  /** Responses that may wait besides those that run. */
  readonly hookQueue: number;
  /** The file of KILL_HOSTS_DENY. */
  readonly hostsDenyPath: string;
}

/** What responses need besides the settings. */
export interface LegacyParts {
  readonly ledger: DeedLedger;
  /** @returns why nothing is done to `prefix` (trusted, no sender); undefined when it may be. */
  readonly refusal: (prefix: Prefix) => string | undefined;
  /** Default: a shell, with the time-out of the settings. */
  readonly run?: RunCommand;
  /** Default: the kernel's tables. */
  readonly readRoutes?: () => Promise<RouteTables>;
}

export interface UndoOptions {
  /**
   * Whether what no deed of ours accounts for is taken away too: an earlier PortSentry's, or the
   * operator's own of the same words. For an unban by hand; not for a ban that ran out.
   */
  readonly withLeftovers: boolean;
}

const ENDING = "the guard is ending";

interface WaitingUndo {
  readonly options: UndoOptions;
  readonly result: Promise<readonly LegacyResponse[]>;
}

export class LegacyResponses {
  #settings: LegacySettings;
  readonly #ledger: DeedLedger;
  readonly #refusal: LegacyParts["refusal"];
  readonly #run: RunCommand;
  readonly #readRoutes: () => Promise<RouteTables>;
  readonly #hostsDeny: HostsDeny;
  readonly #work: DeedWork;
  readonly #tools: DeedTools & LeftoverTools;
  #leftovers: Leftovers;
  readonly #queue: HookQueue;
  #isEnding = false;
  /** By source: the undo that was queued last, until it runs or something is queued behind it. */
  readonly #lastUndo = new Map<Prefix, WaitingUndo>();

  constructor(settings: LegacySettings, parts: LegacyParts) {
    const shell: RunCommand = (text, maxBytes) =>
      runCommand(text, this.#settings.hookTimeoutMs, maxBytes);
    this.#settings = settings;
    this.#ledger = parts.ledger;
    this.#refusal = parts.refusal;
    this.#run = withXtablesTurns(parts.run ?? shell);
    this.#readRoutes = parts.readRoutes ?? readRouteTables;
    this.#hostsDeny = new HostsDeny(settings.hostsDenyPath);
    this.#tools = {
      ledger: this.#ledger,
      hostsDeny: this.#hostsDeny,
      presence: new PresenceCheck(this.#run, this.#readRoutes),
      run: this.#run,
      readRoutes: this.#readRoutes,
    };
    this.#work = new DeedWork(this.#tools);
    this.#leftovers = new Leftovers(settings, this.#tools);
    this.#queue = new HookQueue(settings.hookQueue);
  }

  /**
   * Goes by other texts and bounds for what is asked from now on; hosts.deny stays where it is.
   * What waits keeps its turn, so that no undo overtakes its deed.
   */
  reconfigure(settings: Omit<LegacySettings, "hostsDenyPath">): void {
    this.#settings = { ...settings, hostsDenyPath: this.#settings.hostsDenyPath };
    this.#leftovers = new Leftovers(settings, this.#tools);
    this.#queue.setMaxWaiting(settings.hookQueue);
  }

  /** Everybody for whom something was done that is not undone. */
  get prefixes(): readonly Prefix[] {
    return this.#ledger.prefixes;
  }

  /** Responses that wait and that run, and how many found the queue full since the start. */
  get load(): { readonly waiting: number; readonly running: number; readonly refused: number } {
    const { waiting, running, refused } = this.#queue;
    return { waiting, running, refused };
  }

  /**
   * Does what the settings say, in their order. May be called at any time, also for a source that
   * was responded to: what stands is "already-applied". Never rejects.
   */
  async respond(request: ResponseRequest): Promise<readonly LegacyResponse[]> {
    const { source } = request;
    const plan = planResponses(this.#settings, request);
    const refusal = this.#isEnding ? ENDING : this.#refusal(source);
    if (refusal !== undefined) return plan.map((each) => notDone(each, "skipped", refusal));
    if (plan.length === 0) return [];
    this.#lastUndo.delete(source);
    const submission = this.#queue.submit(source, async () => {
      if (this.#isEnding) return plan.map((each) => notDone(each, "skipped", ENDING));
      const responses: LegacyResponse[] = [];
      for (const each of plan) {
        if (each.status === "skipped") responses.push(each.response);
        else if (request.isLonger && this.#isRecorded(source, each.deed)) {
          responses.push(await this.#work.lengthen(source, each.deed));
        } else responses.push(await this.#work.carryOut(source, each.deed));
      }
      return responses;
    });
    if (submission.status === "queued") return await submission.result;
    return plan.map((each) => notDone(each, "failed", QUEUE_IS_FULL));
  }

  /**
   * Takes back what was done to exactly `prefix`, the last first, after what is still under way for
   * it. What fails is kept and tried again by the next call. Never rejects.
   * @returns nothing when nothing was done.
   */
  async undo(prefix: Prefix, options: UndoOptions): Promise<readonly LegacyResponse[]> {
    const undo = (): Promise<readonly LegacyResponse[]> => this.#takeBackAll(prefix, options);
    const isOurs = this.#ledger.deedsOf(prefix).length > 0 || this.#queue.isBusy(prefix);
    // Ours is always queued, and is bounded: by the ledger, and by one undo in a row a source.
    if (isOurs) return await this.#undoOnce(prefix, options, undo);
    if (!options.withLeftovers) return [];
    const submission = this.#queue.submit(prefix, undo);
    if (submission.status === "queued") return await submission.result;
    return this.#leftovers.kinds.map(([name, text]) => ({
      name,
      status: "failed",
      text,
      reason: QUEUE_IS_FULL,
    }));
  }

  /**
   * Brings back, for bans that still stand after a restart, what the restart has taken: lines of
   * hosts.deny, and routes whose undo is known and that are missing. Commands are never run again.
   * Never rejects.
   */
  async restore(
    prefixes: readonly Prefix[],
  ): Promise<ReadonlyMap<Prefix, readonly LegacyResponse[]>> {
    // One look at each for all of them: bans are many, and after most restarts nothing is missing.
    const hosts = this.#hostsDeny.read();
    const lines = new Set(hosts.status === "read" ? hosts.lines : []);
    const tables = this.#readRoutes();
    // Asked for below, where a failure is no answer; here it must only not be unhandled.
    tables.catch(() => undefined);
    const presence = new PresenceCheck(this.#run, () => tables);
    const restored = prefixes.map(async (prefix) => {
      this.#lastUndo.delete(prefix);
      const responses = await this.#queue.insist(prefix, async () => {
        const done: LegacyResponse[] = [];
        for (const deed of this.#ledger.deedsOf(prefix)) {
          done.push(await this.#restoreDeed(prefix, deed, lines, presence));
        }
        return done;
      });
      return [prefix, responses] as const;
    });
    return new Map(await Promise.all(restored));
  }

  /**
   * Gives no response any more, not even those that wait; what is to be undone, is.
   * @returns when nothing runs and nothing waits.
   */
  async end(): Promise<void> {
    this.#isEnding = true;
    await this.#queue.idle();
  }

  /**
   * @returns what stands for exactly `prefix`, or for anybody, and is not in the ledger: what an
   * earlier PortSentry left, or what the operator made with the same words. Never rejects.
   */
  async adoptable(prefix?: Prefix): Promise<readonly Leftover[]> {
    const found = prefix === undefined ? this.#leftovers.all() : this.#leftovers.of(prefix);
    return (await found).filter((leftover) => !this.#isRecorded(leftover.prefix, leftover));
  }

  /** An undo that waits and that nothing was queued behind does for whoever asks again. */
  #undoOnce(
    prefix: Prefix,
    options: UndoOptions,
    undo: () => Promise<readonly LegacyResponse[]>,
  ): Promise<readonly LegacyResponse[]> {
    const last = this.#lastUndo.get(prefix);
    if (last?.options.withLeftovers || last?.options.withLeftovers === options.withLeftovers) {
      return last.result;
    }
    let hasBegun = false;
    const result = this.#queue.insist(prefix, () => {
      hasBegun = true;
      this.#lastUndo.delete(prefix);
      return undo();
    });
    if (!hasBegun) this.#lastUndo.set(prefix, { options, result });
    return result;
  }

  async #takeBackAll(
    prefix: Prefix,
    { withLeftovers }: UndoOptions,
  ): Promise<readonly LegacyResponse[]> {
    const deeds: Deed[] = [...this.#ledger.deedsOf(prefix)];
    if (withLeftovers) deeds.push(...(await this.adoptable(prefix)));
    const responses: LegacyResponse[] = [];
    for (const deed of deeds.reverse()) responses.push(await this.#work.takeBack(prefix, deed));
    return responses;
  }

  #isRecorded(prefix: Prefix, { kind, text }: Pick<Deed, "kind" | "text">): boolean {
    return this.#ledger.deedsOf(prefix).some((deed) => deed.kind === kind && deed.text === text);
  }

  async #restoreDeed(
    prefix: Prefix,
    deed: Deed,
    lines: ReadonlySet<string>,
    presence: PresenceCheck,
  ): Promise<LegacyResponse> {
    const { kind, text, undo } = deed;
    const skipped = (reason: string): LegacyResponse => ({
      name: kind,
      status: "skipped",
      text,
      reason,
    });
    const refusal = this.#refusal(prefix);
    if (refusal !== undefined) return skipped(refusal);
    if (kind === "command") return skipped("a command is not run again");
    if (kind === "hosts-deny") {
      if (lines.has(text)) return { name: kind, status: "already-applied", text };
      return await this.#work.carryOut(prefix, deed);
    }
    if (undo === undefined) return skipped("how to undo this is not known");
    const standing = await presence.of(text, prefix);
    if (standing === "all") return { name: kind, status: "already-applied", text };
    if (standing === "unknown") return skipped("whether it stands cannot be looked up");
    return await this.#work.carryOut(prefix, deed);
  }
}

function notDone(
  planned: ReturnType<typeof planResponses>[number],
  status: "skipped" | "failed",
  reason: string,
): LegacyResponse {
  if (planned.status === "skipped") return planned.response;
  const { kind, text } = planned.deed;
  return { name: kind, status, text, reason };
}
