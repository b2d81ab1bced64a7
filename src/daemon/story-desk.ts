/**
 * Answers what people ask of the past: campaigns, history, the timeline, and why somebody is banned.
 *
 * The same with a guard and without: without, nothing is known of now but what the journal says.
 * Nothing is waited for while the journal is read, and without a guard nothing before that: the
 * answer is made within the call.
 */
import type {
  BlocklistedView,
  CampaignView,
  EventView,
  HourView,
  ListedCampaignView,
  WhyView,
} from "../api/contract.ts";
import type {
  CampaignsQuery,
  HistoryQuery,
  StoryQuery,
  StoryReader,
  TimelineQuery,
} from "../api/operator.ts";
import type { Clock } from "../clock.ts";
import type { Walk } from "../detectors/sequential.ts";
import { OperationalError } from "../errors.ts";
import type { Journal } from "../journal/journal.ts";
import type { KeptCampaign, Stories } from "../journal/stories.ts";
import type { Campaign } from "../model/campaign.ts";
import { isStoryEventKind, STORY_EVENT_KINDS } from "../model/story-event.ts";
import { isTool, TOOLS } from "../model/tool.ts";
import { wordsOf } from "../net/address-words.ts";
import { firstAddressOf, formatPrefix, type Prefix } from "../net/prefix.ts";
import type { SourceKeys } from "../net/source-keys.ts";
import type { TrustedPrefixes } from "../policy/trusted-prefixes.ts";
import { requirePrefix, sourceOf } from "./addresses.ts";
import type { PlacedFields } from "./geo-lookup.ts";
import { campaignView, eventView, hourView } from "./story-views.ts";
import { tellWhy } from "./why.ts";

/** Stories looked through in one turn of the event loop: about ten milliseconds. */
const SEARCHED_A_TURN = 200;

/** And for one answer: about a second. */
const MOST_SEARCHED = 10_000;

/** What only a running guard knows. */
export interface LiveMemory {
  /** The campaign of a source that goes on. */
  readonly campaignOf: (source: Prefix) => Campaign | undefined;
  /** What counts against a source. */
  readonly walkOf: (source: Prefix) => Walk | undefined;
  /** The entries of blocklists that hold all of a prefix; null: not known. Absent: neither. */
  readonly blocklistedBy?: (prefix: Prefix) => Promise<BlocklistedView[] | null>;
}

export const NOTHING_LIVE: LiveMemory = { campaignOf: () => undefined, walkOf: () => undefined };

export interface StoryDeskParts {
  readonly journal: Pick<Journal, "findActiveBan" | "activeBansInside">;
  readonly stories: Pick<Stories, "campaigns" | "events" | "hours" | "firstContactAtEpochMs">;
  readonly live: LiveMemory;
  readonly keys: SourceKeys;
  readonly trusted: Pick<TrustedPrefixes, "whyWhole" | "inside">;
  /** Path of the ignore file in force; undefined: there is none. */
  readonly ignoreFile: () => string | undefined;
  readonly clock: Clock;
  /**
   * Lets others have their turn in a search of many stories; one is made at a time then. Absent: the
   * answer is made within the call.
   */
  readonly pause?: () => Promise<unknown>;
  /** Where a source belongs. Absent: nobody knows. */
  readonly placeOf?: (source: Prefix) => PlacedFields;
}

export class StoryDesk implements StoryReader {
  readonly #parts: StoryDeskParts;
  #lastSearch: Promise<unknown> = Promise.resolve();

  constructor(parts: StoryDeskParts) {
    this.#parts = parts;
  }

  /** @throws {OperationalError} ERR_USAGE for a `tool` that there is not. */
  async campaigns({ text, ...query }: CampaignsQuery): Promise<ListedCampaignView[]> {
    if (text === undefined) return this.#campaigns(query);
    const { pause } = this.#parts;
    if (pause === undefined) return this.#search(text, query);
    const found = this.#lastSearch.then(() => this.#search(text, query, pause));
    this.#lastSearch = found.catch(() => undefined);
    return found;
  }

