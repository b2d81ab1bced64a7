/**
 * POST /v1/reload: read the configuration again; needs no body, and one is not read. POST /v1/apply:
 * put another one in force until it is confirmed or its time is over.
 */
import { API_PATHS, applyRequestSchema, reloadViewSchema } from "../contract.ts";
import { route } from "../route.ts";

export const reloadRoutes = [
  route({
    method: "POST",
    path: API_PATHS.reload,
    summary: "Reads the configuration again; a bad one leaves the old one in force.",
    reply: reloadViewSchema,
    answer: ({ operator }) => operator.reload(),
  }),
  route({
    method: "POST",
    path: API_PATHS.apply,
    summary: "Puts the candidate that root has left in force until it is confirmed in time.",
    body: applyRequestSchema,
    reply: reloadViewSchema,
    answer: ({ operator }, { body }) => operator.apply(body),
  }),
];
