/** What policy asks of the responders, and what became of it. */
import type { Prefix } from "../net/prefix.ts";
import type { Ban } from "./ban.ts";

export type Order =
  | { readonly act: "ban"; readonly ban: Ban }
  | { readonly act: "unban"; readonly prefix: Prefix };

/**
 * `applied`: done, and the kernel was asked whether it is. `refused`: the broker's rules forbid it
 * (trusted, budget), which is an answer and not a fault. `failed`: it was tried and did not work.
 */
export type Outcome =
  | { readonly status: "applied" }
  | { readonly status: "already-applied" }
  | { readonly status: "refused"; readonly reason: string }
  | { readonly status: "failed"; readonly reason: string };
