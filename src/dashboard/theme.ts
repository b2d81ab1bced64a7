/** Dark or light: as the system says, or as the user has chosen here. */
import { createCell } from "./cell.ts";

export type Theme = "system" | "dark" | "light";

const STORED = "vedette-theme";
const ORDER: readonly Theme[] = ["system", "dark", "light"];

export const theme = createCell<Theme>("system");

/** Rises whenever other colours are shown: who draws on a canvas draws again. */
export const paint = createCell(0);

/** Once, before anything is drawn. */
export function startTheme(): void {
  show(ORDER.find((each) => each === localStorage.getItem(STORED)) ?? "system");
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () =>
    paint.update((turn) => turn + 1),
  );
}

export function nextTheme(): void {
  const next = ORDER[(ORDER.indexOf(theme.get()) + 1) % ORDER.length] ?? "system";
  localStorage.setItem(STORED, next);
  show(next);
}

/** A colour of the style sheet, as a canvas takes it. */
export function colourOf(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

function show(next: Theme): void {
  if (next === "system") delete document.documentElement.dataset["theme"];
  else document.documentElement.dataset["theme"] = next;
  theme.set(next);
  paint.update((turn) => turn + 1);
}
