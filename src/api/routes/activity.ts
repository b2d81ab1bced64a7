/** GET /v1/activity: what was probed of late. */
import { OperationalError } from "../../errors.ts";
import { API_PATHS, activityViewSchema } from "../contract.ts";
import { route } from "../route.ts";

export const activityRoutes = [
  route({
    method: "GET",
    path: API_PATHS.activity,
    summary: "Counts the last hour by minutes, and the probes of ports of the last minutes.",
    reply: activityViewSchema,
    answer: async ({ activity }) => {
      if (activity !== undefined) return activity();
      throw new OperationalError("ERR_USAGE", "nothing is counted here");
    },
  }),
];
