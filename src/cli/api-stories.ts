/** The journal's stories as a command reads them over the API. */
import type { z } from "zod";
import {
  API_PATHS,
  eventViewSchema,
  hourViewSchema,
  listedCampaignViewSchema,
  whyViewSchema,
} from "../api/contract.ts";
import type { StoryQuery, StoryReader } from "../api/operator.ts";

/** Asks for what is at a path. @returns the answer, which fits the schema. */
type Read = <Schema extends z.ZodType>(schema: Schema, path: string) => Promise<z.output<Schema>>;

export function storiesOver(read: Read): StoryReader {
  return {
    campaigns: ({ verdict, ...query }) =>
      read(
        listedCampaignViewSchema.array(),
        `${API_PATHS.campaigns}?${parametersOf(query, { verdict })}`,
      ),
    history: ({ kind, ...query }) =>
      read(eventViewSchema.array(), `${API_PATHS.history}?${parametersOf(query, { kind })}`),
    timeline: (query) =>
      read(hourViewSchema.array(), `${API_PATHS.timeline}?${parametersOf(query, {})}`),
    why: (address) => read(whyViewSchema, `${API_PATHS.why}?${new URLSearchParams({ address })}`),
  };
}

function parametersOf(
  { limit, after, address, sinceEpochMs }: StoryQuery,
  more: Readonly<Record<string, string | undefined>>,
): URLSearchParams {
  const since = sinceEpochMs === undefined ? undefined : new Date(sinceEpochMs).toISOString();
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries({
    limit: `${limit}`,
    after,
    address,
    since,
    ...more,
  })) {
    if (value !== undefined) parameters.set(name, value);
  }
  return parameters;
}
