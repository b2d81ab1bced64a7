/**
 * The events that everybody in a process holds: they are told in words that a reload may change, and
 * beside that to listeners that stay.
 *
 * A campaign's story is made once for all who want it, and for nobody when none does.
 */
import type { Events } from "./events.ts";

/** Whoever wants some of the events. Told after the words are out; must not throw. */
export type EventListener = Partial<
  Pick<
    Events,
    | "evidence"
    | "verdict"
    | "raised"
    | "spared"
    | "campaign"
    | "group"
    | "outcome"
    | "exonerated"
    | "trust"
    | "health"
  >
>;

export class EventsSlot implements Events {
  #events: Events;
  readonly #listeners: EventListener[] = [];

  constructor(events: Events) {
    this.#events = events;
  }

  /** Tells by these from the next event on. */
  follow(events: Events): void {
    this.#events.flush();
    this.#events = events;
  }

  /** For as long as the process. */
  listen(listener: EventListener): void {
    this.#listeners.push(listener);
  }

  readonly starting: Events["starting"] = () => this.#events.starting();
  readonly started: Events["started"] = (facts) => this.#events.started(facts);
  readonly startFailed: Events["startFailed"] = (reason) => this.#events.startFailed(reason);
  readonly ready: Events["ready"] = (watchOnly) => this.#events.ready(watchOnly);
  readonly stopping: Events["stopping"] = () => this.#events.stopping();
  readonly stopped: Events["stopped"] = (left) => this.#events.stopped(left);
  readonly fileFailed: Events["fileFailed"] = (file, path) => this.#events.fileFailed(file, path);
  readonly probe: Events["probe"] = (probe, hasConvicted) =>
    this.#events.probe(probe, hasConvicted);
  readonly settled: Events["settled"] = () => this.#events.settled();
  readonly note: Events["note"] = (level, event, text) => this.#events.note(level, event, text);
  readonly flush: Events["flush"] = () => this.#events.flush();

  readonly evidence: Events["evidence"] = (step) => {
    this.#events.evidence(step);
    for (const each of this.#listeners) each.evidence?.(step);
  };
  readonly verdict: Events["verdict"] = (verdict) => {
    this.#events.verdict(verdict);
    for (const each of this.#listeners) each.verdict?.(verdict);
  };
  readonly raised: Events["raised"] = (verdict, isBanned) => {
    this.#events.raised(verdict, isBanned);
    for (const each of this.#listeners) each.raised?.(verdict, isBanned);
  };
  readonly spared: Events["spared"] = (verdict, why, isNews) => {
    this.#events.spared(verdict, why, isNews);
    for (const each of this.#listeners) each.spared?.(verdict, why, isNews);
  };
  readonly campaign: Events["campaign"] = (change, story, isStory) => {
    let made: ReturnType<typeof story> | undefined;
    const once = () => {
      made ??= story();
      return made;
    };
    this.#events.campaign(change, once, isStory);
    for (const each of this.#listeners) each.campaign?.(change, once, isStory);
  };
  readonly group: Events["group"] = (change, story, isScan) => {
    let made: ReturnType<typeof story> | undefined;
    const once = () => {
      made ??= story();
      return made;
    };
    this.#events.group(change, once, isScan);
    for (const each of this.#listeners) each.group?.(change, once, isScan);
  };
  readonly outcome: Events["outcome"] = (order, outcome, responses) => {
    this.#events.outcome(order, outcome, responses);
    for (const each of this.#listeners) each.outcome?.(order, outcome, responses);
  };
  readonly exonerated: Events["exonerated"] = (source, decoy) => {
    this.#events.exonerated(source, decoy);
    for (const each of this.#listeners) each.exonerated?.(source, decoy);
  };
  readonly trust: Events["trust"] = (prefix) => {
    this.#events.trust(prefix);
    for (const each of this.#listeners) each.trust?.(prefix);
  };
  readonly health: Events["health"] = (problem, change) => {
    this.#events.health(problem, change);
    this.brokerHealth(problem, change);
  };
  /** Of a problem of the broker, which has told the log of it itself. */
  readonly brokerHealth: Events["health"] = (problem, change) => {
    for (const each of this.#listeners) each.health?.(problem, change);
  };
}
