/**
 * Whether anything keeps the machine's clock right, as far as the kernel was told.
 *
 * Time daemons (chrony, ntpd, systemd-timesyncd) tell it. A virtual machine whose clock is the
 * host's may well be right without. Source: adjtimex(2), linux/timex.h.
 */
import { adjtimex } from "./libc.ts";

/** `struct timex` on machines with addresses of 64 bits; zeros ask and change nothing. */
const TIMEX_BYTES = 208;

/** The clock is not synchronised. */
const TIME_ERROR = 5;

/** @returns undefined where the kernel does not say. Needs no privilege. */
export function readClockSynchronised(): boolean | undefined {
  const state = adjtimex(Buffer.alloc(TIMEX_BYTES));
  return state < 0 ? undefined : state !== TIME_ERROR;
}
