/**
 * /v1/bans: the bans in force, making one, ending one or all.
 *
 * A refused ban (trusted, over budget) is an answer, 200 with status "refused", and not a fault of
 * the request. `DELETE` wants its target spelled out: without one nothing is unbanned.
 */
import { z } from "zod";
import {
  API_PATHS,
  banRequestSchema,
  banViewSchema,
  outcomeViewSchema,
  unbannedViewSchema,
} from "../contract.ts";
import { addressSchema, pageQuerySchema } from "../requests.ts";
import { route } from "../route.ts";

const endQuerySchema = z.union(
  [z.strictObject({ address: addressSchema }), z.strictObject({ all: z.literal("1") })],
  { error: "expected either ?address=ADDRESS or ?all=1" },
);

export const bansRoutes = [
  route({
    method: "GET",
    path: API_PATHS.bans,
    summary: "Lists the bans in force, the newest first.",
    query: pageQuerySchema,
    reply: banViewSchema.array(),
    answer: ({ operator }, { query }) => operator.bans(query.limit, query.after),
  }),
  route({
    method: "POST",
    path: API_PATHS.bans,
    summary: "Bans an address or prefix. A refusal is an answer, and says why.",
    body: banRequestSchema,
    reply: outcomeViewSchema,
    answer: ({ operator }, { body }) => operator.ban(body),
  }),
  route({
    method: "DELETE",
    path: API_PATHS.bans,
    summary: "Ends the ban of one address or prefix (address=), or every ban (all=1).",
    query: endQuerySchema,
    reply: z.union([outcomeViewSchema, unbannedViewSchema]),
    answer: async ({ operator }, { query }) =>
      "all" in query ? await operator.unbanAll() : await operator.unban(query.address),
  }),
];