  /** @throws {OperationalError} ERR_USAGE for an `after` or a `kind` that there is not. */
  async history({ limit, after, kind, ...query }: HistoryQuery): Promise<EventView[]> {
    const before = after === undefined ? undefined : Number(after);
    // An empty text is the number 0.
    if (before !== undefined && !(Number.isSafeInteger(before) && before > 0)) {
      throw new OperationalError("ERR_USAGE", "after: expected the id of an event");
    }
    if (kind !== undefined && !isStoryEventKind(kind)) {
      const known = STORY_EVENT_KINDS.join(", ");
      throw new OperationalError("ERR_USAGE", `kind: expected one of ${known}`);
    }
    const kinds = kind === undefined ? undefined : [kind];
    const conditions = { ...this.#conditionsOf(query), limit, before, kinds };
    return this.#parts.stories.events(conditions).map(eventView);
  }

  async timeline(query: TimelineQuery): Promise<HourView[]> {
    return this.#parts.stories.hours(query).map(hourView);
  }

  async why(address: string): Promise<WhyView> {
    const { journal, stories, live, keys, trusted, ignoreFile, clock, placeOf } = this.#parts;
    const source = sourceOf(address, keys);
    const asked = requirePrefix(address);
    const blocklists = live.blocklistedBy === undefined ? null : await live.blocklistedBy(asked);
    // A wider prefix has many sources, of which its first address is one.
    const isSource = keys.prefixOf(wordsOf(firstAddressOf(source))) === source;
    const walk = isSource ? live.walkOf(source) : undefined;
    const sinceMs = clock.monotonicMs() - (walk?.lastAtMs ?? 0);
    const why = tellWhy(source, {
      journal,
      stories,
      score: walk?.score,
      lastContactAtEpochMs: Math.round(clock.epochMs() - sinceMs),
      asItIsNow: (kept) => this.#asItIsNow(kept),
      ongoing: live.campaignOf(source),
      trusted,
      asked: formatPrefix(asked),
      blocklists,
      ignoreFile: ignoreFile(),
      nowEpochMs: clock.epochMs(),
    });
    const place = placeOf?.(source);
    return {
      ...why,
      ...place,
      bans: why.bans.map((each) => ({ ...each, ...place })),
      campaigns: why.campaigns.map((each) => ({ ...each, ...place })),
    };
  }

  #campaigns({
    limit,
    after,
    verdict,
    tool,
    evidence,
    outcome,
    ...query
  }: CampaignsQuery): ListedCampaignView[] {
    if (!(tool === undefined || tool === null || isTool(tool))) {
      throw new OperationalError("ERR_USAGE", `tool: expected one of ${TOOLS.join(", ")}`);
    }
    const looks = { verdict, tool, evidence, outcome };
    const conditions = { ...this.#conditionsOf(query), limit, after, ...looks };
    const kept = this.#parts.stories.campaigns(conditions);
    return kept.map((each) => ({
      ...this.#placed(campaignView(this.#asItIsNow(each)), each),
      cursor: each.cursor,
    }));
  }

  /** A story is made of what is kept, so each has to be made to be looked at. */
  async #search(
    text: string,
    { limit, ...query }: CampaignsQuery,
    pause?: () => Promise<unknown>,
  ): Promise<ListedCampaignView[]> {
    const sought = text.toLowerCase();
    const found: ListedCampaignView[] = [];
    let after = query.after;
    for (let searched = 0; searched < MOST_SEARCHED; searched += SEARCHED_A_TURN) {
      const page = this.#campaigns({ ...query, limit: SEARCHED_A_TURN, after });
      found.push(...page.filter(({ story }) => story.toLowerCase().includes(sought)));
      after = page.at(-1)?.cursor;
      if (after === undefined || found.length >= limit) break;
      if (pause !== undefined) await pause();
    }
    return found.slice(0, limit);
  }

  #placed(view: CampaignView, { campaign }: KeptCampaign): CampaignView {
    return { ...view, ...this.#parts.placeOf?.(campaign.source) };
  }

  #conditionsOf({ address, sinceEpochMs }: Omit<StoryQuery, "limit" | "after">) {
    const about = address === undefined ? undefined : sourceOf(address, this.#parts.keys);
    return { about, sinceEpochMs };
  }

  /** What goes on is newer in memory than in the journal, and nothing goes on that is not there. */
  #asItIsNow(kept: KeptCampaign): KeptCampaign {
    if (kept.isOver) return kept;
    const ongoing = this.#parts.live.campaignOf(kept.campaign.source);
    const isOngoing = ongoing?.id === kept.campaign.id;
    return isOngoing ? { campaign: ongoing, isOver: false } : { ...kept, isOver: true };
  }
}
