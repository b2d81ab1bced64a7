import { describe, expect, it } from "vitest";
import type { LiveEvent } from "../../src/api/contract.ts";
import { ApiFault } from "../../src/dashboard/api-client.ts";
import { createCell } from "../../src/dashboard/cell.ts";
import {
  type Connection,
  opened,
  REST_AFTER_MS,
  SILENT_MS,
} from "../../src/dashboard/connection.ts";
import { createListener } from "../../src/dashboard/listener.ts";

const EVENT: LiveEvent = { kind: "lagged", dropped: 1 };

interface Opened {
  readonly tell: () => void;
  readonly end: () => void;
  isClosed: boolean;
}

/** A listener whose streams, answers and time are ours. */
function createScene({ isHidden = false } = {}) {
  const connection = createCell<Connection>(opened(0));
  const streams: Opened[] = [];
  const answers: { give: () => void; refuse: (fault: ApiFault) => void }[] = [];
  const told: string[] = [];
  const world = { nowMs: 0, isLet: true, isHidden };
  const listener = createListener({
    connection,
    isLet: () => world.isLet,
    isHidden: () => world.isHidden,
    openStream(onEvent, onEnd) {
      const stream = {
        tell: () => onEvent(EVENT),
        end: onEnd,
        isClosed: false,
        close() {
          stream.isClosed = true;
        },
      };
      streams.push(stream);
      return stream;
    },
    ask: () =>
      new Promise((resolve, reject) => answers.push({ give: () => resolve({}), refuse: reject })),
    onFirst: () => void told.push("first"),
    onEvent: () => void told.push("event"),
    onGap: () => void told.push("gap"),
    nowMs: () => world.nowMs,
  });
  return { connection, streams, answers, told, world, listener };
}

const soon = () => new Promise((resolve) => setImmediate(resolve));

describe("createListener", () => {
  it("tells of the first event of each connection", async () => {
    const { listener, streams, answers, told, world } = createScene();
    listener.follow();
    streams[0]?.tell();
    streams[0]?.tell();
    streams[0]?.end();
    answers[0]?.give();
    await soon();
    world.nowMs = 1000;
    listener.beat();
    streams[1]?.tell();
    const events = told.filter((each) => each !== "gap");
    expect(events).toEqual(["first", "event", "event", "first", "event"]);
  });

  it("says why the stream has failed, in the guard's words", async () => {
    const { connection, listener, streams, answers } = createScene();
    listener.follow();
    streams[0]?.end();
    answers[0]?.refuse(new ApiFault(503, "no place to listen"));
    await soon();
    expect(connection.get()).toMatchObject({ status: "gone", why: "no place to listen" });
    listener.retry();
    expect(connection.get()).toMatchObject({ status: "opening", why: "no place to listen" });
    streams[1]?.end();
    answers[1]?.refuse(new ApiFault(0, "The guard does not answer."));
    await soon();
    expect(connection.get()).toMatchObject({ status: "gone", why: undefined });
  });

  it("leaves a new stream alone when it learns late why the old one has failed", async () => {
    const { connection, listener, streams, answers, world } = createScene();
    listener.follow();
    streams[0]?.tell();
    streams[0]?.end();
    world.nowMs = SILENT_MS + 1;
    listener.beat();
    world.nowMs += 1000;
    listener.beat();
    streams[1]?.tell();
    answers[0]?.refuse(new ApiFault(0, "The guard does not answer."));
    await soon();
    expect(streams.map(({ isClosed }) => isClosed)).toEqual([true, false]);
    expect(connection.get().status).toBe("live");
  });

  it("opens nothing behind the login page", async () => {
    const { connection, listener, streams, answers, world } = createScene();
    listener.follow();
    streams[0]?.tell();
    streams[0]?.end();
    world.isLet = false;
    listener.follow();
    answers[0]?.give();
    await soon();
    for (world.nowMs = 0; world.nowMs < 60_000; world.nowMs += 1000) listener.beat();
    expect([connection.get().status, streams.length]).toEqual(["locked", 1]);
  });

  it("holds no stream while nobody sees the page, and goes on when somebody does", () => {
    const { connection, listener, streams, told, world } = createScene();
    listener.follow();
    streams[0]?.tell();
    world.isHidden = true;
    listener.beat();
    world.nowMs = REST_AFTER_MS - 1;
    listener.beat();
    expect(streams[0]?.isClosed).toBe(false);
    for (; world.nowMs < 60_000; world.nowMs += 1000) listener.beat();
    expect([connection.get().status, streams[0]?.isClosed]).toEqual(["resting", true]);
    expect([streams.length, told.filter((each) => each === "gap").length]).toEqual([1, 1]);

    world.isHidden = false;
    listener.beat();
    streams[1]?.tell();
    expect(connection.get().status).toBe("live");
    expect(told.filter((each) => each === "first")).toHaveLength(2);
  });

  it("opens no stream of a page that nobody has seen yet", () => {
    const { listener, streams, world } = createScene({ isHidden: true });
    listener.follow();
    listener.beat();
    expect(streams).toEqual([]);
    world.isHidden = false;
    listener.beat();
    expect(streams).toHaveLength(1);
  });
});
