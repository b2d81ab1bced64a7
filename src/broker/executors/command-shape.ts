/** What is known of a simple command that shuts somebody out. */
import type { RouteTarget } from "./route-check.ts";

/** Texts are shell text as the command's own: tokens and quoting are kept. */
export interface CommandShape {
  /** The command that takes it back. */
  readonly undo: string;
  /** How it is seen whether its effect stands; undefined when that is not known. */
  readonly check: ShapeCheck | undefined;
}

export type ShapeCheck =
  | { readonly kind: "route"; readonly destination: string; readonly target: RouteTarget }
  | {
      readonly kind: "command";
      /** Ends with 0 when the effect stands, with 1 when it does not. */
      readonly text: string;
      /** Lists the rules of its chain as iptables -S does; undefined for what is no rule. */
      readonly listing: string | undefined;
    };
