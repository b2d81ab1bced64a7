/**
 * Listens to the guard, as long as there is a session, and goes on when either was gone.
 *
 * A stream that fails says nothing of why. So the guard is asked once more in plain words: whether
 * it wants the token, is not there, or has no place left. Drawing waits a moment, so that a flood of
 * events is one drawing.
 */
import type { CampaignView, EventView, LiveEvent, StatusView } from "../api/contract.ts";
import { ApiFault, askApi } from "./api-client.ts";
import { createCell } from "./cell.ts";
import * as connections from "./connection.ts";
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

export const connection = createCell<connections.Connection>(connections.opened(Date.now()));

export const live = createCell(NOTHING_YET);

/** The time for countdowns and ages, epoch ms; a new one each second while the page is seen. */
export const now = createCell(Date.now());

/** Events that wait for the next drawing. */
let waiting: LiveEvent[] = [];
let source: EventSource | undefined;
const refreshing = createPacer(refresh, REFRESH_MS);

/** Once. */
export function startLive(): void {
  session.subscribe(follow);
  setInterval(beat, 1000);
  addEventListener("online", () => retry());
  document.addEventListener("visibilitychange", beat);
  follow();
}

/** Now, and not when its time has come. */
export function retry(): void {
  if (connection.get().status !== "gone") return;
  connection.set(connections.retried(connection.get(), Date.now()));
  open();
}

function follow(): void {
  if (session.get() === "locked") {
    close();
    connection.set({ status: "locked" });
    return;
  }
  if (session.get() !== "open" || source !== undefined) return;
  connection.set(connections.opened(Date.now()));
  open();
}

function beat(): void {
  const nowMs = Date.now();
  if (!document.hidden) now.set(nowMs);
  // A campaign that grows is told of at long intervals.
  if (!document.hidden && live.get().campaigns.some(({ over }) => !over)) refreshing.want();
  const state = connection.get();
  if (connections.isSilent(state, nowMs)) fail("it says nothing");
  else if (connections.isDue(state, nowMs)) retry();
}

function open(): void {
  close();
  const opening = new EventSource("/v1/events");
  source = opening;
  for (const kind of KINDS) {
    opening.addEventListener(kind, ({ data }) => take(JSON.parse(data) as LiveEvent));
  }
  opening.onerror = () => {
    if (source === opening) void explain();
  };
}

function close(): void {
  source?.close();
  source = undefined;
}

function take(event: LiveEvent): void {
  const isFirst = connection.get().status !== "live";
  connection.set(connections.heard(Date.now()));
  if (isFirst) void catchUp();
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

/** What happened before somebody listened, and while nobody did. */
async function catchUp(): Promise<void> {
  try {
    const [events, campaigns] = await Promise.all([
      askApi<EventView[]>("/v1/history", { query: { limit: HISTORY_LIMIT } }),
      askApi<CampaignView[]>("/v1/campaigns", { query: { limit: CAMPAIGNS_LIMIT } }),
    ]);
    live.update((state) => {
      return { ...withHistory(state, events, campaigns), bansTurn: state.bansTurn + 1 };
    });
  } catch (error) {
    // The stream goes on without them; if the guard is gone, it says so.
    if (!(error instanceof ApiFault)) throw error;
  }
}

/** Finds out why the stream has failed. */
async function explain(): Promise<void> {
  close();
  live.update((state) => withGap(state, Date.now()));
  try {
    await askApi<StatusView>("/v1/status");
    fail("the stream of events has ended");
  } catch (error) {
    if (!(error instanceof ApiFault)) throw error;
    if (error.status !== 401) fail(error.status === 0 ? "nobody answers" : error.message);
  }
}

function fail(why: string): void {
  close();
  const nowMs = Date.now();
  live.update((state) => withGap(state, nowMs));
  connection.set(connections.lost(connection.get(), nowMs, why));
}
