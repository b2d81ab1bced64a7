/** POST /v1/confirm: keep what `--confirm` would take away. Needs no body; one is not read. */
import { API_PATHS, outcomeViewSchema } from "../contract.ts";
import { route } from "../route.ts";

export const confirmRoutes = [
  route({
    method: "POST",
    path: API_PATHS.confirm,
    summary: "Keeps what is taken back unless it is confirmed.",
    reply: outcomeViewSchema,
    answer: ({ operator }) => operator.confirm(),
  }),
];
