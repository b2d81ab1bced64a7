/** GET /v1/openapi.json: what can be asked of this guard, for programs. */
import { z } from "zod";
import { API_PATHS } from "../contract.ts";
import { describeApi } from "../openapi.ts";
import { route } from "../route.ts";

export const openApiRoutes = [
  route({
    method: "GET",
    path: API_PATHS.openApi,
    summary: "Describes this API: this very document.",
    reply: z.looseObject({ openapi: z.string() }),
    answer: async ({ routes }) => describeApi(routes),
  }),
];
