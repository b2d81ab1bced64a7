/**
 * /v1/bans: the bans in force, making one, ending one or all.
 *
 * A refused ban (trusted, over budget) is an answer, 200 with status "refused", and not a fault of
 * the request. `DELETE` wants its target spelled out: without one nothing is unbanned.
 */
import { Hono } from "hono";
import { z } from "zod";
import { API_PATHS, banRequestSchema } from "../contract.ts";
import type { Operator } from "../operator.ts";
import { checkJson, checkRequest } from "../requests.ts";

/** Bans in one reply when none is asked for, and at most. */
const DEFAULT_LIMIT = "1000";
const MAX_LIMIT = 10_000;

const limitText = `expected a whole number from 1 to ${MAX_LIMIT}`;

const listQuerySchema = z.strictObject({
  limit: z
    .string()
    .regex(/^\d{1,5}$/, limitText)
    .transform(Number)
    .refine((limit) => limit >= 1 && limit <= MAX_LIMIT, limitText)
    .prefault(DEFAULT_LIMIT),
  after: z.string().max(100).optional(),
});

const endQuerySchema = z.union(
  [
    z.strictObject({ address: z.string().min(1).max(100) }),
    z.strictObject({ all: z.literal("1") }),
  ],
  { error: "expected either ?address=ADDRESS or ?all=1" },
);

export function bansRoutes(operator: Operator): Hono {
  return new Hono()
    .get(API_PATHS.bans, async (context) => {
      const { limit, after } = checkRequest(listQuerySchema, context.req.query());
      return context.json(await operator.bans(limit, after));
    })
    .post(API_PATHS.bans, async (context) => {
      const request = checkJson(banRequestSchema, await context.req.text());
      return context.json(await operator.ban(request));
    })
    .delete(API_PATHS.bans, async (context) => {
      const target = checkRequest(endQuerySchema, context.req.query());
      if ("all" in target) return context.json({ unbanned: await operator.unbanAll() });
      return context.json(await operator.unban(target.address));
    });
}
