/** /v1/campaigns, /v1/history, /v1/timeline and /v1/why: what the journal tells, for reading alone. */
import { z } from "zod";
import { EVIDENCE_LEVELS } from "../../model/evidence.ts";
import { TOOLS } from "../../model/tool.ts";
import {
  API_PATHS,
  eventViewSchema,
  hourViewSchema,
  listedCampaignViewSchema,
  whyViewSchema,
} from "../contract.ts";
import { addressSchema, pageQuerySchema } from "../requests.ts";
import { route } from "../route.ts";

/** Asks for campaigns whose tool is null. */
const UNKNOWN_TOOL = "unknown";

const soughtText = "expected 1 to 100 characters";

const storyQuerySchema = pageQuerySchema.extend({
  address: addressSchema.optional(),
  since: z.iso.datetime({ offset: true }).optional(),
});

const timelineQuerySchema = storyQuerySchema.omit({ after: true, address: true });

const campaignsQuerySchema = storyQuerySchema.extend({
  verdict: z.enum(["scan", "undecided", "benign"]).optional(),
  tool: z
    .enum([...TOOLS, UNKNOWN_TOOL])
    .transform((tool) => (tool === UNKNOWN_TOOL ? null : tool))
    .optional(),
  evidence: z.enum(EVIDENCE_LEVELS).optional(),
  outcome: z.enum(["none", "banned", "unbanned", "spared", "failed"]).optional(),
  text: z.string().min(1, soughtText).max(100, soughtText).optional(),
});

const historyQuerySchema = storyQuerySchema.extend({
  kind: z
    .string()
    .regex(/^[a-z-]{1,32}$/, "expected the kind of an event, such as ban")
    .optional(),
});

const whyQuerySchema = z.strictObject({ address: addressSchema });

function sinceOf(since: string | undefined): number | undefined {
  return since === undefined ? undefined : Date.parse(since);
}

export const storiesRoutes = [
  route({
    method: "GET",
    path: API_PATHS.campaigns,
    summary: "Lists campaigns, those that go on included; the latest probe first.",
    query: campaignsQuerySchema,
    reply: listedCampaignViewSchema.array(),
    answer: ({ operator }, { query: { since, ...query } }) =>
      operator.stories.campaigns({ ...query, sinceEpochMs: sinceOf(since) }),
  }),
  route({
    method: "GET",
    path: API_PATHS.history,
    summary: "Lists what happened: verdicts, bans, unbans, trust, problems; the newest first.",
    query: historyQuerySchema,
    reply: eventViewSchema.array(),
    answer: ({ operator }, { query: { since, ...query } }) =>
      operator.stories.history({ ...query, sinceEpochMs: sinceOf(since) }),
  }),
  route({
    method: "GET",
    path: API_PATHS.timeline,
    summary:
      "Counts probes, verdicts and bans hour by hour, over restarts: the latest hours of the span.",
    query: timelineQuerySchema,
    reply: hourViewSchema.array(),
    answer: ({ operator }, { query: { limit, since } }) =>
      operator.stories.timeline({ limit, sinceEpochMs: sinceOf(since) }),
  }),
  route({
    method: "GET",
    path: API_PATHS.why,
    summary: "Tells the story of one address or prefix, and why it is banned, or is not.",
    query: whyQuerySchema,
    reply: whyViewSchema,
    answer: ({ operator }, { query }) => operator.stories.why(query.address),
  }),
];
