/**
 * The API: HTTP and JSON on the guard's Unix socket, and on TCP where there is a door before it.
 *
 * A client is somebody on this machine who may open the socket, not a friend: bodies, headers, time
 * and connections are bounded, so that a reader can neither stop the guard nor keep others out for
 * longer than HEADERS_TIMEOUT_MS. Replies are JSON unless their route says otherwise; whatever is
 * neither 2xx nor 304 is a FaultView.
 */
import type { Server } from "node:http";
import { createServer } from "node:http";
import type { HttpBindings } from "@hono/node-server";
import { getRequestListener } from "@hono/node-server";
import type { Context } from "hono";
import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { OperationalError } from "../errors.ts";
import { encodeVisibleJson } from "../invisible-text.ts";
import {
  type Audit,
  type AuditedEnv,
  auditing,
  endedOf,
  isReading,
  leaveAsked,
  outcomeOf,
} from "./audit.ts";
import type { ActivityView, FaultView } from "./contract.ts";
import type { Door } from "./door.ts";
import { FAULT_STATUS } from "./fault-status.ts";
import type { LiveFeed } from "./live-feed.ts";
import type { ServedOperator } from "./operator.ts";
import type { Page, PageFile } from "./page.ts";
import { checkJson, checkRequest } from "./requests.ts";
import type { ApiParts, Route } from "./route.ts";
import { ROUTES } from "./routes/all.ts";

/** Largest request body, in bytes. The largest sensible one has about 400. */
export const MAX_BODY_BYTES = 65_536;

/** Connections at once; further ones are closed unread. */
export const MAX_CONNECTIONS = 64;

/** A connection whose headers are not complete by then is closed, in ms. */
const HEADERS_TIMEOUT_MS = 5000;

/** A request whose body is not complete by then is closed, in ms. */
const REQUEST_TIMEOUT_MS = 10_000;

/** How long (ms) an answer that is under way has to leave when serving ends. */
const LAST_ANSWERS_MS = 1000;

/**
 * A browser takes a reply for nothing else than it is, keeps none, runs nothing of it, shows it in
 * no other page, and tells nobody where it was.
 */
const SAFE_HEADERS = {
  "cache-control": "no-store",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
};

export type Api = Hono<AuditedEnv>;

export interface ApiOptions {
  /** Whether whoever sent this request may change things; asked before each change. */
  readonly mayChange: (env: HttpBindings) => boolean;
  /** Asked before anything else. undefined: whoever reaches the socket may come in. */
  readonly door?: Door;
  /** What browsers are shown at `/`, behind a door alone; absent: nothing. */
  readonly page?: Page;
  /** Told of every change that was asked for; absent: nobody is. */
  readonly audit?: Audit;
  /** What /v1/events tells; absent: nothing. */
  readonly feed?: LiveFeed;
  /** Makes the text of /metrics; absent: there is none. */
  readonly metrics?: () => Promise<string>;
  /** Counts what was probed of late; absent: nobody counts. */
  readonly activity?: () => ActivityView;
  /** Counts who has probed; absent: nobody counts. */
  readonly sources?: ApiParts["sources"];
  /**
   * Told of every error that is no OperationalError. The client gets a 500 and the guard goes on:
   * otherwise whoever finds a defect in a reply could end the guard with it.
   */
  readonly onDefect: (error: unknown) => void;
}

/** The API over `operator`, not yet served. */
export function createApi(operator: ServedOperator, options: ApiOptions): Api {
  const app: Api = new Hono();
  const { door, page } = options;
  app.use(auditing(options.audit, door, new Set(ROUTES.map(({ path }) => path))));
  app.use(async (context, next) => {
    for (const [name, value] of Object.entries(SAFE_HEADERS)) context.header(name, value);
    const { raw, path } = context.req;
    const shown = door && isReading(raw.method) ? page?.get(path) : undefined;
    const refusal = shown === undefined ? door?.refuse(raw, path) : door?.refuseElsewhere(raw);
    if (refusal === undefined) return shown === undefined ? next() : show(context, shown);
    for (const [name, value] of Object.entries(refusal.headers ?? {})) context.header(name, value);
    return replyFault(context, refusal.status, "ERR_PERMISSION", refusal.message);
  });
  app.use(async (context, next) => {
    if (isReading(context.req.method) || options.mayChange(context.env)) return next();
    const message = "only root and the members of the guard's operator group may change things";
    return replyFault(context, 403, "ERR_PERMISSION", message);
  });
  app.use(
    bodyLimit({
      maxSize: MAX_BODY_BYTES,
      onError: (context) =>
        replyFault(context, 413, "ERR_USAGE", `the body is larger than ${MAX_BODY_BYTES} bytes`),
    }),
  );
  const { metrics, feed, activity, sources } = options;
  const counted = { metrics, feed, activity, sources };
  const parts = { operator, routes: ROUTES, sessions: door?.sessions, ...counted };
  for (const each of ROUTES) addRoute(app, each, parts);
  app.notFound((context) => {
    const { method, path } = context.req;
    const message = `no such request: ${method} ${path}`;
    const taken = methodsAt(path);
    if (taken === "") return replyFault(context, 404, "ERR_USAGE", message);
    context.header("allow", taken);
    return replyFault(context, 405, "ERR_USAGE", `${message}; this path takes ${taken}`);
  });
  app.onError((error, context) => {
    if (error instanceof OperationalError) {
      return replyFault(context, FAULT_STATUS[error.code], error.code, error.message);
    }
    // The client broke off or was cut off in the middle of its body; nobody reads this reply.
    if (error === context.env.incoming.errored) {
      return replyFault(context, 400, "ERR_USAGE", "the body did not come in whole");
    }
    options.onDefect(error);
    return replyFault(context, 500, "ERR_DEFECT", "the guard failed at this; its log says how");
  });
  return app;
}

