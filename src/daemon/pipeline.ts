/**
 * The product, top to bottom: sensors see probes, provers ask who is real, campaigns follow each
 * source, the detector judges, the policy decides, the responders act, the journal remembers, people
 * are told.
 *
 * A failing stage does not stop the others: it is counted and shown as a health problem. Nothing
 * here grows with what is sent: orders that wait for the broker are bounded by `maxWaitingOrders`,
 * everything else by the stage that holds it. A response that takes long delays no probe and no
 * other source, until so many orders wait that verdicts are spared. It does delay its own source's
 * outcome, which is recorded and told when the last responder has answered, and verdicts on stronger
 * evidence, which wait for that; and it delays the end of the guard.
 */
import type { Clock } from "../clock.ts";
import type { Campaigns } from "../detectors/campaigns.ts";
import type { Detector } from "../detectors/detector.ts";
import { OperationalError } from "../errors.ts";
import type { HealthTracker } from "../health/tracker.ts";
import type { Journal } from "../journal/journal.ts";
import { type Ban, hasEnded } from "../model/ban.ts";
import type { Proof } from "../model/evidence.ts";
import { isDone, type Order, type Outcome } from "../model/order.ts";
import type { Probe } from "../model/probe.ts";
import type { Decoy, Verdict } from "../model/verdict.ts";
import { type AddressWords, wordsOf } from "../net/address-words.ts";
import { firstAddressOf, type Prefix } from "../net/prefix.ts";
import type { Policy } from "../policy/policy.ts";
import type { Prover } from "../proof/prover.ts";
import type { Applied, Responder } from "../responders/responder.ts";
import type { Sensor } from "../sensors/sensor.ts";
import { afterBan, afterUnban } from "./aftermath.ts";
import type { ScanEvents, Spared } from "./events.ts";
import { outcomeOfAll } from "./outcomes.ts";

/** Follows sources, and knows which of them belong together. */
export type CampaignKeeper = Pick<
  Campaigns,
  "observe" | "raise" | "convict" | "exonerated" | "settle" | "forget"
>;

export interface Stages {
  readonly sensors: readonly Sensor[];
  /** A probe gets one answer, of the first that has one. */
  readonly provers: readonly Prover[];
  readonly campaigns: CampaignKeeper;
  readonly detector: Detector;
  readonly policy: Policy;
  /** The quick ones first. */
  readonly responders: readonly Responder[];
  readonly journal: Journal;
  readonly events: ScanEvents;
  readonly health: HealthTracker;
  readonly clock: Clock;
  /** Told of each probe, during the call; allocates nothing. Default: nobody. */
  readonly onProbe?: (probe: Probe) => void;
  /** Told how long (ms) after its last probe was read a verdict was given. Default: nobody. */
  readonly onVerdict?: (tookMs: number) => void;
  /** Orders that may wait for the broker at once; a verdict beyond is spared and judged again. */
  readonly maxWaitingOrders: number;
}

/** An order that is being carried out, or an unban of many. */
interface UnderWay {
  readonly act: Order["act"];
  /** Never rejects. */
  readonly ended: Promise<void>;
}

export class Pipeline {
  readonly #stages: Stages;
  readonly #waiting = new Set<UnderWay>();
  /** Of those that wait, the last of each source. */
  readonly #underWay = new Map<Prefix, UnderWay>();
  #overBudget = 0;
  #verdicts = 0;
  #hasStopped = false;

  constructor(stages: Stages) {
    this.#stages = stages;
  }

  /** Bans that the budget of claimed bans, or the queue of orders, did not allow. */
  get overBudget(): number {
    return this.#overBudget;
  }

  /** Verdicts so far, whatever followed from them. */
  get verdicts(): number {
    return this.#verdicts;
  }

  start(): void {
    for (const sensor of this.#stages.sensors) {
      sensor.start(
        (probe) => this.#observe(probe),
        (proof) => this.#raise(proof),
      );
    }
  }

