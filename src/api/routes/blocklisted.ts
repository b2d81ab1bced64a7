/** GET /v1/blocklisted: which entries of blocklists name an address. */
import { z } from "zod";
import { API_PATHS, blocklistedViewSchema } from "../contract.ts";
import { addressSchema } from "../requests.ts";
import { route } from "../route.ts";

const querySchema = z.strictObject(
  { address: addressSchema },
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
