/**
 * Events whose words and way out may change while the program runs: everybody holds this one, and
 * a reload puts another behind it.
 */
import type { Events } from "./events.ts";

export class EventsSlot implements Events {
  #events: Events;

  constructor(events: Events) {
    this.#events = events;
  }

  /** Tells by these from the next event on. */
  follow(events: Events): void {
    this.#events.flush();
    this.#events = events;
  }

  readonly starting: Events["starting"] = () => this.#events.starting();
  readonly started: Events["started"] = (facts) => this.#events.started(facts);
  readonly startFailed: Events["startFailed"] = (reason) => this.#events.startFailed(reason);
  readonly ready: Events["ready"] = (watchOnly) => this.#events.ready(watchOnly);
  readonly stopping: Events["stopping"] = () => this.#events.stopping();
  readonly stopped: Events["stopped"] = (left) => this.#events.stopped(left);
  readonly fileFailed: Events["fileFailed"] = (file, path) => this.#events.fileFailed(file, path);
  readonly verdict: Events["verdict"] = (verdict) => this.#events.verdict(verdict);
  readonly raised: Events["raised"] = (verdict, isBanned) => this.#events.raised(verdict, isBanned);
  readonly spared: Events["spared"] = (verdict, why, isNews) =>
    this.#events.spared(verdict, why, isNews);
  readonly campaign: Events["campaign"] = (change, story, isStory) =>
    this.#events.campaign(change, story, isStory);
  readonly group: Events["group"] = (change, story, isScan) =>
    this.#events.group(change, story, isScan);
  readonly exonerated: Events["exonerated"] = (source, decoy) =>
    this.#events.exonerated(source, decoy);
  readonly trust: Events["trust"] = (prefix) => this.#events.trust(prefix);
  readonly settled: Events["settled"] = () => this.#events.settled();
  readonly health: Events["health"] = (problem, change) => this.#events.health(problem, change);
  readonly note: Events["note"] = (level, event, text) => this.#events.note(level, event, text);
  readonly flush: Events["flush"] = () => this.#events.flush();
  readonly probe: Events["probe"] = (probe, hasConvicted) =>
    this.#events.probe(probe, hasConvicted);
  readonly outcome: Events["outcome"] = (order, outcome, responses) =>
    this.#events.outcome(order, outcome, responses);
}
