/**
 * The two clocks that count from the boot: with and without the time that the machine has slept.
 *
 * Source: clock_gettime(2), linux/time.h. Both are slewed alike by whoever keeps the time.
 */
import { type ForeignFunction, loadLibrary } from "./foreign-library.ts";

const CLOCK_MONOTONIC = 1;
const CLOCK_BOOTTIME = 7;

/** `struct timespec` on machines with addresses of 64 bits: seconds and nanoseconds. */
const TIMESPEC_BYTES = 16;

export interface BootClocks {
  /** Stands still while the machine is suspended, as do the time-outs of the kernel's sets. */
  readonly monotonicMs: number;
  /** Goes on. */
  readonly boottimeMs: number;
}

type ReadClock = (clock: number, into: Uint8Array) => number;

let loadedCall: ForeignFunction<ReadClock> | undefined;

/**
 * Needs no privilege.
 * @throws {OperationalError} ERR_UNAVAILABLE without a C library.
 */
export function readBootClocks(): BootClocks {
  return { monotonicMs: readMs(CLOCK_MONOTONIC), boottimeMs: readMs(CLOCK_BOOTTIME) };
}

function readMs(clock: number): number {
  loadedCall ??= loadLibrary(null, "the C library offers no clocks: Linux is needed").func(
    "int clock_gettime(int, uint8_t *)",
  ) as ForeignFunction<ReadClock>;
  const time = Buffer.alloc(TIMESPEC_BYTES);
  loadedCall(clock, time);
  return Number(time.readBigInt64LE(0)) * 1000 + Number(time.readBigInt64LE(8)) / 1e6;
}
