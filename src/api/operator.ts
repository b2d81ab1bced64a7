/**
 * What the API needs of the program behind it: reading, and the few changes that people may ask
 * for. The daemon implements it over the running guard; commands without a guard implement the same
 * over the kernel and the journal, so that both give the same answers.
 */
import type { Evidence } from "../model/evidence.ts";
import type { IpFamily } from "../net/ip-address.ts";
import type {
  ApplyRequest,
  BanRequest,
  BanView,
  BlocklistedView,
  CampaignView,
  EventView,
  HourView,
  ListedCampaignView,
  OutcomeView,
  ReloadView,
  StatusView,
  TrustedView,
  TrustRequest,
  UnbannedView,
  WhyView,
} from "./contract.ts";

/** Which campaigns, or which events; every condition narrows. */
export interface StoryQuery {
  /** 1 or more. */
  readonly limit: number;
  /** Those that follow this cursor of a campaign, or the campaign or event of this id. */
  readonly after?: string | undefined;
  /** An address or prefix: about its source, what is inside, and what holds it. */
  readonly address?: string | undefined;
  readonly sinceEpochMs?: number | undefined;
}

export interface CampaignsQuery extends StoryQuery {
  readonly verdict?: CampaignView["verdict"] | undefined;
  /** null: those whose tool is not known. */
  readonly tool?: CampaignView["tool"] | undefined;
  readonly evidence?: CampaignView["evidence"] | undefined;
  readonly outcome?: CampaignView["outcome"] | undefined;
  /**
   * What stands in the story, in large or small letters. Looked for in the next 10,000 campaigns that
   * the other conditions leave.
   */
  readonly text?: string | undefined;
}

export interface HistoryQuery extends StoryQuery {
  readonly kind?: string | undefined;
}

/** Which hours: the latest so many of them. */
export type TimelineQuery = Pick<StoryQuery, "limit" | "sinceEpochMs">;

/** What the journal tells. */
export interface StoryReader {
  campaigns(query: CampaignsQuery): Promise<ListedCampaignView[]>;
  history(query: HistoryQuery): Promise<EventView[]>;
  /** What was counted hour by hour, the earliest first. */
  timeline(query: TimelineQuery): Promise<HourView[]>;
  /** The story of one address or prefix. @param address as a person wrote it. */
  why(address: string): Promise<WhyView>;
}

export interface Operator {
  status(): Promise<StatusView>;
  /** The newest first; at most `limit`, those that follow `after` in that order. */
  bans(limit: number, after: string | undefined): Promise<BanView[]>;
  readonly stories: StoryReader;
  ban(request: BanRequest): Promise<OutcomeView>;
  /** @param address as a person wrote it; an address inside a banned /64 means that /64. */
  unban(address: string): Promise<OutcomeView>;
  /** @returns how many bans were ended, and whose. */
  unbanAll(): Promise<UnbannedView>;
  trusted(): Promise<TrustedView[]>;
  trust(request: TrustRequest): Promise<OutcomeView>;
  /**
   * The entries of blocklists that hold one address. Known to a running guard alone: without one it
   * is none.
   */
  blocklisted(address: string): Promise<BlocklistedView[]>;
  /** Keeps what `--confirm` would take back. */
  confirm(): Promise<OutcomeView>;
  /** Has the configuration read again. */
  reload(): Promise<ReloadView>;
  /** Has the candidate that root has left put in force, and taken back unless confirmed. */
  apply(request: ApplyRequest): Promise<ReloadView>;
}

/** Which bans a list for other firewalls has. */
export interface BanListRequest {
  /** At least that; bans by command are in it in any case. */
  readonly evidence: Evidence;
  /** undefined: both. */
  readonly family: IpFamily | undefined;
}

export interface BanList {
  /** Another one for another text; letters and digits. */
  readonly tag: string;
  /** The text in pieces; may be asked for again. */
  readonly text: () => AsyncIterable<string>;
}

/** What a guard offers besides, and commands have no need of. */
export interface ServedOperator extends Operator {
  banList(request: BanListRequest): Promise<BanList>;
}

/** The same without a guard, and what a running guard has no need to offer or may not; for root. */
export interface OfflineOperator extends Operator {
  /**
   * Whether a guard runs in this network namespace all the same: its table's log group is read. Who
   * finds no socket of it must not act behind its back.
   */
  hasGuard(): boolean;
  /** Takes trust by hand away. */
  untrust(address: string): Promise<OutcomeView>;
  /**
   * Takes everything away; with "state" the journal and trust by hand stay, and a later guard goes
   * on with the bans that have not run out. @returns what was removed, one line each.
   */
  remove(leaving: "nothing" | "state"): Promise<string[]>;
  close(): Promise<void>;
}
