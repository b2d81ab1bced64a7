/** What the live view knows and what is selected in it: pure, and bounded by what is read at once. */
import type { ActivityView, BanView, CampaignView, LiveEvent } from "../../api/contract.ts";

/** Entries of each list that are read and kept. */
export const MOST_ROWS = 200;

export type Pane = "campaigns" | "bans";

export type Act = "ban" | "unban" | "trust";

interface Grown {
  readonly campaign: CampaignView;
  /** Probes since the reading before; the whole of it where that did not have it. */
  readonly more: number;
}

export interface WatchState {
  /** Why there is no guard to watch; undefined: there is one. */
  readonly gone: string | undefined;
  readonly live: Extract<LiveEvent, { kind: "status" }> | undefined;
  readonly campaigns: readonly Grown[];
  readonly bans: readonly BanView[];
  readonly activity: ActivityView | undefined;
  readonly pane: Pane;
  /** Whom the cursor is on in each pane, by address or id: rows move. */
  readonly selected: Readonly<Record<Pane, string | undefined>>;
  /** What waits for y or n. */
  readonly question: { readonly act: Act; readonly address: string } | undefined;
  readonly message: string;
  /** The story of one address, in front of everything. */
  readonly story: { readonly lines: readonly string[]; readonly top: number } | undefined;
}

export const FIRST_STATE: WatchState = {
  gone: undefined,
  live: undefined,
  campaigns: [],
  bans: [],
  activity: undefined,
  pane: "campaigns",
  selected: { campaigns: undefined, bans: undefined },
  question: undefined,
  message: "",
  story: undefined,
};

/** Takes a new reading of the campaigns; each has grown by what it has more than before. */
export function withCampaigns(state: WatchState, campaigns: readonly CampaignView[]): WatchState {
  const before = new Map(state.campaigns.map(({ campaign }) => [campaign.id, campaign.packets]));
  const isFirst = state.campaigns.length === 0;
  const grown = campaigns.slice(0, MOST_ROWS).map((campaign) => {
    const had = before.get(campaign.id) ?? (isFirst ? campaign.packets : 0);
    return { campaign, more: Math.max(0, campaign.packets - had) };
  });
  return { ...state, campaigns: grown };
}

/** Keys of the rows of a pane, top to bottom. */
function rowsOf({ campaigns, bans }: WatchState, pane: Pane): string[] {
  return pane === "bans"
    ? bans.map(({ address }) => address)
    : campaigns.map(({ campaign }) => campaign.id);
}

/** Where the cursor is; the first row where its own is gone; -1: the pane is empty. */
export function cursorOf(state: WatchState, pane: Pane): number {
  const rows = rowsOf(state, pane);
  const selected = state.selected[pane];
  const at = selected === undefined ? 0 : rows.indexOf(selected);
  return rows.length === 0 ? -1 : Math.max(0, at);
}

/** Moves the cursor, or the story; never beyond an end. */
export function moved(state: WatchState, by: number): WatchState {
  const { story, pane } = state;
  if (story !== undefined) {
    const top = Math.min(Math.max(0, story.lines.length - 1), Math.max(0, story.top + by));
    return { ...state, story: { ...story, top } };
  }
  const rows = rowsOf(state, pane);
  const at = Math.min(rows.length - 1, Math.max(0, cursorOf(state, pane) + by));
  return { ...state, selected: { ...state.selected, [pane]: rows[at] } };
}

/** Whom the cursor is on. */
export function addressOf(state: WatchState): string | undefined {
  const at = cursorOf(state, state.pane);
  return state.pane === "bans" ? state.bans[at]?.address : state.campaigns[at]?.campaign.address;
}
