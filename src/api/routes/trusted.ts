/** /v1/trusted: who is never held and never banned, and adding to it. Nothing here takes away. */
import {
  API_PATHS,
  outcomeViewSchema,
  trustedViewSchema,
  trustRequestSchema,
} from "../contract.ts";
import { route } from "../route.ts";

export const trustedRoutes = [
  route({
    method: "GET",
    path: API_PATHS.trusted,
    summary: "Lists who is never held and never banned, and why.",
    reply: trustedViewSchema.array(),
    answer: ({ operator }) => operator.trusted(),
  }),
  route({
    method: "POST",
    path: API_PATHS.trusted,
    summary: "Trusts an address or prefix, and lets it in.",
    body: trustRequestSchema,
    reply: outcomeViewSchema,
    answer: ({ operator }, { body }) => operator.trust(body),
  }),
];
