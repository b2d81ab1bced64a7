/** The live feed over a real socket: what a client gets, when it goes, what a defect does. */
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { type IncomingMessage, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type LiveEvent, liveEventSchema, type StatusView } from "../../src/api/contract.ts";
import { type LiveFeed, MAX_CLIENTS } from "../../src/api/live-feed.ts";
import { createLiveFeed } from "../../src/api/live-status.ts";
import { createApi, type ServedApi, serveApi } from "../../src/api/server.ts";
import { OperationalError } from "../../src/errors.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { waitFor } from "../support/wait-for.ts";
import { ask } from "./ask.ts";
import { FakeOperator, STATUS } from "./fake-operator.ts";

let directory: string;
let socketPath: string;
let clock: FakeClock;
let asked: number;
let answers: (() => StatusView)[];
let defects: unknown[];
let feed: LiveFeed;
let served: ServedApi;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), "vedette-feed-"));
  socketPath = join(directory, "api.sock");
  clock = new FakeClock();
  asked = 0;
  answers = [];
  defects = [];
  const onDefect = (error: unknown) => void defects.push(error);
  const status = async (): Promise<StatusView> => {
    asked++;
    // Two seconds between two readings, however long the machine takes.
    clock.advance(2000);
    return answers.shift()?.() ?? STATUS;
  };
  feed = createLiveFeed({ operator: { status }, onDefect, clock });
  const api = createApi(new FakeOperator(), { mayChange: () => true, onDefect, feed });
  served = await serveApi(api, { path: socketPath });
});
afterEach(async () => {
  feed.close();
  await served.close();
  rmSync(directory, { recursive: true });
});

interface Listener {
  readonly reply: IncomingMessage;
  readonly events: LiveEvent[];
  leave(): void;
}

async function listen(): Promise<Listener> {
  const sent = request({ socketPath, path: "/v1/events", agent: false });
  sent.on("error", () => {});
  sent.end();
  const [reply] = (await once(sent, "response")) as [IncomingMessage];
  const events: LiveEvent[] = [];
  let text = "";
  reply.setEncoding("utf8").on("data", (piece: string) => {
    text += piece;
    const parts = text.split("\n\n");
    text = parts.pop() ?? "";
    for (const part of parts) {
      const data = /^data: (.*)$/m.exec(part)?.[1];
      if (data !== undefined) events.push(liveEventSchema.parse(JSON.parse(data)));
    }
  });
  reply.on("error", () => {});
  return { reply, events, leave: () => sent.destroy() };
}

const events = (listener: Listener, count: number) =>
  waitFor(`${count} events`, 30_000, () => listener.events.length >= count);

describe("GET /v1/events", () => {
  it("tells the status at once and again, with what came in between", async () => {
    answers = [
      () => ({ ...STATUS, probes: 100, dropped: 5 }),
      () => ({ ...STATUS, probes: 140, dropped: 5 }),
      () => ({ ...STATUS, probes: 0, dropped: 0 }),
    ];
    const listener = await listen();
    expect(listener.reply.headers["content-type"]).toBe("text/event-stream");
    expect(listener.reply.headers["cache-control"]).toBe("no-store");
    await events(listener, 3);
    listener.leave();
    expect(listener.events.slice(0, 3)).toMatchObject([
      { kind: "status", status: { probes: 100 }, rates: null },
      { kind: "status", rates: { probes_per_second: 20, dropped_per_second: 0 } },
      { kind: "status", rates: { probes_per_second: 0, dropped_per_second: 0 } },
    ]);
  });

  it("asks nothing before somebody listens, and gives a place back when its client goes", async () => {
    expect(asked).toBe(0);
    const listener = await listen();
    await events(listener, 1);
    listener.leave();
    let others = 0;
    // A place is free again when the guard has seen that the client is gone.
    await waitFor("everybody's place", 30_000, async () => {
      const listeners = await Promise.all(Array.from({ length: MAX_CLIENTS }, () => listen()));
      others = listeners.filter(({ reply }) => reply.statusCode === 200).length;
      for (const each of listeners) each.leave();
      return others === MAX_CLIENTS;
    });
    expect(others).toBe(MAX_CLIENTS);
  });

  it("answers 503 when as many listen as may, and goes on answering others", async () => {
    const listeners = await Promise.all(Array.from({ length: MAX_CLIENTS }, () => listen()));
    const beyond = await ask(socketPath, "GET", "/v1/events");
    expect(beyond).toMatchObject({ status: 503, body: { error: "ERR_UNAVAILABLE" } });
    expect((await ask(socketPath, "GET", "/v1/status")).status).toBe(200);
    for (const each of listeners) each.leave();
  });

  it("keeps no place for HEAD", async () => {
    for (let count = 0; count <= MAX_CLIENTS; count += 1) {
      expect((await ask(socketPath, "HEAD", "/v1/events")).status).toBe(200);
    }
  });

  it("goes on after a reading that failed, and tells of a defect", async () => {
    const defect = new Error("a bug");
    answers = [
      () => {
        throw new OperationalError("ERR_BROKER", "too many requests");
      },
      () => {
        throw defect;
      },
    ];
    const listener = await listen();
    await events(listener, 1);
    listener.leave();
    expect(listener.events[0]).toMatchObject({ kind: "status", rates: null });
    expect(defects).toEqual([defect]);
  });

  it("ends with the guard", async () => {
    const listener = await listen();
    await events(listener, 1);
    const ended = once(listener.reply, "end");
    feed.close();
    await ended;
    await served.close();
  });
});
