/** One reason for never banning somebody, as broker, guard and people are told of it. */
import type { Prefix } from "../net/prefix.ts";

/** One entry of the trusted set, and why it is in it. */
export interface TrustedEntry {
  readonly prefix: Prefix;
  /** In words: "default gateway", "logged in by SSH", "/etc/vedette/vedette.ignore:3". */
  readonly why: string;
}
