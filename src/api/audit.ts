/**
 * Who asked for which change, and what was answered: told of every request that does not read, also
 * of those that were refused or failed, after its answer is made and before it leaves.
 *
 * Of what a client has sent, only what has passed the checks of its route is told: whatever else it
 * sends may be a secret at the wrong place. No header is told, so no token and no cookie.
 */
import type { HttpBindings } from "@hono/node-server";
import type { Context, MiddlewareHandler } from "hono";
import { unbannedViewSchema } from "./contract.ts";
import type { Door } from "./door.ts";

export interface AuditedRequest {
  /** "root", "uid 1000", "token", "session", "read-token", "read-session"; "stranger": none. */
  readonly caller: string;
  /** "POST /v1/bans": one of the routes. */
  readonly request: string;
  /** HTTP status of the answer. */
  readonly status: number;
  /** Query and body; undefined: none passed the checks, or they were not looked at. */
  readonly asked: Readonly<Record<string, unknown>> | undefined;
  /** What the answer says has come of it: "applied", "refused"; undefined: it says nothing. */
  readonly outcome: string | undefined;
  /** Whose bans it has ended together; undefined: it was not about all of them. */
  readonly ended?: EndedBans | undefined;
}

export interface EndedBans {
  readonly count: number;
  /** Some of them: {@link MOST_UNBANNED_NAMED} at the most. */
  readonly addresses: readonly string[];
}

export interface Audit {
  /** Who is at the other end of a connection without a door. */
  readonly callerOf: (env: HttpBindings) => string;
  /** Returns when it is kept. Must not throw. */
  readonly keep: (request: AuditedRequest) => void;
}

/** What a route leaves for the audit. */
export interface AuditedParts {
  asked?: Readonly<Record<string, unknown>>;
  outcome?: string | undefined;
  ended?: EndedBans | undefined;
}

export interface AuditedEnv {
  readonly Bindings: HttpBindings;
  readonly Variables: { readonly audited: AuditedParts };
}

/** Whether a request of this method changes nothing. */
export function isReading(method: string): boolean {
  return method === "GET" || method === "HEAD";
}

/** @param paths of all routes. */
export function auditing(
  audit: Audit | undefined,
  door: Door | undefined,
  paths: ReadonlySet<string>,
): MiddlewareHandler<AuditedEnv> {
  return async (context, next) => {
    const parts: AuditedParts = {};
    context.set("audited", parts);
    if (audit === undefined || isReading(context.req.method)) return next();
    // While the connection stands, and before a session is ended by its own request.
    const caller = callerOf(context, audit, door);
    await next();
    const { method, path } = context.req;
    audit.keep({
      caller,
      request: `${method} ${paths.has(path) ? path : "(no such path)"}`,
      status: context.res.status,
      asked: parts.asked,
      outcome: parts.outcome,
      ended: parts.ended,
    });
  };
}

function callerOf({ req, env }: Context<AuditedEnv>, audit: Audit, door: Door | undefined): string {
  return door === undefined ? audit.callerOf(env) : door.callerOf(req.raw, req.path);
}

/** Leaves for the audit what a request was, once it has passed the checks. */
export function leaveAsked(parts: AuditedParts, query: unknown, body: unknown): void {
  parts.asked = { ...recordOf(query), ...recordOf(body) };
}

/** @returns the word that an answer has for what came of it; undefined: it has none. */
export function outcomeOf(answer: unknown): string | undefined {
  const status = recordOf(answer)["status"];
  return typeof status === "string" ? status : undefined;
}

/** @returns whose bans an answer says were ended together; undefined: it does not speak of it. */
export function endedOf(answer: unknown): EndedBans | undefined {
  const unbanned = unbannedViewSchema.safeParse(answer).data;
  return unbanned && { count: unbanned.unbanned, addresses: unbanned.addresses };
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}
