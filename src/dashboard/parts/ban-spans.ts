/** How long a ban may be made that follows one that was ended: as that was, first of all. */
import type { EndedBan } from "../banning-again.ts";
import { formatLeft } from "../format.ts";

export interface Span {
  readonly name: string;
  /** null: for good. */
  readonly seconds: number | null;
}

/** @returns what was left of it, and then its whole length; of one for good that alone. */
export function spansAfter({
  leftSeconds: left,
  wholeSeconds: whole,
}: Pick<EndedBan, "leftSeconds" | "wholeSeconds">): readonly Span[] {
  if (left === null || whole === null) return [{ name: "for good, as it was", seconds: null }];
  return [
    { name: `what was left of it, ${formatLeft(left)}`, seconds: left },
    { name: `as long as it was, ${formatLeft(whole)}`, seconds: whole },
  ];
}
