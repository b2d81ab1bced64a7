/**
 * The part of the journal that tells what happened: campaigns, the events of each source, and what
 * was counted in each hour.
 *
 * Nothing here is on the way of a ban, and nothing waits for the disk: what is kept waits in
 * memory, bounded, until {@link Stories.flush}. A read flushes first, so that what somebody was shown
 * is in the file.
 */
import type { Campaign, CampaignOutcome, CampaignVerdict } from "../model/campaign.ts";
import type { Evidence } from "../model/evidence.ts";
import type { HourCounts } from "../model/hour-counts.ts";
import type { StoryEvent, StoryEventKind } from "../model/story-event.ts";
import type { Tool } from "../model/tool.ts";
import type { Prefix } from "../net/prefix.ts";

export interface KeptCampaign {
  readonly campaign: Campaign;
  /** Whether it has ended, or the guard that followed it has. */
  readonly isOver: boolean;
}

/** A campaign as a list has it. */
export interface ListedCampaign extends KeptCampaign {
  /** Its place in the list at that moment, for {@link CampaignQuery.after}. */
  readonly cursor: string;
}

/** Campaigns by their last probe, the newest first. Every condition narrows; none: all. */
export interface CampaignQuery {
  /** 1 or more. */
  readonly limit: number;
  /**
   * Those that follow this cursor, whatever has become of its campaign; or the campaign of this id,
   * where it stands now.
   */
  readonly after?: string | undefined;
  /** Those whose source is inside this, or holds it. */
  readonly about?: Prefix | undefined;
  /** Those whose last probe came then or later. */
  readonly sinceEpochMs?: number | undefined;
  readonly verdict?: CampaignVerdict | undefined;
  /** null: those whose tool is not known. */
  readonly tool?: Tool | null | undefined;
  readonly evidence?: Evidence | undefined;
  readonly outcome?: CampaignOutcome["status"] | undefined;
}

export interface KeptEvent {
  /** Rises with each event; unique within one journal. */
  readonly id: number;
  readonly event: StoryEvent;
}

/** Events, the newest first. */
export interface EventQuery {
  /** 1 or more. */
  readonly limit: number;
  /** Those with a smaller id. */
  readonly before?: number | undefined;
  readonly about?: Prefix | undefined;
  readonly sinceEpochMs?: number | undefined;
  /** Of these kinds alone. Default: every kind. */
  readonly kinds?: readonly StoryEventKind[] | undefined;
}

/** What one campaign adds to counts of many. */
export interface CountedCampaign {
  /** Its place in the order of {@link Stories.countedCampaigns}. */
  readonly id: number;
  /** Of its source, as source-key.ts makes them: 32 digits that sort as addresses do. */
  readonly sourceKey: string;
  readonly lastAtEpochMs: number;
  readonly packets: number;
  readonly verdict: CampaignVerdict;
  /** undefined: not known. */
  readonly tool: Tool | undefined;
  readonly evidence: Evidence;
  readonly outcome: CampaignOutcome["status"];
}

/** One part of the counted campaigns. */
export interface CountedPart {
  readonly campaigns: readonly CountedCampaign[];
  /** Where the next part begins; undefined: this is the last. */
  readonly next: CountedPlace | undefined;
}

export interface CountedPlace {
  readonly sourceKey: string;
  readonly lastAtEpochMs: number;
  readonly id: number;
}

/** Hours in which a guard counted, the earliest first. */
export interface HoursQuery {
  /** The latest so many. 1 or more. */
  readonly limit: number;
  /** The hour that holds this moment, and those behind it. Default: all. */
  readonly sinceEpochMs?: number | undefined;
}

/** What may be kept. */
export interface StoryBounds {
  /** What ended, or happened, before this moment is forgotten. */
  readonly oldestEpochMs: number;
  /** A campaign whose last probe came before this moment is over, whatever was kept of its end. */
  readonly quietSinceEpochMs: number;
  /** Size in bytes. */
  readonly mostBytes: number;
}

export interface Stories {
  /** The campaign as it is now, in the place of what was kept of it before. */
  keepCampaign(campaign: Campaign, isOver: boolean): void;
  keepEvent(event: StoryEvent): void;
  /** Adds to what was counted in that hour. */
  keepCounts(counts: HourCounts): void;
  /**
   * Writes what waits: all, the events, or a bounded part of it, so that the caller goes on soon. What
   * the disk does not take waits on.
   */
  flush(extent: "all" | "events" | "part"): void;
  /** @throws {OperationalError} ERR_USAGE for an `after` that is neither. */
  campaigns(query: CampaignQuery): ListedCampaign[];
  events(query: EventQuery): KeptEvent[];
  /**
   * When the first probe came of all campaigns that are kept and whose source is inside `about`, or
   * holds it. @returns undefined when there is none.
   */
  firstContactAtEpochMs(about: Prefix): number | undefined;
  /**
   * All campaigns by the addresses of their sources and then by their last probe, in parts of at most
   * `rows`. A campaign that goes on while parts are asked for may come twice, one right behind the
   * other.
   */
  countedCampaigns(from: CountedPlace | undefined, rows: number): CountedPart;
  hours(query: HoursQuery): HourCounts[];
  /** Campaigns that the last guard left open are over. To be called before the first is kept. */
  endInterrupted(): void;
  /**
   * Forgets a bounded number of what is beyond the bounds, the oldest first. For the size, campaigns
   * that were no scan go before all else, and what a person has asked for behind it.
   * @returns how much.
   */
  forgetBeyond(bounds: StoryBounds): number;
  /** Campaigns, events and hours that were never written, because too much waited. Only grows. */
  readonly lost: number;
  /** Writes and reads that failed. Only grows. */
  readonly failures: number;
  /** Writes what waits, and ends. May be called twice. */
  close(): void;
}
