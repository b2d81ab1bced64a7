/** GET /metrics: the numbers for Prometheus, where it looks for them. */
import { z } from "zod";
import { OperationalError } from "../../errors.ts";
import { API_PATHS } from "../contract.ts";
import { route } from "../route.ts";

export const metricsRoutes = [
  route({
    method: "GET",
    path: API_PATHS.metrics,
    summary: "Gives every number in Prometheus' text format; docs/METRICS.md lists them.",
    reply: z.string(),
    media: "text/plain; version=0.0.4; charset=utf-8",
    answer: async ({ metrics }) => {
      if (metrics === undefined) throw new OperationalError("ERR_USAGE", "nothing is counted here");
      return metrics();
    },
  }),
];
