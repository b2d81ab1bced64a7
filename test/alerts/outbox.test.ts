import { beforeEach, describe, expect, it } from "vitest";
import { MAX_ATTEMPTS, MAX_WAITING, Outbox, type SendOutcome } from "../../src/alerts/outbox.ts";

const SENT: SendOutcome = { status: "sent" };
const BUSY: SendOutcome = { status: "failed", reason: "busy", isFinal: false };
const REFUSED: SendOutcome = { status: "failed", reason: "refused", isFinal: true };

const settled = () => new Promise((resolve) => setImmediate(resolve));

let sent: number[];
let failures: [string, number][];
let wells: number;
let timers: { readonly delayMs: number; readonly run: () => void }[];
let answers: (message: number) => SendOutcome | Promise<SendOutcome>;

function open(): Outbox<number> {
  return new Outbox<number>({
    isHeld: false,
    send: async (message) => {
      const outcome = await answers(message);
      if (outcome.status === "sent") sent.push(message);
      return outcome;
    },
    startTimer: (delayMs, run) => {
      const timer = { delayMs, run };
      timers.push(timer);
      return () => void timers.splice(timers.indexOf(timer), 1);
    },
    onFailure: (reason, lost) => void failures.push([reason, lost]),
    onSent: () => void wells++,
  });
}

/** @returns how long it was to wait. */
async function nextTimer(): Promise<number | undefined> {
  const timer = timers.shift();
  timer?.run();
  await settled();
  return timer?.delayMs;
}

beforeEach(() => {
  sent = [];
  failures = [];
  wells = 0;
  timers = [];
  answers = () => SENT;
});

describe("Outbox", () => {
  it("sends one after the other, in order", async () => {
    const outbox = open();
    for (const each of [1, 2, 3]) outbox.put(each);
    await settled();
    expect(sent).toEqual([1, 2, 3]);
    expect(wells).toBe(3);
  });

  it("tries again after ever longer pauses, and gives one up after the last attempt", async () => {
    answers = (message) => (message === 1 ? BUSY : SENT);
    const outbox = open();
    outbox.put(1);
    outbox.put(2);
    await settled();
    const pauses: (number | undefined)[] = [];
    while (timers.length > 0) pauses.push(await nextTimer());
    expect(pauses.slice(0, 4)).toEqual([2000, 4000, 8000, 16_000]);
    expect(pauses).toHaveLength(MAX_ATTEMPTS);
    expect(Math.max(...pauses.map(Number))).toBe(600_000);
    expect(failures.at(-1)).toEqual(["busy", 1]);
    expect(sent).toEqual([2]);
  });

  it("tries what was refused for good once, and goes on with the next", async () => {
    answers = (message) => (message === 1 ? REFUSED : SENT);
    const outbox = open();
    outbox.put(1);
    outbox.put(2);
    await settled();
    expect(failures).toEqual([["refused", 1]]);
    expect(await nextTimer()).toBe(2000);
    expect(sent).toEqual([2]);
  });

  it("waits for as long as it is asked to", async () => {
    answers = () => ({ ...BUSY, retryAfterMs: 60_000 }) as SendOutcome;
    open().put(1);
    await settled();
    expect(timers.map(({ delayMs }) => delayMs)).toEqual([60_000]);
  });

  it("drops the oldest that waits when it is full, and counts it", async () => {
    answers = () => BUSY;
    const outbox = open();
    for (let each = 0; each < MAX_WAITING + 3; each++) outbox.put(each);
    await settled();
    answers = () => SENT;
    await nextTimer();
    expect(failures).toEqual([["busy", 3]]);
    expect(sent).toHaveLength(MAX_WAITING);
    expect(sent.slice(0, 2)).toEqual([0, 4]);
  });

  it("waits at its end for what is being sent, and for nothing else", async () => {
    const { promise, resolve } = Promise.withResolvers<SendOutcome>();
    answers = () => promise;
    const outbox = open();
    outbox.put(1);
    outbox.put(2);
    const closed = outbox.close();
    outbox.put(3);
    resolve(BUSY);
    await closed;
    expect(timers).toEqual([]);
  });
});
