/** GET /v1/events: what happens, as it happens, until either side ends it. */
import { OperationalError } from "../../errors.ts";
import { API_PATHS, liveEventSchema } from "../contract.ts";
import { route } from "../route.ts";

export const eventsRoutes = [
  route({
    method: "GET",
    path: API_PATHS.events,
    summary: "Streams what happens, as server-sent events; each has this shape as its data.",
    reply: liveEventSchema,
    media: "text/event-stream",
    answer: async (parts, { headers }) => {
      const { feed, sessions } = parts;
      // Whoever shows a token is judged by it alone, as the door does.
      const isLet = headers.has("authorization") ? undefined : sessions?.follow(headers);
      if (feed !== undefined) return feed.open(parts, isLet);
      throw new OperationalError("ERR_USAGE", "nothing is told here");
    },
  }),
];
