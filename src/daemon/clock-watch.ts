/**
 * Notices that the machine was suspended, and that somebody has set its wall clock.
 *
 * Bans live on both clocks: in the kernel they have a time-out, which stands still while the
 * machine is suspended, and in files an end by wall time, which means another moment once the clock
 * is set. Neither can be asked for, so the clocks are compared {@link LOOKS_A_SECOND} times a
 * second. Time since the boot with and without suspension differ by what was slept; wall time and
 * time since the boot differ by a constant, because a clock that is slewed carries both along.
 */
import { systemClock } from "../clock.ts";
import { readBootClocks } from "../kernel/boot-clocks.ts";

const LOOKS_A_SECOND = 4;

/** Smaller changes (ms) wait until they add up to this: reading three clocks takes a moment. */
const LEAST_CHANGE_MS = 1000;

/** Three clocks at one moment. Milliseconds. */
export interface ClockReadings {
  readonly epochMs: number;
  /** Since the boot, suspension included. */
  readonly boottimeMs: number;
  /** Since the boot, suspension left out. */
  readonly monotonicMs: number;
}

/** What has happened since the last change that was told; 0 for what has not. */
export interface ClockChange {
  /** How long the machine was suspended. 0 or more. */
  readonly suspendedMs: number;
  /** By how much the wall clock was set forward; negative: back. */
  readonly setByMs: number;
}

export class ClockWatch {
  #suspendedMs: number;
  #bootEpochMs: number;

  constructor(first: ClockReadings) {
    this.#suspendedMs = suspensionOf(first);
    this.#bootEpochMs = bootOf(first);
  }

  /** @returns undefined when nothing has happened. */
  look(readings: ClockReadings): ClockChange | undefined {
    const suspendedMs = suspensionOf(readings) - this.#suspendedMs;
    const setByMs = bootOf(readings) - this.#bootEpochMs;
    const wasSuspended = suspendedMs >= LEAST_CHANGE_MS;
    const wasSet = Math.abs(setByMs) >= LEAST_CHANGE_MS;
    if (wasSuspended) this.#suspendedMs += suspendedMs;
    if (wasSet) this.#bootEpochMs += setByMs;
    if (!wasSuspended && !wasSet) return undefined;
    return {
      suspendedMs: wasSuspended ? Math.round(suspendedMs) : 0,
      setByMs: wasSet ? Math.round(setByMs) : 0,
    };
  }
}

/**
 * Holds the wall clock of this process from now on, and tells what happens to the machine's.
 * @param onChange called while the held clock still says the old time; what is stored by wall time
 *   moves with it.
 * @returns ends it.
 */
export function watchClocks(onChange: (change: ClockChange) => void): () => void {
  systemClock.hold();
  const watch = new ClockWatch(readClocks());
  const timer = setInterval(() => {
    const change = watch.look(readClocks());
    if (change !== undefined) onChange(change);
    systemClock.hold();
  }, 1000 / LOOKS_A_SECOND);
  return () => clearInterval(timer);
}

function readClocks(): ClockReadings {
  return { ...readBootClocks(), epochMs: systemClock.machineEpochMs() };
}

function suspensionOf({ boottimeMs, monotonicMs }: ClockReadings): number {
  return boottimeMs - monotonicMs;
}

/** When the machine was booted, by what its wall clock says now. */
function bootOf({ epochMs, boottimeMs }: ClockReadings): number {
  return epochMs - boottimeMs;
}
