/** The text of one key, and who says so. */
import type { Place } from "./findings.ts";

export interface PlacedText {
  readonly text: string;
  readonly place: Place;
}
