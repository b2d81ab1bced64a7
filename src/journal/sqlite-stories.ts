/**
 * Stories in a SQLite file.
 *
 * Whoever sends forged probes decides how many campaigns there are. So what waits to be written is
 * bounded ({@link MOST_WAITING}): when all places are taken, campaigns that are no scan are given up
 * first, and what is given up is counted. A campaign that changes while it waits is written once.
 * What cannot be written, because the disk is full, waits in the same places.
 */
import type { Campaign } from "../model/campaign.ts";
import type { HourCounts } from "../model/hour-counts.ts";
import type { StoryEvent } from "../model/story-event.ts";
import type { Prefix } from "../net/prefix.ts";
import { CountedStatements } from "./counted-statements.ts";
import { FirstContact } from "./first-contact.ts";
import type { GuardedDatabase } from "./guarded-database.ts";
import { HourStatements } from "./hour-statements.ts";
import type {
  CampaignQuery,
  CountedPart,
  CountedPlace,
  EventQuery,
  HoursQuery,
  KeptCampaign,
  KeptEvent,
  ListedCampaign,
  Stories,
  StoryBounds,
} from "./stories.ts";
import { StoryRetention } from "./story-retention.ts";
import { StoryStatements } from "./story-statements.ts";

/** Scans, other campaigns, events and hours that wait: so many of each. */
const MOST_WAITING = 8192;

/** Rows written in one part: some tens of milliseconds. */
const PART_ROWS = 2000;

export class SqliteStories implements Stories {
  readonly #file: GuardedDatabase;
  readonly #statements: StoryStatements;
  readonly #counted: CountedStatements;
  readonly #firstContact: FirstContact;
  readonly #hourStatements: HourStatements;
  readonly #retention: StoryRetention;
  readonly #mostBytes: number;
  /** By id, in the order in which they came to wait. */
  readonly #scans = new Map<string, KeptCampaign>();
  readonly #others = new Map<string, KeptCampaign>();
  #events: StoryEvent[] = [];
  /** By the beginning of the hour. */
  readonly #hours = new Map<number, HourCounts>();
  #lost = 0;

  /**
   * @param file the stories close it.
   * @param mostBytes more than that is never kept, whatever {@link StoryBounds} allow. Default: they
   *   alone say.
   */
  constructor(file: GuardedDatabase, mostBytes = Number.POSITIVE_INFINITY) {
    this.#file = file;
    this.#mostBytes = mostBytes;
    this.#statements = new StoryStatements(file.database);
    this.#counted = new CountedStatements(file.database);
    this.#firstContact = new FirstContact(file.database);
    this.#hourStatements = new HourStatements(file.database);
    this.#retention = new StoryRetention(file.database);
  }

  get lost(): number {
    return this.#lost;
  }

  get failures(): number {
    return this.#file.failures;
  }

  keepCampaign(campaign: Campaign, isOver: boolean): void {
    const isScan = campaign.verdict === "scan";
    const waiting = isScan ? this.#scans : this.#others;
    // As an undecided one it may wait, too.
    if (isScan) this.#others.delete(campaign.id);
    if (waiting.size >= MOST_WAITING && !waiting.has(campaign.id)) this.#lost += 1;
    else waiting.set(campaign.id, { campaign, isOver });
  }

  keepEvent(event: StoryEvent): void {
    if (this.#events.length >= MOST_WAITING) this.#lost += 1;
    else this.#events.push(event);
  }

  keepCounts(counts: HourCounts): void {
    const { hourEpochMs } = counts;
    const waiting = this.#hours.get(hourEpochMs);
    if (waiting === undefined && this.#hours.size >= MOST_WAITING) this.#lost += 1;
    else this.#hours.set(hourEpochMs, waiting === undefined ? counts : sumOf(waiting, counts));
  }

  flush(extent: "all" | "events" | "part"): void {
    // What waits has its place here; a write that is not tried would count as one that failed.
    if (this.#file.isResting) return;
    const isLeft = () => (extent === "events" ? this.#events.length : this.#waiting()) > 0;
    while (isLeft() && this.#writePart()) if (extent === "part") return;
  }

  campaigns(query: CampaignQuery): ListedCampaign[] {
    this.flush("all");
    return this.#file.read(() => this.#statements.campaigns(query), []);
  }

  events(query: EventQuery): KeptEvent[] {
    this.flush("all");
    return this.#file.read(() => this.#statements.events(query), []);
  }

  firstContactAtEpochMs(about: Prefix): number | undefined {
    this.flush("all");
    return this.#file.read(() => this.#firstContact.of(about), undefined);
  }

  countedCampaigns(from: CountedPlace | undefined, rows: number): CountedPart {
    if (from === undefined) this.flush("all");
    const nothing = { campaigns: [], next: undefined };
    return this.#file.read(() => this.#counted.part(from, rows), nothing);
  }

  hours(query: HoursQuery): HourCounts[] {
    this.flush("all");
    return this.#file.read(() => this.#hourStatements.list(query), []);
  }

  endInterrupted(): void {
    this.#file.write(() => {
      this.#statements.endOpen();
      return true;
    });
  }

  forgetBeyond(asked: StoryBounds): number {
    if (this.#file.isResting) return 0;
    const bounds = { ...asked, mostBytes: Math.min(asked.mostBytes, this.#mostBytes) };
    const { oldestEpochMs } = bounds;
    const isDue = () =>
      this.#retention.isDue(bounds) || this.#hourStatements.hasOlder(oldestEpochMs);
    if (!this.#file.read(isDue, false)) return 0;
    const forget = () =>
      this.#retention.forget(bounds) + this.#hourStatements.deleteOlder(oldestEpochMs);
    return this.#file.write(forget) ?? 0;
  }

  close(): void {
    if (!this.#file.database.isOpen) return;
    this.#file.retryAtOnce();
    this.flush("all");
    this.#file.database.close();
  }

  #waiting(): number {
    return this.#scans.size + this.#others.size + this.#events.length + this.#hours.size;
  }

  /** What tells most goes first. @returns whether it was written. */
  #writePart(): boolean {
    const events = this.#events.slice(0, PART_ROWS);
    const campaigns = [...this.#scans.values(), ...this.#others.values()].slice(
      0,
      PART_ROWS - events.length,
    );
    const isWritten = this.#file.write(() => {
      for (const counts of this.#hours.values()) this.#hourStatements.add(counts);
      for (const event of events) this.#statements.keepEvent(event);
      for (const { campaign, isOver } of campaigns) this.#statements.keepCampaign(campaign, isOver);
      return true;
    });
    if (isWritten === undefined) return false;
    this.#hours.clear();
    this.#events = this.#events.slice(events.length);
    for (const { campaign } of campaigns) {
      this.#scans.delete(campaign.id);
      this.#others.delete(campaign.id);
    }
    return true;
  }
}

function sumOf(one: HourCounts, other: HourCounts): HourCounts {
  return {
    hourEpochMs: one.hourEpochMs,
    probes: one.probes + other.probes,
    verdicts: one.verdicts + other.verdicts,
    bans: one.bans + other.bans,
  };
}
