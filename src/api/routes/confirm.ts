/** POST /v1/confirm: keep what `--confirm` would take away. Needs no body; one is not read. */
import { Hono } from "hono";
import { API_PATHS } from "../contract.ts";
import type { Operator } from "../operator.ts";

export function confirmRoutes(operator: Operator): Hono {
  return new Hono().post(API_PATHS.confirm, async (context) =>
    context.json(await operator.confirm()),
  );
}
