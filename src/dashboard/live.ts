/**
 * What the page is told of now, and what it asks for to know the rest.
 *
 * Drawing waits a moment, so that a flood of events is one drawing.
 */
import type { CampaignView, EventView, LiveEvent, StatusView } from "../api/contract.ts";
import { ApiFault, askApi } from "./api-client.ts";
import { createCell } from "./cell.ts";
import { type Connection, opened, pauseAfter } from "./connection.ts";
import { createListener, type Stream } from "./listener.ts";
import { afterEvent, NOTHING_YET, withCampaigns, withGap, withHistory } from "./live-state.ts";
import { createPacer } from "./pacer.ts";
import { session } from "./session-state.ts";

const KINDS = ["status", "campaign", "event", "lagged"] as const;

/** What is asked for of the lists, so that the first page is not empty. */
const HISTORY_LIMIT = 60;
const CAMPAIGNS_LIMIT = 40;

/** How long (ms) events wait for others before they are drawn. */
const DRAW_MS = 50;

/** How long (ms) the numbers of campaigns are not asked for again, whatever happens. */
const REFRESH_MS = 2500;

export const connection = createCell<Connection>(opened(Date.now()));

export const live = createCell(NOTHING_YET);

/** The time for countdowns and ages, epoch ms; a new one each second while the page is seen. */
export const now = createCell(Date.now());

/** Events that wait for the next drawing. */
let waiting: LiveEvent[] = [];
/** How often the stream has begun. */
let connections = 0;
const refreshing = createPacer(refresh, REFRESH_MS);

const listener = createListener({
  connection,
  isLet: () => session.get() === "open",
  isHidden: () => document.hidden,
  openStream,
  ask: () => askApi<StatusView>("/v1/status"),
  onFirst() {
    connections += 1;
    void catchUp(connections, 0);
  },
  onEvent: take,
  onGap: () => live.update((state) => withGap(state, Date.now())),
  nowMs: () => Date.now(),
});

/** Once. */
export function startLive(): void {
  session.subscribe(listener.follow);
  setInterval(beat, 1000);
  addEventListener("online", listener.retry);
  document.addEventListener("visibilitychange", beat);
}

/** Now, and not when its time has come. */
export const retry = listener.retry;

function beat(): void {
  if (!document.hidden) now.set(Date.now());
  // A campaign that grows is told of at long intervals.
  if (!document.hidden && live.get().campaigns.some(({ over }) => !over)) refreshing.want();
  listener.beat();
}

function openStream(onEvent: (event: LiveEvent) => void, onEnd: () => void): Stream {
  const source = new EventSource("/v1/events");
  for (const kind of KINDS) {
    source.addEventListener(kind, ({ data }) => onEvent(JSON.parse(data) as LiveEvent));
  }
  source.onerror = onEnd;
  return source;
}

function take(event: LiveEvent): void {
  waiting.push(event);
  if (waiting.length > 1) return;
  // No frame comes while the page is not seen, and what waits must not grow meanwhile.
  setTimeout(drawWaiting, document.hidden ? 1000 : DRAW_MS);
}

function drawWaiting(): void {
  const events = waiting;
  waiting = [];
  const nowMs = Date.now();
  live.update((before) => events.reduce((state, event) => afterEvent(state, event, nowMs), before));
  if (events.some(({ kind }) => kind !== "status")) refreshing.want();
}

/** Campaigns are told of when they change in kind; their numbers are asked for then. */
async function refresh(): Promise<void> {
  if (connection.get().status !== "live") return;
  try {
    const query = { limit: CAMPAIGNS_LIMIT };
    const campaigns = await askApi<CampaignView[]>("/v1/campaigns", { query });
    live.update((state) => withCampaigns(state, campaigns));
  } catch (error) {
    if (!(error instanceof ApiFault)) throw error;
  }
}

/** What happened before somebody listened, and while nobody did; asked for until it is answered. */
async function catchUp(connected: number, faults: number): Promise<void> {
  try {
    const [events, campaigns] = await Promise.all([
      askApi<EventView[]>("/v1/history", { query: { limit: HISTORY_LIMIT } }),
      askApi<CampaignView[]>("/v1/campaigns", { query: { limit: CAMPAIGNS_LIMIT } }),
    ]);
    live.update((state) => {
      return { ...withHistory(state, events, campaigns), bansTurn: state.bansTurn + 1 };
    });
  } catch (error) {
    // The stream goes on without them meanwhile; if the guard is gone, it says so.
    if (!(error instanceof ApiFault)) throw error;
    setTimeout(() => {
      const isSame = connected === connections && connection.get().status === "live";
      if (isSame) void catchUp(connected, faults + 1);
    }, pauseAfter(faults));
  }
}
