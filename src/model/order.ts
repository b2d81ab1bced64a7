/** What policy asks of the responders, and what became of it. */
import type { Prefix } from "../net/prefix.ts";
import type { ProbedProtocol } from "../net/transport.ts";
import type { Ban } from "./ban.ts";
import type { Evidence } from "./evidence.ts";

/** The probe for which a source is shut out. */
export interface OrderCause {
  /** Without ports no response of PortSentry's follows: they name a port. */
  readonly transport: ProbedProtocol;
  /** As in a probe. */
  readonly port: number;
  /** BLOCK_TCP or BLOCK_UDP. 1: everything that is configured. 2: KILL_RUN_CMD alone. */
  readonly block: 1 | 2;
}

export type Order =
  | {
      readonly act: "ban";
      readonly ban: Ban;
      /** undefined for a ban by command. */
      readonly cause: OrderCause | undefined;
      /**
       * There iff the source is shut out already, on this weaker evidence, and is to be for longer:
       * nothing that was done is done twice.
       */
      readonly raisedFrom?: Evidence;
    }
  | {
      readonly act: "unban";
      readonly prefix: Prefix;
      /**
       * Who asks: a person, by hand, who wants the source in whatever shuts it out; or the guard,
       * which takes back what it has done itself, and nothing that a person has made.
       */
      readonly by: "operator" | "guard";
    };

/**
 * `applied`: done, and the kernel was asked whether it is. `refused`: the broker's rules forbid it
 * (trusted, budget), which is an answer and not a fault. `failed`: it was tried and did not work.
 */
export type Outcome =
  | { readonly status: "applied" }
  | { readonly status: "already-applied" }
  | { readonly status: "refused"; readonly reason: string }
  | { readonly status: "failed"; readonly reason: string };

/** @returns whether what was asked for stands, be it since earlier. */
export function isDone(outcome: Outcome): outcome is Exclude<Outcome, { reason: string }> {
  return outcome.status === "applied" || outcome.status === "already-applied";
}
