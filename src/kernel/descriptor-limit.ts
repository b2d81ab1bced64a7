/**
 * How many descriptors this process, and what it starts, may have open.
 *
 * Node takes the soft limit to the hard one when it starts; the hard one is for root to raise, or
 * for whoever has CAP_SYS_RESOURCE. It is never lowered.
 *
 * Source: getrlimit(2).
 */
import { getrlimit, setrlimit } from "./libc.ts";
import { RLIMIT_NOFILE } from "./spec.ts";

/** `struct rlimit`: two 64-bit numbers, the soft limit and the hard one. */
const RLIMIT_BYTES = 16;

/** @returns how many descriptors there may be now: `wanted` or more unless the kernel refuses. */
export function raiseDescriptorLimit(wanted: number): number {
  const limit = Buffer.alloc(RLIMIT_BYTES);
  if (getrlimit(RLIMIT_NOFILE, limit) < 0) return 0;
  const soft = limit.readBigUInt64LE(0);
  const hard = limit.readBigUInt64LE(8);
  const goal = BigInt(wanted);
  if (soft >= goal) return toCount(soft);
  limit.writeBigUInt64LE(goal, 0);
  if (hard < goal) limit.writeBigUInt64LE(goal, 8);
  if (setrlimit(RLIMIT_NOFILE, limit) >= 0) return wanted;
  limit.writeBigUInt64LE(hard, 0);
  limit.writeBigUInt64LE(hard, 8);
  return toCount(setrlimit(RLIMIT_NOFILE, limit) >= 0 ? hard : soft);
}

/** RLIM_INFINITY is a number like others, only too large for ours. */
function toCount(limit: bigint): number {
  return limit > BigInt(Number.MAX_SAFE_INTEGER) ? Number.MAX_SAFE_INTEGER : Number(limit);
}
