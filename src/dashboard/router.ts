/** The route that the page's address names now. */
import { createCell } from "./cell.ts";
import { isKnown, pageLink, parseRoute, type Route } from "./routes.ts";

export const route = createCell<Route>(parseRoute(location.hash));

/** Once. */
export function startRouter(): void {
  follow();
  addEventListener("hashchange", follow);
}

/** What nothing is called is not left in the place of the page that is shown for it. */
function follow(): void {
  if (isKnown(location.hash)) route.set(parseRoute(location.hash));
  else replaceRoute(pageLink("now"));
}

/** Goes there without an entry of its own in the browser's history. */
export function replaceRoute(link: string): void {
  history.replaceState(null, "", link);
  route.set(parseRoute(location.hash));
}
