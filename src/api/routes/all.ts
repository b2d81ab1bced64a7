/** Every request that there is, in the order of the document. */
import type { Route } from "../route.ts";
import { activityRoutes } from "./activity.ts";
import { banListRoutes } from "./ban-list.ts";
import { bansRoutes } from "./bans.ts";
import { blocklistedRoutes } from "./blocklisted.ts";
import { confirmRoutes } from "./confirm.ts";
import { eventsRoutes } from "./events.ts";
import { metricsRoutes } from "./metrics.ts";
import { openApiRoutes } from "./openapi.ts";
import { reloadRoutes } from "./reload.ts";
import { sessionRoutes } from "./session.ts";
import { sourcesRoutes } from "./sources.ts";
import { statusRoutes } from "./status.ts";
import { storiesRoutes } from "./stories.ts";
import { trustedRoutes } from "./trusted.ts";

export const ROUTES: readonly Route[] = [
  ...statusRoutes,
  ...bansRoutes,
  ...storiesRoutes,
  ...trustedRoutes,
  ...blocklistedRoutes,
  ...confirmRoutes,
  ...reloadRoutes,
  ...activityRoutes,
  ...sourcesRoutes,
  ...eventsRoutes,
  ...metricsRoutes,
  ...banListRoutes,
  ...sessionRoutes,
  ...openApiRoutes,
];
