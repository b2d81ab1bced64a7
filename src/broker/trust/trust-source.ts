/**
 * What every source of automatic trust is: something to be read again every few seconds.
 *
 * A source that cannot be read says so; the keeper goes on with what it said before and raises a
 * health problem, because a file that is gone for a moment must not cost its hosts their trust.
 */
import { isSystemError, OperationalError } from "../../errors.ts";
import type { TrustedEntry } from "../../model/trusted-entry.ts";
import type { Prefix } from "../../net/prefix.ts";

export type TrustReading =
  | {
      readonly status: "read";
      readonly entries: readonly TrustedEntry[];
      /** What was passed over and why, for people: "/etc/vedette/vedette.ignore:7: …". */
      readonly faults: readonly string[];
      /** IPv6 prefixes in which one source is one address. */
      readonly sharedIpv6?: readonly Prefix[];
    }
  | { readonly status: "unreadable"; readonly reason: string };

export interface TrustSource {
  /** For people: "resolvers". Unique among the sources of one keeper. */
  readonly name: string;
  /** Nobody is banned until it has been read once. */
  readonly isVital: boolean;
  /** Reads anew; never throws for what the machine may hold. May be called at any time. */
  read(): TrustReading;
}

/** A reading without faults. */
export function readingOf(entries: readonly TrustedEntry[]): TrustReading {
  return { status: "read", entries, faults: [] };
}

/**
 * Turns what the machine refuses while `read` is at it, the socket table or any system call, into a
 * reading; anything else that is thrown is a bug.
 */
export function fromMachine(read: () => TrustReading): TrustReading {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof OperationalError) && !isSystemError(error)) throw error;
    return { status: "unreadable", reason: error.message };
  }
}
