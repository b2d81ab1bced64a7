/** /v1/trusted: who is never held and never banned, and adding to it. Nothing here takes away. */
import { Hono } from "hono";
import { API_PATHS, trustRequestSchema } from "../contract.ts";
import type { Operator } from "../operator.ts";
import { checkJson } from "../requests.ts";

export function trustedRoutes(operator: Operator): Hono {
  return new Hono()
    .get(API_PATHS.trusted, async (context) => context.json(await operator.trusted()))
    .post(API_PATHS.trusted, async (context) => {
      const request = checkJson(trustRequestSchema, await context.req.text());
      return context.json(await operator.trust(request));
    });
}
