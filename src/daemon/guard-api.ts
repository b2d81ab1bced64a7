/**
 * How the guard serves its API: on the Unix socket that it has inherited, for whoever may open that,
 * and on TCP for whoever has the token. Each has connections of its own, so that nobody on one can
 * keep the other from being asked.
 */
import { createCallerNames, createChangeGate } from "../api/auth.ts";
import type { Door } from "../api/door.ts";
import type { LiveFeed } from "../api/live-feed.ts";
import { createLiveFeed } from "../api/live-status.ts";
import type { ServedOperator } from "../api/operator.ts";
import { BUILT_PAGE } from "../api/page.ts";
import { type Api, createApi, type ServedApi, serveApi } from "../api/server.ts";
import { systemClock } from "../clock.ts";
import type { Settings } from "../config/schema.ts";
import type { HealthTracker } from "../health/tracker.ts";
import { readPeerCredentials } from "../kernel/peer-credentials.ts";
import type { GuardMetrics } from "../metrics/guard-metrics.ts";
import type { SourceKeys } from "../net/source-keys.ts";
import type { Activity } from "./activity.ts";
import { ApiListener } from "./api-listener.ts";
import type { ApiTokenHashes } from "./api-token.ts";
import { AuditTrail, type AuditTrailParts } from "./audit-trail.ts";
import type { Events } from "./events.ts";
import type { Hello } from "./guard-stages.ts";
import type { SourceCounts } from "./source-counts.ts";

export interface GuardApiParts {
  readonly operator: ServedOperator;
  readonly metrics: Pick<GuardMetrics, "expose">;
  readonly activity: Pick<Activity, "view">;
  readonly sources: Pick<SourceCounts, "view">;
  readonly hello: Pick<Hello, "operatorGid" | "sockets" | "apiTokenHash" | "apiReadTokenHash">;
  readonly health: HealthTracker;
  readonly events: Pick<Events, "note">;
  /** They keep who asked for which change. */
  readonly stories: AuditTrailParts["stories"];
  readonly keys: SourceKeys;
}

type ApiSettings = Pick<Settings, "API_LISTEN" | "API_HOSTS">;

export class GuardApi {
  readonly #parts: GuardApiParts;
  readonly #listener: ApiListener;
  /** One for both, so that nobody is turned away twice as often as is kept. */
  readonly #trail: AuditTrail;
  /** What happens; whoever publishes here tells all who listen. */
  readonly feed: LiveFeed;
  #onUnix: ServedApi | undefined;
  #tokens: ApiTokenHashes;

  constructor(parts: GuardApiParts) {
    this.#parts = parts;
    const { apiTokenHash: hash, apiReadTokenHash: readHash } = parts.hello;
    this.#tokens = { hash, readHash };
    this.#trail = new AuditTrail({ ...parts, clock: systemClock });
    this.feed = createLiveFeed({
      operator: parts.operator,
      onDefect: (error) => this.#tellDefect(error),
    });
    this.#listener = new ApiListener({
      makeApi: (door) => this.#create(() => true, door),
      health: parts.health,
      clock: systemClock,
    });
  }

  /** Serves on both. Once. @returns when the Unix socket is served. */
  async start(values: ApiSettings): Promise<void> {
    this.follow(values, this.#tokens);
    const { sockets, operatorGid } = this.#parts.hello;
    const socket = sockets.find(({ kind }) => kind === "api");
    if (socket === undefined) return;
    const api = this.#create(createChangeGate(readPeerCredentials, operatorGid));
    this.#onUnix = await serveApi(api, { fd: socket.fd });
  }

  /** Listens on TCP as these say from now on, and nowhere without a token. */
  follow(
    { API_LISTEN: place, API_HOSTS: hosts }: ApiSettings,
    { hash: tokenHash, readHash: readTokenHash }: ApiTokenHashes,
  ): void {
    this.#tokens = { hash: tokenHash, readHash: readTokenHash };
    const isWanted = place !== undefined && tokenHash !== undefined;
    void this.#listener.follow(isWanted ? { place, hosts, tokenHash, readTokenHash } : undefined);
  }

  /** Answers under way have a moment to leave. */
  async close(): Promise<void> {
    this.feed.close();
    await Promise.all([this.#onUnix?.close(), this.#listener.follow(undefined)]);
  }

  #tellDefect(error: unknown): void {
    this.#parts.events.note("error", "defect", `the API failed: ${String(error)}`);
  }

  #create(mayChange: Parameters<typeof createApi>[1]["mayChange"], door?: Door): Api {
    const { operator, metrics, activity, sources } = this.#parts;
    return createApi(operator, {
      mayChange,
      audit: {
        callerOf: createCallerNames(readPeerCredentials),
        keep: (request) => this.#trail.keep(request),
      },
      onDefect: (error) => this.#tellDefect(error),
      feed: this.feed,
      metrics: () => metrics.expose(),
      activity: () => activity.view(),
      sources: (query) => sources.view(query),
      ...(door && { door, page: BUILT_PAGE }),
    });
  }
}
