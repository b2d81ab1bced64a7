/** A clock that a test sets; both of its times move together. */
import type { Clock } from "../../src/clock.ts";

export class FakeClock implements Clock {
  #monotonicMs = 0;
  #epochMs: number;

  constructor(epochMs = Date.parse("2026-11-22T12:00:00Z")) {
    this.#epochMs = epochMs;
  }

  monotonicMs(): number {
    return this.#monotonicMs;
  }

  epochMs(): number {
    return this.#epochMs;
  }

  advance(byMs: number): void {
    this.#monotonicMs += byMs;
    this.#epochMs += byMs;
  }
}
