/**
 * What the page knows of now, made of one event after the other.
 *
 * Pure, and bounded whatever comes: {@link SECONDS} of rates, {@link MOST_EVENTS} events and
 * {@link MOST_CAMPAIGNS} campaigns; the oldest goes first.
 */
import type { CampaignView, EventView, LiveEvent, StatusView } from "../api/contract.ts";

/** Rates that are kept, one a second. */
export const SECONDS = 300;

export const MOST_EVENTS = 200;

export const MOST_CAMPAIGNS = 100;

/** An event with a number of the page's own: those of the stream have none yet. */
export interface Happened extends Omit<EventView, "id"> {
  readonly key: string;
}

export interface Second {
  /** Epoch seconds. */
  readonly at: number;
  /** null: the guard was not heard. */
  readonly probes: number | null;
  readonly dropped: number | null;
}

type Rates = Extract<LiveEvent, { kind: "status" }>["rates"];

export interface LiveState {
  readonly status: StatusView | undefined;
  readonly rates: Rates;
  readonly seconds: readonly Second[];
  /** The newest first. */
  readonly happened: readonly Happened[];
  /** Whether what happened before somebody listened is in the lists; if not, none does not mean so. */
  readonly isHistoryKnown: boolean;
  /** Scans under way and those that have just ended; the latest probe first. */
  readonly campaigns: readonly CampaignView[];
  /** Events that were not told, since the page was opened. */
  readonly missed: number;
  /** When that was said last, epoch ms; undefined: never. */
  readonly missedAtMs: number | undefined;
  /** Rises with each event that changes who is banned, or whom the page was not told of. */
  readonly bansTurn: number;
  /** Events so far; the next one's key. */
  readonly count: number;
}

export const NOTHING_YET: LiveState = {
  status: undefined,
  rates: null,
  seconds: [],
  happened: [],
  isHistoryKnown: false,
  campaigns: [],
  missed: 0,
  missedAtMs: undefined,
  bansTurn: 0,
  count: 0,
};

/** What keys of events begin with that were told live; a number follows. */
const LIVE = "live-";

/** Kinds of events after which the list of bans is another one. */
const CHANGES_BANS: ReadonlySet<string> = new Set(["ban", "unban", "exonerated", "trust"]);

/** Kinds of events that end a ban. */
const ENDS_BANS: ReadonlySet<string> = new Set(["unban", "exonerated"]);

const OUTCOMES: Readonly<Record<string, CampaignView["outcome"]>> = {
  ban: "banned",
  unban: "unbanned",
  exonerated: "unbanned",
  spared: "spared",
};

/** @returns the state after this event; one of a kind that is not known changes nothing. */
export function afterEvent(state: LiveState, event: LiveEvent, nowMs: number): LiveState {
  switch (event.kind) {
    case "status":
      return afterStatus(state, event);
    case "campaign":
      return { ...state, campaigns: withCampaign(state.campaigns, event.campaign) };
    case "event": {
      const happened = { ...event.event, key: `${LIVE}${state.count}` };
      return {
        ...state,
        count: state.count + 1,
        happened: [happened, ...state.happened].slice(0, MOST_EVENTS),
        campaigns: state.campaigns.map((campaign) => afterOutcome(campaign, event.event)),
        bansTurn: state.bansTurn + (CHANGES_BANS.has(event.event.kind) ? 1 : 0),
      };
    }
    case "lagged":
      return {
        ...state,
        missed: state.missed + event.dropped,
        missedAtMs: nowMs,
        bansTurn: state.bansTurn + 1,
      };
    default:
      return state;
  }
}

/**
 * Whose bans have ended, and when (epoch ms), by what was told after the first `told` events. Of some
 * that were told since then nothing is known any more: {@link MOST_EVENTS}.
 */
