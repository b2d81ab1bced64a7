/**
 * POST /v1/reload: read the configuration again; needs no body, and one is not read. POST /v1/apply:
 * put another one in force until it is confirmed or its time is over.
 */
import { Hono } from "hono";
import { API_PATHS, applyRequestSchema } from "../contract.ts";
import type { Operator } from "../operator.ts";
import { checkJson } from "../requests.ts";

export function reloadRoutes(operator: Operator): Hono {
  return new Hono()
    .post(API_PATHS.reload, async (context) => context.json(await operator.reload()))
    .post(API_PATHS.apply, async (context) => {
      const request = checkJson(applyRequestSchema, await context.req.text());
      return context.json(await operator.apply(request));
    });
}
