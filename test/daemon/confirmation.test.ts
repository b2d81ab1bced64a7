import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Confirmation } from "../../src/daemon/confirmation.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function open(withinMs: number | undefined) {
  let missed = 0;
  const confirmation = new Confirmation(withinMs, () => {
    missed++;
  });
  confirmation.start();
  return { confirmation, missed: () => missed };
}

describe("Confirmation", () => {
  it("takes everything away when nobody says that it may stay, and not a moment before", () => {
    const { missed } = open(60_000);
    vi.advanceTimersByTime(59_999);
    expect(missed()).toBe(0);
    vi.advanceTimersByTime(1);
    expect(missed()).toBe(1);
  });

  it("keeps it when somebody says so in time, once", () => {
    const { confirmation, missed } = open(60_000);
    expect(confirmation.byEpochMs).toBe(Date.now() + 60_000);
    expect(confirmation.confirm()).toBe(true);
    expect(confirmation.confirm()).toBe(false);
    vi.advanceTimersByTime(120_000);
    expect(missed()).toBe(0);
    expect(confirmation.byEpochMs).toBeUndefined();
  });

  it("waits for nothing when nothing has to be confirmed", () => {
    const { confirmation } = open(undefined);
    expect(confirmation.byEpochMs).toBeUndefined();
    expect(confirmation.confirm()).toBe(false);
    expect(vi.getTimerCount()).toBe(0);
  });
});