export function endedBans({ happened }: LiveState, told: number): ReadonlyMap<string, number> {
  const ended = new Map<string, number>();
  const since = happened.filter(
    ({ key }) => key.startsWith(LIVE) && Number(key.slice(LIVE.length)) >= told,
  );
  for (const { kind, address, at } of since.toReversed()) {
    if (ENDS_BANS.has(kind) && address !== null) ended.set(address, Date.parse(at));
  }
  return ended;
}

/**
 * What the lists have when the page has begun to listen, maybe not for the first time. So what
 * happened goes by its time, and a campaign is as it was when it had grown most. One that was going
 * on and is not among the latest any more has ended, or will not be told of again.
 */
export function withHistory(
  state: LiveState,
  events: readonly EventView[],
  campaigns: readonly CampaignView[],
): LiveState {
  const live = state.happened.filter(({ key }) => key.startsWith(LIVE));
  const known = new Set(live.map(identityOf));
  const older = events
    .filter((event) => !known.has(identityOf(event)))
    .map(({ id, ...event }) => ({ ...event, key: `kept-${id}` }));
  const happened = [...live, ...older]
    .toSorted((a, b) => Date.parse(b.at) - Date.parse(a.at))
    .slice(0, MOST_EVENTS);
  const listed = new Map(campaigns.map((each) => [each.id, each]));
  const end = campaigns.at(-1)?.last ?? "";
  const told = state.campaigns.filter(({ id, packets, over, last }) => {
    const known = listed.get(id);
    return known === undefined ? over || last >= end : packets > known.packets;
  });
  const merged = [...campaigns.toReversed(), ...told.toReversed()].reduce(
    withCampaign,
    [] as readonly CampaignView[],
  );
  return { ...state, happened, isHistoryKnown: true, campaigns: merged };
}

/** What the list has of campaigns now, which is later than what was told. */
export function withCampaigns(state: LiveState, campaigns: readonly CampaignView[]): LiveState {
  const merged = campaigns.toReversed().reduce(withCampaign, state.campaigns);
  return { ...state, campaigns: merged };
}

/** A hole in the rates, where nobody was heard; what happens in it is not known. */
export function withGap(before: LiveState, nowMs: number): LiveState {
  const state = before.isHistoryKnown ? { ...before, isHistoryKnown: false } : before;
  const at = Math.floor(nowMs / 1000);
  if (state.seconds.length === 0 || state.seconds.at(-1)?.probes === null) return state;
  const seconds = [...state.seconds, { at, probes: null, dropped: null }].slice(-SECONDS);
  return { ...state, seconds, rates: null };
}

function afterStatus(
  state: LiveState,
  { at, status, rates }: Extract<LiveEvent, { kind: "status" }>,
): LiveState {
  if (rates === null) return { ...state, status, rates };
  const second: Second = {
    at: Math.floor(Date.parse(at) / 1000),
    probes: rates.probes_per_second,
    dropped: rates.dropped_per_second,
  };
  // A clock that was set back would make a line that runs backwards.
  const before = state.seconds.filter((each) => each.at < second.at);
  return { ...state, status, rates, seconds: [...before, second].slice(-SECONDS) };
}

/** Of a ban a campaign is told only when it grows or ends: the event says it at once. */
function afterOutcome(campaign: CampaignView, event: Omit<EventView, "id">): CampaignView {
  const outcome = OUTCOMES[event.kind];
  if (outcome === undefined || event.campaign !== campaign.id) return campaign;
  return { ...campaign, outcome };
}

function withCampaign(
  campaigns: readonly CampaignView[],
  campaign: CampaignView,
): readonly CampaignView[] {
  const others = campaigns.filter(({ id }) => id !== campaign.id);
  const place = others.findIndex(({ last }) => last <= campaign.last);
  const at = place === -1 ? others.length : place;
  return [...others.slice(0, at), campaign, ...others.slice(at)].slice(0, MOST_CAMPAIGNS);
}

function identityOf({ at, kind, address, text }: Omit<EventView, "id">): string {
  return `${at} ${kind} ${address} ${text}`;
}
