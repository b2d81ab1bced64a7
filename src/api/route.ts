/**
 * One request of the API: what it is called, what it takes, what it answers, and what that means.
 *
 * Both the router and docs/openapi.json are made of these, so that nothing is served that is not
 * described, and nothing described that is not served.
 */
import type { z } from "zod";
import type { ActivityView, SourcesView } from "./contract.ts";
import type { LiveFeed } from "./live-feed.ts";
import type { ServedOperator } from "./operator.ts";
import type { Sessions } from "./sessions.ts";

/** Which sources are counted. */
export interface SourcesQuery {
  /** Networks of each list; 1 to 1000. */
  readonly limit: number;
  /** Campaigns whose last probe came before are left out; undefined: for a day. */
  readonly sinceEpochMs: number | undefined;
}

/** What answers are made from. */
export interface ApiParts {
  readonly operator: ServedOperator;
  /** undefined where none are needed. */
  readonly sessions: Sessions | undefined;
  /** What happens; undefined where nobody tells. */
  readonly feed: LiveFeed | undefined;
  /** Makes the text for Prometheus; undefined where nothing is counted. */
  readonly metrics: (() => Promise<string>) | undefined;
  /** Counts what was probed of late; undefined where nothing is counted. */
  readonly activity: (() => ActivityView) | undefined;
  /** Counts who has probed; undefined where nothing is counted. */
  readonly sources: ((query: SourcesQuery) => Promise<SourcesView>) | undefined;
  /** All that are served. */
  readonly routes: readonly Route[];
}

/** What came with a request; query and body are undefined where the route takes none. */
interface Asked<Query = unknown, Body = unknown> {
  readonly query: Query;
  readonly body: Body;
  /** Of the request. */
  readonly headers: Headers;
  /** Of the reply: what is put in here goes with it. */
  readonly reply: Headers;
}

interface RouteOf<Query extends z.ZodType, Body extends z.ZodType, Reply extends z.ZodType> {
  /** Those that read may be asked by whoever may open the socket; the others change something. */
  readonly method: "GET" | "POST" | "DELETE";
  readonly path: string;
  /** One sentence for the document. */
  readonly summary: string;
  /** Of the words behind the question mark, which are texts. Absent: they are not looked at. */
  readonly query?: Query;
  /** Of the JSON in the body. Absent: it is not read. */
  readonly body?: Body;
  readonly reply: Reply;
  /**
   * Content-Type of a reply that is a text, or a stream of it, and no JSON. One with an `etag` in its
   * headers is not sent to whoever says that he has it.
   */
  readonly media?: string;
  /** Called with what has passed the schemas. */
  readonly answer: (
    parts: ApiParts,
    asked: Asked<z.output<Query>, z.output<Body>>,
  ) => Promise<z.input<Reply> | ReadableStream>;
}

export type Route = RouteOf<z.ZodType, z.ZodType, z.ZodType>;

/** Holds the answer of a route against its schemas when types are checked. */
export function route<
  Reply extends z.ZodType,
  Query extends z.ZodType = z.ZodUndefined,
  Body extends z.ZodType = z.ZodUndefined,
>(described: RouteOf<Query, Body, Reply>): Route {
  // Whoever calls it checks with the schemas of this very route.
  return described as unknown as Route;
}