/** The value of Allow (RFC 9110, section 10.2.1); empty where there is no such path. */
function methodsAt(path: string): string {
  const methods = ROUTES.filter((each) => each.path === path).map(({ method }) => method);
  return methods.flatMap((each) => (each === "GET" ? ["GET", "HEAD"] : [each])).join(", ");
}

function addRoute(app: Api, each: Route, parts: ApiParts): void {
  const { method, path, query, body, media, answer } = each;
  app.on(method, path, async (context) => {
    const reply = new Headers();
    const asked = {
      headers: context.req.raw.headers,
      reply,
      query: query && checkRequest(query, context.req.query()),
      body: body && checkJson(body, await context.req.text()),
    };
    const audited = context.get("audited");
    leaveAsked(audited, asked.query, asked.body);
    const answered = await answer(parts, asked);
    audited.outcome = outcomeOf(answered);
    audited.ended = endedOf(answered);
    for (const [name, value] of reply) context.header(name, value, { append: true });
    if (media === undefined) return replyJson(context, 200, answered);
    const text = answered as string | ReadableStream;
    const isKnown = hasTag(asked.headers, reply.get("etag"));
    // Nobody reads the body of these, nor ends it.
    const isUnread = isKnown || context.req.raw.method === "HEAD";
    if (!isUnread) return context.body(text, 200, { "content-type": media });
    if (text instanceof ReadableStream) await text.cancel();
    return context.body(null, isKnown ? 304 : 200, { "content-type": media });
  });
}

/** Hands a file of the page out, or says that the browser has it. */
function show(context: Context, { status, content, headers }: PageFile): Response {
  for (const [name, value] of Object.entries(headers)) context.header(name, value);
  if (hasTag(context.req.raw.headers, headers["etag"] ?? null)) return context.body(null, 304);
  return context.body(content, status);
}

/** Whether the client has what it asks for (RFC 9110, section 13.1.2). */
function hasTag(headers: Headers, tag: string | null): boolean {
  const known = headers.get("if-none-match") ?? "";
  return tag !== null && known.split(",").some((each) => each.trim() === tag);
}

/** Where to listen: an inherited listening socket, a path that nothing occupies, or a TCP port. */
export type ApiPlace =
  | { readonly fd: number }
  | { readonly path: string }
  | { readonly host: string; readonly port: number };

export interface ServedApi {
  /**
   * Accepts nothing more, gives answers under way {@link LAST_ANSWERS_MS} to leave, and fulfils
   * when nothing is served any more. May be called twice.
   */
  close(): Promise<void>;
}

/** Serves `api`; fulfils when it listens, is rejected when it cannot. */
export async function serveApi(api: Api, place: ApiPlace): Promise<ServedApi> {
  const server = createServer(
    {
      headersTimeout: HEADERS_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      keepAliveTimeout: HEADERS_TIMEOUT_MS,
      connectionsCheckingInterval: 1000,
      maxHeaderSize: 8192,
    },
    getRequestListener(api.fetch),
  );
  server.maxConnections = MAX_CONNECTIONS;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(place, () => {
      server.off("error", reject);
      resolve();
    });
  });
  return { close: () => closeServer(server) };
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    // The only error is that it is closed already.
    server.close(() => resolve());
    server.closeIdleConnections();
    setTimeout(() => server.closeAllConnections(), LAST_ANSWERS_MS).unref();
  });
}

function replyFault(
  context: Context,
  status: ContentfulStatusCode,
  error: string,
  message: string,
): Response {
  return replyJson(context, status, { error, message } satisfies FaultView);
}

/** Somebody may look at it with curl on a terminal. */
function replyJson(context: Context, status: ContentfulStatusCode, view: unknown): Response {
  const headers = { "content-type": "application/json" };
  return context.body(encodeVisibleJson(view), status, headers);
}
