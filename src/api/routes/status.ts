/** GET /v1/status: how the guard is. */
import { API_PATHS, statusViewSchema } from "../contract.ts";
import { route } from "../route.ts";

export const statusRoutes = [
  route({
    method: "GET",
    path: API_PATHS.status,
    summary: "Says how the guard is, with its counts and what is wrong.",
    reply: statusViewSchema,
    answer: ({ operator }) => operator.status(),
  }),
];