  /**
   * Orders under way are waited for, and those that come of them, so that no ban is made that the
   * journal does not know. They are few: no sensor delivers any more, and evidence rises twice at
   * the most. Afterwards nothing is judged, and nothing carried out.
   */
  async stop(): Promise<void> {
    await Promise.all(this.#stages.sensors.map((sensor) => sensor.stop()));
    // Once at least: what has just ended may still have a verdict waiting behind it.
    do await Promise.all([...this.#waiting].map(({ ended }) => ended));
    while (this.#waiting.size > 0);
    this.#hasStopped = true;
  }

  /** Probe -> a question to its source, which may come back as a proof. */
  #answer(probe: Probe): void {
    for (const prover of this.#stages.provers) if (prover.answer(probe)) return;
  }

  /** Probe -> verdict. */
  #observe(probe: Probe): void {
    if (this.#hasStopped) return;
    const { campaigns, detector, events } = this.#stages;
    // First: a service would not wait for what we think of who asks.
    this.#answer(probe);
    this.#stages.onProbe?.(probe);
    campaigns.observe(probe);
    const verdict = detector.observe(probe);
    events.probe(probe, verdict !== undefined && verdict.raisedFrom === undefined);
    if (verdict === undefined) return;
    this.#stages.onVerdict?.(this.#stages.clock.monotonicMs() - probe.seenAtMs);
    this.#takeVerdict(verdict);
  }

  /** Proof -> the verdict that was given, on stronger evidence. */
  #raise(proof: Proof): void {
    if (this.#hasStopped) return;
    const { campaigns, detector } = this.#stages;
    campaigns.raise(proof);
    const verdict = detector.raise(proof);
    if (verdict !== undefined) this.#takeVerdict(verdict);
    this.#exonerate(proof.source);
  }

  /**
   * A ban that is under way for the source is waited for, so that policy knows what stands. Who is
   * being let in is not banned again on what came before: as after any unban, its record is clean.
   */
  #takeVerdict(verdict: Verdict): void {
    const underWay = verdict.raisedFrom && this.#underWay.get(verdict.source);
    if (underWay === undefined) this.#judge(verdict);
    else if (underWay.act === "unban") this.#stages.detector.forget(verdict.source);
    // An unban may wait behind it.
    else void underWay.ended.then(() => this.#takeVerdict(verdict));
  }

  /**
   * Whoever was banned as a decoy of this source, or this one itself, is let in again, if it is still
   * shut out by a verdict: what a person has made in its place is that person's.
   */
  #exonerate(source: AddressWords): void {
    const { campaigns, journal, clock } = this.#stages;
    for (const { source: prefix, decoy } of campaigns.exonerated(source)) {
      // What is under way may be a person's ban, and asks again when it has ended.
      if (this.#underWay.has(prefix)) continue;
      const ban = journal.findActiveBan(prefix);
      if (ban?.origin !== "detector" || hasEnded(ban, clock.epochMs())) continue;
      void this.#letIn(ban, decoy);
    }
  }

  async #letIn({ prefix, untilEpochMs }: Ban, decoy: Decoy): Promise<void> {
    const { campaigns, events } = this.#stages;
    // At once, so that it is not let in twice.
    campaigns.settle(prefix, { status: "unbanned" });
    const outcome = await this.#perform({ act: "unban", prefix, by: "guard" }, () => {
      events.exonerated(prefix, decoy);
    });
    // It is tried again with the next that shows that the source is a decoy.
    if (!isDone(outcome)) campaigns.settle(prefix, { status: "banned", untilEpochMs });
  }

  /** Verdict -> order. */
  #judge(found: Verdict): void {
    const { campaigns, policy, detector, events, maxWaitingOrders, clock } = this.#stages;
    const verdict = campaigns.convict(found);
    const isFirst = verdict.raisedFrom === undefined;
    if (isFirst) {
      this.#verdicts++;
      events.verdict(verdict);
    }
    const decision = policy.decide(verdict);
    if (!isFirst) {
      const isNewBan = decision.status === "ban" && decision.order.raisedFrom === undefined;
      if (isNewBan) events.verdict(verdict);
      else events.raised(verdict, decision.status === "ban");
    }
    if (decision.status === "spared") {
      if (decision.reason === "budget") this.#overBudget++;
      // Trust may end at any moment; what was seen under it is not held against anybody.
      if (decision.reason === "trusted") detector.forget(verdict.source);
      // A connection ends at any moment, too, and who is taken for a decoy may go on alone; what was
      // seen before is what the next ban stands on.
      if (decision.reason === "session" || decision.reason === "decoy")
        detector.resume(verdict.source, clock.monotonicMs());
      this.#spare(verdict, decision);
    } else if (this.#waiting.size >= maxWaitingOrders) {
      this.#overBudget++;
      detector.forget(verdict.source);
      this.#spare(verdict, { status: "spared", reason: "budget", text: "Too many orders wait." });
    } else {
      void this.carryOut(decision.order);
    }
  }

