/** Keys that work on every page; those of a list are its own. */
import { useEffect } from "preact/hooks";
import { createCell } from "./cell.ts";
import { type PageName, pageLink } from "./routes.ts";

/** Whether the list of keys is shown. */
export const isHelpOpen = createCell(false);

/** After "g". */
const PLACES: Readonly<Record<string, PageName>> = {
  n: "now",
  c: "campaigns",
  b: "bans",
  s: "sources",
  p: "ports",
  h: "health",
};

/** How long (ms) "g" waits for the next letter. */
const WAIT_MS = 1200;

export const KEYS: readonly (readonly [keys: string, does: string])[] = [
  ["g then n, c, b, s, p, h", "go to Now, Campaigns, Bans, Sources, Ports, Health"],
  ["/", "find an address"],
  ["↑ ↓ or j k", "move in a list"],
  ["Enter", "open the story of a row"],
  ["u", "unban a row"],
  ["t", "trust a row"],
  ["?", "show this list"],
  ["Esc", "close, or leave a field"],
];

export function useKeys(): void {
  useEffect(() => {
    let wentAtMs = Number.NEGATIVE_INFINITY;
    const onKey = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      const place = PLACES[event.key];
      if (event.timeStamp - wentAtMs < WAIT_MS && place !== undefined) {
        wentAtMs = Number.NEGATIVE_INFINITY;
        event.preventDefault();
        event.stopImmediatePropagation();
        location.hash = pageLink(place);
        return;
      }
      wentAtMs = event.key === "g" ? event.timeStamp : Number.NEGATIVE_INFINITY;
      if (event.key === "/") {
        event.preventDefault();
        document.getElementById("find")?.focus();
      }
      if (event.key === "?") isHelpOpen.set(true);
    };
    addEventListener("keydown", onKey, { capture: true });
    return () => removeEventListener("keydown", onKey, { capture: true });
  }, []);
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest("input, textarea, select") !== null;
}
