/** GET /v1/status: how the guard is. */
import { Hono } from "hono";
import { API_PATHS } from "../contract.ts";
import type { Operator } from "../operator.ts";

export function statusRoutes(operator: Operator): Hono {
  return new Hono().get(API_PATHS.status, async (context) => context.json(await operator.status()));
}
