/**
 * Who has probed over a span: campaigns of the history added up by network, and in all.
 *
 * A page that is looked at asks again and again, and the history may hold a million campaigns that
 * somebody has forged. So all of them are gone through in parts, between which the guard reads its
 * probes; one count is made at a time; and an answer serves for {@link FRESH_MS}, and for
 * {@link REST} times as long as it took. Memory is that of the networks which are told, and of the
 * countries and systems that the files of GEO_DB know.
 */
import { setImmediate as nextTurn } from "node:timers/promises";
import type { SourcesView } from "../api/contract.ts";
import type { SourcesQuery } from "../api/route.ts";
import type { Clock } from "../clock.ts";
import { OperationalError } from "../errors.ts";
import type { Journal } from "../journal/journal.ts";
import type { CountedPlace, Stories } from "../journal/stories.ts";
import { formatPrefix } from "../net/prefix.ts";
import { BannedNetworks } from "./banned-networks.ts";
import { CampaignTotals } from "./campaign-totals.ts";
import type { GeoLookup } from "./geo-lookup.ts";
import { type Network, NetworkRuns } from "./network-runs.ts";
import { PlaceTallies } from "./place-tallies.ts";
import { tallyView } from "./tally-view.ts";
import { isoTime } from "./views.ts";

/** How long (ms) an answer serves everybody who asks the same. */
const FRESH_MS = 10_000;

/** So many times as long as its making took: a page takes a twentieth of one processor at most. */
const REST = 20;

/** Answers that are remembered, for different spans. */
const MOST_ANSWERS = 4;

/** Spans that are counted or wait for it: each is a pass over the whole history. */
const MOST_WAITING = 4;

/** Campaigns and bans gone through in one turn of the event loop: a few milliseconds. */
const ROWS_A_TURN = 500;

/** Networks of each length that an answer has before it is cut to what was asked for. */
const MOST_NETWORKS = 1000;

/** How long (ms) a span is when nobody says. */
const DAY_MS = 86_400_000;

/** Spans begin at whole minutes, so that those who ask with the time of day get the same answer. */
const MINUTE_MS = 60_000;

export interface SourceCountsParts {
  readonly stories: Pick<Stories, "countedCampaigns">;
  readonly journal: Pick<Journal, "eachActiveBan">;
  readonly geo: Pick<GeoLookup, "databases" | "fieldsOf" | "find" | "refresh">;
  readonly clock: Clock;
}

interface Answer {
  readonly sinceEpochMs: number;
  readonly view: Promise<SourcesView>;
  /** For how long (ms) it serves; 0 while it is made. */
  servesMs: number;
  /** Monotonic; infinite while it is made. */
  staleAtMs: number;
}

export class SourceCounts {
  readonly #parts: SourceCountsParts;
  /** The latest is the last. */
  #answers: readonly Answer[] = [];
  #turn: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  constructor(parts: SourceCountsParts) {
    this.#parts = parts;
  }

  /** @throws {OperationalError} ERR_UNAVAILABLE when {@link MOST_WAITING} other spans are asked for. */
  async view({ limit, sinceEpochMs }: SourcesQuery): Promise<SourcesView> {
    const from = sinceEpochMs ?? this.#parts.clock.epochMs() - DAY_MS;
    const since = Math.floor(from / MINUTE_MS) * MINUTE_MS;
    const view = await this.#answerFor(since);
    return {
      ...view,
      networks: view.networks.slice(0, limit),
      blocks: view.blocks.slice(0, limit),
      countries: view.countries?.slice(0, limit) ?? null,
      asns: view.asns?.slice(0, limit) ?? null,
    };
  }

  #answerFor(sinceEpochMs: number): Promise<SourcesView> {
    const { clock } = this.#parts;
    const nowMs = clock.monotonicMs();
    this.#answers = this.#answers.filter(({ staleAtMs }) => nowMs < staleAtMs);
    const known = this.#answers.findLast((each) => isNear(each, sinceEpochMs));
    if (known !== undefined) return known.view;
    if (this.#waiting >= MOST_WAITING) {
      const message = `${MOST_WAITING} other spans are being counted: ask again in a little`;
      throw new OperationalError("ERR_UNAVAILABLE", message);
    }
    this.#waiting += 1;
    const view = this.#turn.then(async () => {
      const beganAtMs = clock.monotonicMs();
      const counted = await this.#count(sinceEpochMs);
      const endedAtMs = clock.monotonicMs();
      answer.servesMs = Math.max(FRESH_MS, REST * (endedAtMs - beganAtMs));
      answer.staleAtMs = endedAtMs + answer.servesMs;
      return counted;
    });
    const answer: Answer = {
      sinceEpochMs,
      view,
      servesMs: 0,
      staleAtMs: Number.POSITIVE_INFINITY,
    };
    this.#turn = view
      .catch(() => {
        this.#answers = this.#answers.filter((each) => each !== answer);
      })
      .finally(() => {
        this.#waiting -= 1;
      });
    this.#answers = [...this.#answers, answer].slice(-MOST_ANSWERS);
    return view;
  }

  async #count(sinceEpochMs: number): Promise<SourcesView> {
    const { geo, clock } = this.#parts;
    const at = isoTime(clock.epochMs());
    await geo.refresh();
    const places = new PlaceTallies(geo);
    const totals = new CampaignTotals();
    const networks = new NetworkRuns({ 4: 24, 6: 48 }, MOST_NETWORKS);
    const blocks = new NetworkRuns({ 4: 16, 6: 32 }, MOST_NETWORKS);
    let lastId: number | undefined;
    let lastKey = "";
    let place: CountedPlace | undefined;
    do {
      const part = this.#parts.stories.countedCampaigns(place, ROWS_A_TURN);
      for (const campaign of part.campaigns) {
        // One that goes on has moved behind the part before.
        if (campaign.lastAtEpochMs < sinceEpochMs || campaign.id === lastId) continue;
        const isNewSource = campaign.sourceKey !== lastKey;
        lastId = campaign.id;
        lastKey = campaign.sourceKey;
        for (const each of [totals, networks, blocks, places]) each.add(campaign, isNewSource);
      }
      place = part.next;
      await nextTurn();
    } while (place !== undefined);
    const told = { networks: networks.busiest(), blocks: blocks.busiest() };
    await this.#countBans([...told.networks, ...told.blocks], places);
    const networkView = ({ prefix, tally }: Network) => ({
      address: formatPrefix(prefix),
      ...tallyView(tally),
      ...geo.fieldsOf(prefix),
    });
    return {
      since: isoTime(sinceEpochMs),
      at,
      ...totals.view(),
      networks: told.networks.map(networkView),
      blocks: told.blocks.map(networkView),
      ...places.view(MOST_NETWORKS),
    };
  }

  async #countBans(networks: readonly Network[], places: PlaceTallies): Promise<void> {
    const banned = new BannedNetworks(networks);
    for (const bans of this.#parts.journal.eachActiveBan(ROWS_A_TURN)) {
      for (const { prefix } of bans) {
        banned.add(prefix);
        places.addBan(prefix);
      }
      await nextTurn();
    }
    banned.end();
  }
}

/**
 * Whoever asks again and again for the last day asks for a span that begins later each time: it may
 * begin a minute earlier, or by as much earlier as its answer is old.
 */
function isNear(answer: Answer, sinceEpochMs: number): boolean {
  const earlierMs = sinceEpochMs - answer.sinceEpochMs;
  return earlierMs >= 0 && earlierMs <= MINUTE_MS + answer.servesMs;
}
