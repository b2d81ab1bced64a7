import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { LiveEvent } from "../../src/api/contract.ts";
import {
  HEARTBEAT_MS,
  LiveFeed,
  MAX_CLIENTS,
  MAX_QUEUE,
  STUCK_MS,
} from "../../src/api/live-feed.ts";
import { OperationalError } from "../../src/errors.ts";
import { STATUS } from "./fake-operator.ts";

const DOOR = {};

let heard: boolean[];
let feed: LiveFeed;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
  heard = [];
  feed = new LiveFeed((isListenedTo) => heard.push(isListenedTo));
});
afterEach(() => {
  feed.close();
  vi.useRealTimers();
});

/** The n-th event of a test, told from others by a count. */
function event(probes: number): LiveEvent {
  const status = { ...STATUS, probes };
  return { kind: "status", at: "2026-11-22T12:00:00.000Z", status, rates: null };
}

type Reader = ReadableStreamDefaultReader<Uint8Array>;

const open = (door: object = DOOR): Reader => feed.open(door).getReader();

/** The next piece as it is sent; undefined: the end. */
async function next(reader: Reader): Promise<string | undefined> {
  const { value, done } = await reader.read();
  return done ? undefined : new TextDecoder().decode(value);
}

/** The data of the next event. */
async function nextEvent(reader: Reader): Promise<LiveEvent> {
  const text = await next(reader);
  return JSON.parse(/^event: \w+\ndata: (.*)\n\n$/.exec(text ?? "")?.[1] ?? "null");
}

const probesOf = (told: LiveEvent) => (told.kind === "status" ? told.status.probes : told);

describe("LiveFeed", () => {
  it("tells each listener what is published from then on, in its order", async () => {
    const first = open();
    expect(await next(first)).toBe("retry: 3000\n\n");
    feed.publish(event(1));
    const second = open();
    await next(second);
    feed.publish(event(2));
    expect([await nextEvent(first), await nextEvent(first)].map(probesOf)).toEqual([1, 2]);
    expect(probesOf(await nextEvent(second))).toBe(2);
  });

  it("names the kind before its data, on a line each, whatever a text holds", async () => {
    const reader = open();
    await next(reader);
    const sentence = "one\n\nevent: forged\ndata: {}\n\n";
    feed.publish({ ...event(1), status: { ...STATUS, sentence } } as LiveEvent);
    const text = (await next(reader)) ?? "";
    expect(text).toMatch(/^event: status\ndata: [^\n]*\n\n$/);
    expect(text).not.toMatch(/^event: forged/m);
  });

  it("says whether somebody listens: at the first, and after the last", async () => {
    feed.publish(event(1));
    expect(heard).toEqual([]);
    const readers = [open(), open()];
    expect(heard).toEqual([true]);
    await readers[0]?.cancel();
    expect(heard).toEqual([true]);
    await readers[1]?.cancel();
    expect(heard).toEqual([true, false]);
  });

  it("tells who reads too slowly how many events are missing, where they are", async () => {
    const slow = open();
    const quick = open();
    for (let count = 0; count < MAX_QUEUE + 50; count += 1) {
      feed.publish(event(count));
      await next(quick);
    }
    expect(await next(slow)).toBe("retry: 3000\n\n");
    const told: unknown[] = [];
    let dropped = 0;
    while (dropped === 0) {
      const each = await nextEvent(slow);
      if (each.kind === "lagged") dropped = each.dropped;
      else told.push(probesOf(each));
    }
    expect(told).toEqual(Array.from({ length: told.length }, (_, count) => count));
    expect(told.length + dropped).toBe(MAX_QUEUE + 50);
    expect(told.length).toBeLessThanOrEqual(MAX_QUEUE + 1);
    feed.publish(event(9999));
    expect(probesOf(await nextEvent(slow))).toBe(9999);
  });

  it("gives a sign of life when there is nothing to tell", async () => {
    const reader = open();
    await next(reader);
    vi.advanceTimersByTime(HEARTBEAT_MS);
    expect(await next(reader)).toBe(": here\n\n");
  });

  it("lets go of whoever reads nothing any more", async () => {
    open();
    vi.advanceTimersByTime(STUCK_MS - 1);
    feed.publish(event(1));
    expect(heard).toEqual([true]);
    vi.advanceTimersByTime(HEARTBEAT_MS * 2);
    expect(heard).toEqual([true, false]);
  });

  it("keeps whoever reads, however long", async () => {
    const reader = open();
    await next(reader);
    for (let count = 0; count < 20; count += 1) {
      vi.advanceTimersByTime(HEARTBEAT_MS);
      expect(await next(reader)).toBe(": here\n\n");
    }
    expect(heard).toEqual([true]);
  });

  it(`takes ${MAX_CLIENTS} behind each door, and another when one has gone`, async () => {
    const readers = Array.from({ length: MAX_CLIENTS }, () => open());
    expect(() => open()).toThrow(OperationalError);
    open({});
    await readers[0]?.cancel();
    open();
    expect(() => open()).toThrow(/16 listen already/);
  });

  it("ends with the guard, and begins no more", async () => {
    const reader = open();
    await next(reader);
    feed.close();
    expect(await next(reader)).toBeUndefined();
    expect(() => open()).toThrow(/the guard is ending/);
    feed.publish(event(1));
    feed.close();
    expect(heard).toEqual([true, false]);
  });
});
