/** GET /v1/blocklisted: which entries of blocklists name an address. */
import { z } from "zod";
import { API_PATHS, blocklistedViewSchema } from "../contract.ts";
import { route } from "../route.ts";

const querySchema = z.strictObject(
  { address: z.string().min(1).max(100) },
  { error: "expected ?address=ADDRESS" },
);

export const blocklistedRoutes = [
  route({
    method: "GET",
    path: API_PATHS.blocklisted,
    summary: "Lists the entries of blocklists that name an address.",
    query: querySchema,
    reply: blocklistedViewSchema.array(),
    answer: ({ operator }, { query }) => operator.blocklisted(query.address),
  }),
];
