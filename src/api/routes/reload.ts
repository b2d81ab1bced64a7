/** POST /v1/reload: read the configuration again. Needs no body; one is not read. */
import { Hono } from "hono";
import { API_PATHS } from "../contract.ts";
import type { Operator } from "../operator.ts";

export function reloadRoutes(operator: Operator): Hono {
  return new Hono().post(API_PATHS.reload, async (context) =>
    context.json(await operator.reload()),
  );
}
