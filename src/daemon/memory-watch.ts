/**
 * Has this process give back, in a quiet moment, what it needed only while there was much to do.
 *
 * It takes a tenth of a second in which no probe is judged: so never while there is work, and only
 * where there is something to win. The kernel holds whoever scans in that moment without us.
 */
import { systemClock } from "../clock.ts";
import { giveBackMemory } from "../kernel/spare-memory.ts";

const LOOK_MS = 10_000;

/** Share of a core up to which a process counts as quiet: both halves talk every second. */
const QUIET_SHARE = 0.05;

/** Growth (bytes) that is worth it: some of it is what a process uses from now on. */
const WORTHWHILE_BYTES = 8 * 1024 * 1024;

/** What a process has used at one moment. */
export interface MemoryReadings {
  readonly monotonicMs: number;
  /** CPU time of the process so far. Milliseconds. */
  readonly cpuMs: number;
  /** Resident memory. Bytes. */
  readonly bytes: number;
}

export class MemoryWatch {
  #last: MemoryReadings;
  /** What it held when it had given back; before that everything is to be won. */
  #leanBytes = 0;

  constructor(first: MemoryReadings) {
    this.#last = first;
  }

  /** @returns whether to give back now; {@link gaveBack} follows. */
  look(readings: MemoryReadings): boolean {
    const { cpuMs, monotonicMs } = this.#last;
    const passedMs = readings.monotonicMs - monotonicMs;
    const isQuiet = readings.cpuMs - cpuMs <= QUIET_SHARE * passedMs;
    this.#last = readings;
    // A process that has shrunk by itself can win from there on.
    this.#leanBytes = Math.min(this.#leanBytes, readings.bytes);
    return isQuiet && readings.bytes - this.#leanBytes >= WORTHWHILE_BYTES;
  }

  /** @param readings as of now: the work of giving back counts neither as work nor as growth. */
  gaveBack(readings: MemoryReadings): void {
    this.#last = readings;
    this.#leanBytes = readings.bytes;
  }
}

/** Once in a process; it goes on for as long as that, and keeps it from ending no longer. */
export function watchMemory(): void {
  const watch = new MemoryWatch(readMemory());
  const timer = setInterval(() => {
    if (!watch.look(readMemory())) return;
    giveBackMemory();
    watch.gaveBack(readMemory());
  }, LOOK_MS);
  timer.unref();
}

function readMemory(): MemoryReadings {
  const { user, system } = process.cpuUsage();
  return {
    monotonicMs: systemClock.monotonicMs(),
    cpuMs: (user + system) / 1000,
    bytes: process.memoryUsage.rss(),
  };
}