  #spare(verdict: Verdict, spared: Spared): void {
    const { campaigns, events } = this.#stages;
    // What comes after a ban was under way when it was made.
    const isNews = spared.reason !== "already-banned" && campaigns.settle(verdict.source, spared);
    events.spared(verdict, spared, isNews);
  }

  /** Order -> outcome; also for the orders of people. */
  carryOut(order: Order): Promise<Outcome> {
    return this.#perform(order, () => {});
  }

  /** @param onDone called when it was told that it is done, and only then. */
  async #perform(order: Order, onDone: () => void): Promise<Outcome> {
    if (this.#hasStopped) return { status: "refused", reason: "the guard is ending" };
    const prefix = order.act === "ban" ? order.ban.prefix : order.prefix;
    const { promise: ended, resolve: end } = Promise.withResolvers<void>();
    const underWay: UnderWay = { act: order.act, ended };
    this.#waiting.add(underWay);
    this.#underWay.set(prefix, underWay);
    try {
      const all: Applied[] = [];
      for (const responder of this.#stages.responders) {
        const answer = responder.apply(order);
        // Who answers at once is not waited for: a replay's clock goes on in the same call.
        const applied = answer instanceof Promise ? await answer : answer;
        if (applied !== undefined) all.push(applied);
      }
      const outcome = this.#conclude(order, all);
      if (isDone(outcome)) onDone();
      return outcome;
    } finally {
      this.#waiting.delete(underWay);
      if (this.#underWay.get(prefix) === underWay) this.#underWay.delete(prefix);
      end();
      // What shows that a source is a decoy may have come meanwhile.
      this.#exonerate(wordsOf(firstAddressOf(prefix)));
    }
  }

  /**
   * Unbans of many in a few requests: while `act` lets them in and forgets them, each of `prefixes`
   * is under way, so that no proof that arrives meanwhile makes its ban anew.
   * @throws {OperationalError} ERR_UNAVAILABLE when it has stopped, before `act`.
   */
  async unbanTogether<Result>(
    prefixes: readonly Prefix[],
    act: () => Promise<Result>,
  ): Promise<Result> {
    if (this.#hasStopped) throw new OperationalError("ERR_UNAVAILABLE", "the guard is ending");
    const { promise: ended, resolve: end } = Promise.withResolvers<void>();
    const underWay: UnderWay = { act: "unban", ended };
    this.#waiting.add(underWay);
    for (const prefix of prefixes) this.#underWay.set(prefix, underWay);
    try {
      return await act();
    } finally {
      this.#waiting.delete(underWay);
      for (const prefix of prefixes) {
        if (this.#underWay.get(prefix) === underWay) this.#underWay.delete(prefix);
      }
      end();
    }
  }

  #conclude(order: Order, all: readonly Applied[]): Outcome {
    const { events, health } = this.#stages;
    const outcome = outcomeOfAll(
      all.map((applied) => applied.outcome),
      order.act,
    );
    const means = all.flatMap((applied) => applied.means);
    const carriedOut = order.act === "ban" ? { ...order, ban: { ...order.ban, means } } : order;
    if (carriedOut.act === "ban") afterBan(this.#stages, health, carriedOut.ban, outcome);
    else afterUnban(this.#stages, carriedOut.prefix, outcome);
    const responses = all.flatMap((applied) => applied.responses);
    events.outcome(carriedOut, outcome, responses);
    if (carriedOut.act === "unban" && carriedOut.by === "operator" && isDone(outcome)) {
      this.#stages.campaigns.forget(carriedOut.prefix);
    }
    return outcome;
  }
}
