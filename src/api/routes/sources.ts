/** GET /v1/sources: who has probed over a span, counted. */
import { z } from "zod";
import { OperationalError } from "../../errors.ts";
import { API_PATHS, sourcesViewSchema } from "../contract.ts";
import { route } from "../route.ts";

/** Networks of each list when no number is asked for, and at most. */
const DEFAULT_LIMIT = "50";
const MAX_LIMIT = 1000;

const limitText = `expected a whole number from 1 to ${MAX_LIMIT}`;

const querySchema = z.strictObject({
  limit: z
    .string()
    .regex(/^\d{1,4}$/, limitText)
    .transform(Number)
    .refine((limit) => limit >= 1 && limit <= MAX_LIMIT, limitText)
    .prefault(DEFAULT_LIMIT)
    .meta({ type: "integer", minimum: 1, maximum: MAX_LIMIT }),
  since: z.iso.datetime({ offset: true }).optional(),
});

export const sourcesRoutes = [
  route({
    method: "GET",
    path: API_PATHS.sources,
    summary: "Counts campaigns of a span (a day if not said) by network, evidence and tool.",
    query: querySchema,
    reply: sourcesViewSchema,
    answer: async ({ sources }, { query: { limit, since } }) => {
      if (sources === undefined) throw new OperationalError("ERR_USAGE", "nothing is counted here");
      return sources({
        limit,
        sinceEpochMs: since === undefined ? undefined : Date.parse(since),
      });
    },
  }),
];
