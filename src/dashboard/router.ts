/** The route that the page's address names now. */
import { createCell } from "./cell.ts";
import { parseRoute, type Route } from "./routes.ts";

export const route = createCell<Route>(parseRoute(location.hash));

/** Once. */
export function startRouter(): void {
  addEventListener("hashchange", () => route.set(parseRoute(location.hash)));
}

/** Goes there without an entry of its own in the browser's history. */
export function replaceRoute(link: string): void {
  history.replaceState(null, "", link);
  route.set(parseRoute(location.hash));
}
