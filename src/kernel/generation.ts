/**
 * Asks the kernel for the generation number of the nftables ruleset.
 *
 * Every committed change by anybody raises it, so that two system calls tell whether our table has
 * to be looked at again. A change of set elements from user space counts; elements that rules add
 * or that time out do not. Asking needs CAP_NET_ADMIN. The number wraps at 32 bits and starts anew
 * at boot: compare for equality only, and only within one run.
 *
 * Source: linux/netfilter/nf_tables.h, NFT_MSG_GETGEN and NFTA_GEN_ID.
 */

import { ERRNO } from "./errno.ts";
import { close } from "./libc.ts";
import { findAttribute } from "./netlink.ts";
import { openNetlink, request } from "./netlink-socket.ts";
import { NETLINK_NETFILTER, NFNL_SUBSYS_NFTABLES, NFT_MSG_GETGEN, NFTA_GEN_ID } from "./spec.ts";

const NFGENMSG_BYTES = 4;

/** The answer; `errno` as in {@link ERRNO}, EPERM without CAP_NET_ADMIN. */
export type GenerationOutcome =
  | { readonly status: "read"; readonly generation: number }
  | { readonly status: "failed"; readonly errno: number };

/** Asks on an open NETLINK_NETFILTER socket. */
export function readRulesetGeneration(fd: number): GenerationOutcome {
  let generation: number | undefined;
  const outcome = request(
    fd,
    {
      type: (NFNL_SUBSYS_NFTABLES << 8) | NFT_MSG_GETGEN,
      body: Buffer.alloc(NFGENMSG_BYTES),
    },
    (_type, buffer, start, end) => {
      const value = findAttribute(buffer, start + NFGENMSG_BYTES, end, NFTA_GEN_ID);
      if (value?.length === 4) generation = value.readUInt32BE();
    },
  );
  if (outcome.status === "failed") return outcome;
  if (generation === undefined) return { status: "failed", errno: ERRNO.EBADMSG };
  return { status: "read", generation };
}

/** A socket kept open for asking again and again. */
export class RulesetGeneration {
  readonly #fd: number;

  /** @throws {OperationalError} ERR_UNAVAILABLE when the kernel has no netfilter. */
  constructor() {
    this.#fd = openNetlink(NETLINK_NETFILTER);
  }

  /** @returns undefined when the kernel does not answer, or not to us (no CAP_NET_ADMIN). */
  read(): number | undefined {
    const outcome = readRulesetGeneration(this.#fd);
    return outcome.status === "read" ? outcome.generation : undefined;
  }

  /** Lets the socket go; read must not be called any more. Called once. */
  close(): void {
    close(this.#fd);
  }
}
