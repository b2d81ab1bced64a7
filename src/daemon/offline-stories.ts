/**
 * What the history tells when no guard runs, and what commands add to it: who asked for which change.
 *
 * Opened with the first question about it, for reading alone, and for each addition anew; with the
 * rights of the user whose directory it lies in. Of a damaged one nothing is answered: an empty list
 * would say that nobody was here.
 */
import { existsSync } from "node:fs";
import type { AuditedRequest } from "../api/audit.ts";
import type { EventView, HourView, ListedCampaignView, WhyView } from "../api/contract.ts";
import type { CampaignsQuery, HistoryQuery, StoryReader, TimelineQuery } from "../api/operator.ts";
import type { Clock } from "../clock.ts";
import { OperationalError } from "../errors.ts";
import { type OpenedHistory, openHistoryToAdd, readHistory } from "../journal/open-history.ts";
import type { Stories } from "../journal/stories.ts";
import type { HealthProblem } from "../model/health.ts";
import type { TrustedEntry } from "../model/trusted-entry.ts";
import type { SourceKeys } from "../net/source-keys.ts";
import { TrustedPrefixes } from "../policy/trusted-prefixes.ts";
import { AuditTrail } from "./audit-trail.ts";
import { historyPathOf } from "./guard-journal.ts";
import type { OfflineJournal } from "./offline-journal.ts";
import { NOTHING_LIVE, StoryDesk } from "./story-desk.ts";

export interface OfflineStoriesParts {
  readonly stateDirectory: string;
  readonly journal: Pick<OfflineJournal, "use">;
  readonly keys: SourceKeys;
  readonly trusted: () => Iterable<TrustedEntry>;
  readonly ignoreFile: string | undefined;
  readonly clock: Clock;
  /** Takes what is wrong with it, for people, in one line. */
  readonly tell: (text: string) => void;
}

/** What the problem means for whoever asks. */
const ACTION = "Bans are not concerned; the next guard sets the file aside and begins a new one.";

export class OfflineStories implements StoryReader {
  readonly #parts: OfflineStoriesParts;
  #opened: OpenedHistory | undefined;

  constructor(parts: OfflineStoriesParts) {
    this.#parts = parts;
  }

  async campaigns(query: CampaignsQuery): Promise<ListedCampaignView[]> {
    return this.#ask((desk) => desk.campaigns(query));
  }

  async history(query: HistoryQuery): Promise<EventView[]> {
    return this.#ask((desk) => desk.history(query));
  }

  async timeline(query: TimelineQuery): Promise<HourView[]> {
    return this.#ask((desk) => desk.timeline(query));
  }

  async why(address: string): Promise<WhyView> {
    const { fault, answer } = this.#read((desk) => desk.why(address));
    const why = await answer;
    if (fault === undefined) return why;
    const isKnown = why.bans.length > 0 || why.trusted !== null;
    const known = isKnown ? why.summary : "vedette bans lists who is banned.";
    throw new OperationalError("ERR_JOURNAL", `${fault} ${known}`);
  }

  /** What is wrong with it. */
  problems(): HealthProblem[] {
    const { journal, clock } = this.#parts;
    const { note: text } = journal.use(() => this.#open());
    if (text === undefined) return [];
    const sinceEpochMs = clock.epochMs();
    return [{ code: "journal-failed", severity: "warning", text, action: ACTION, sinceEpochMs }];
  }

  /**
   * Keeps who asked for which change, where there is a history. That it cannot be kept is told, and
   * stops nothing: whoever has shut himself out must get in again.
   */
  keepRequest(request: AuditedRequest): void {
    const { stateDirectory, journal, keys, clock, tell } = this.#parts;
    const path = historyPathOf(stateDirectory);
    journal.use(() => {
      if (!existsSync(path)) return;
      let stories: Stories | undefined;
      try {
        stories = openHistoryToAdd({ path, clock });
        if (stories !== undefined) new AuditTrail({ stories, keys, clock }).keep(request);
      } catch (error) {
        if (!(error instanceof OperationalError)) throw error;
      } finally {
        stories?.close();
      }
      if (stories === undefined || stories.failures > 0) {
        tell(`${path} cannot be written: it has no word of this command.`);
      }
    });
  }

  close(): void {
    const { journal } = this.#parts;
    journal.use(() => this.#opened?.stories.close());
  }

  /** @throws {OperationalError} ERR_JOURNAL when it cannot be read. */
  async #ask<Answer>(act: (desk: StoryDesk) => Promise<Answer>): Promise<Answer> {
    const { fault, answer } = this.#read(act);
    const found = await answer;
    if (fault !== undefined) throw new OperationalError("ERR_JOURNAL", fault);
    return found;
  }

  /**
   * The desk answers within the call, so that it reads with these rights to its end.
   * @returns the answer, and why the history is no part of it; `fault` undefined: it is.
   */
  #read<Answer>(act: (desk: StoryDesk) => Promise<Answer>): Read<Answer> {
    const { stateDirectory, journal, keys, ignoreFile, clock } = this.#parts;
    const trusted = new TrustedPrefixes();
    trusted.replace(this.#parts.trusted());
    return journal.use((bans) => {
      const { stories, note } = this.#open();
      const failuresBefore = stories.failures;
      const live = NOTHING_LIVE;
      const parts = { journal: bans, stories, live, keys, trusted, clock };
      const answer = act(new StoryDesk({ ...parts, ignoreFile: () => ignoreFile }));
      // A page in the middle may be damaged: it is found when it is read.
      const broken =
        stories.failures === failuresBefore
          ? undefined
          : `${historyPathOf(stateDirectory)} cannot be read to its end: what happened is not known.`;
      return { fault: note ?? broken, answer };
    });
  }

  #open(): OpenedHistory {
    const { stateDirectory, clock } = this.#parts;
    this.#opened ??= readHistory({ path: historyPathOf(stateDirectory), clock });
    return this.#opened;
  }
}

interface Read<Answer> {
  readonly fault: string | undefined;
  readonly answer: Promise<Answer>;
}
