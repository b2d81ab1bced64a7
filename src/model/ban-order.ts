/** A ban as it is asked for, and as it is listed from where it stands. */
import type { Prefix } from "../net/prefix.ts";

export interface BanOrder {
  readonly prefix: Prefix;
  /** From now; null: for good. Asked for: 1,000 to ten years. Listed: 1 or more. */
  readonly timeoutMs: number | null;
}
