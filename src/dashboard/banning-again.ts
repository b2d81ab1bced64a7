/** Whose ban was ended here and is to be made again; undefined: nobody's. */
import { createCell } from "./cell.ts";
import type { KnownBan } from "./countdown.ts";

/** A ban as it was when it was ended. */
export interface EndedBan extends KnownBan {
  /** What was left of it then; null: it was for good. */
  readonly leftSeconds: number | null;
}

export const banningAgain = createCell<EndedBan | undefined>(undefined);
