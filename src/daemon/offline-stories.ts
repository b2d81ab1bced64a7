/**
 * What the history tells when no guard runs, and what commands add to it: who asked for which change.
 *
 * Opened with the first question about it, for reading alone, and for each addition anew; with the
 * rights of the user whose directory it lies in.
 */
import { existsSync } from "node:fs";
import type { AuditedRequest } from "../api/audit.ts";
import type { EventView, HourView, ListedCampaignView, WhyView } from "../api/contract.ts";
import type { CampaignsQuery, HistoryQuery, StoryReader, TimelineQuery } from "../api/operator.ts";
import type { Clock } from "../clock.ts";
import { OperationalError } from "../errors.ts";
import { type OpenedHistory, openHistoryToAdd, readHistory } from "../journal/open-history.ts";
import type { Stories } from "../journal/stories.ts";
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
    return this.#ask((desk) => desk.why(address));
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

  /** The desk answers within the call, so that it reads with these rights to its end. */
  #ask<Answer>(act: (desk: StoryDesk) => Promise<Answer>): Promise<Answer> {
    const { journal, keys, ignoreFile, clock } = this.#parts;
    const trusted = new TrustedPrefixes();
    trusted.replace(this.#parts.trusted());
    return journal.use((bans) => {
      const { stories } = this.#open();
      const live = NOTHING_LIVE;
      const parts = { journal: bans, stories, live, keys, trusted, clock };
      return act(new StoryDesk({ ...parts, ignoreFile: () => ignoreFile }));
    });
  }

  #open(): OpenedHistory {
    if (this.#opened !== undefined) return this.#opened;
    const { stateDirectory, clock, tell } = this.#parts;
    this.#opened = readHistory({ path: historyPathOf(stateDirectory), clock });
    if (this.#opened.note !== undefined) tell(this.#opened.note);
    return this.#opened;
  }
}
