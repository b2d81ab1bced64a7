import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server, type ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { LiveEvent } from "../../../src/api/contract.ts";
import { followEvents } from "../../../src/cli/watch/follow-events.ts";
import { keysIn } from "../../../src/cli/watch/keys.ts";
import { formatPlain } from "../../../src/cli/watch/plain-lines.ts";
import { CAMPAIGN, VERDICT } from "../../api/fake-operator.ts";
import { waitFor } from "../../support/wait-for.ts";

let directory: string;
let path: string;
let server: Server | undefined;
const seen: LiveEvent[] = [];
const gone: string[] = [];
let following: AbortController;
let followed: Promise<void>;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "vedette-watch-"));
  path = join(directory, "api.sock");
  seen.length = 0;
  gone.length = 0;
  following = new AbortController();
});
afterEach(async () => {
  following.abort();
  await followed;
  await end();
  rmSync(directory, { recursive: true });
});

async function serve(answer: (reply: ServerResponse) => void): Promise<void> {
  server = createServer((_request, reply) => answer(reply));
  await new Promise<void>((resolve) => server?.listen(path, resolve));
}

async function end(): Promise<void> {
  server?.closeAllConnections();
  await new Promise((resolve) => (server === undefined ? resolve(0) : server.close(resolve)));
  server = undefined;
}

function follow(): void {
  followed = followEvents(
    path,
    { onEvent: (event) => void seen.push(event), onGone: (why) => void gone.push(why) },
    following.signal,
  );
}

const told = (dropped: number) => `event: lagged\ndata: {"kind":"lagged","dropped":${dropped}}\n\n`;

describe("followEvents", () => {
  it("takes events in pieces, and passes over comments and kinds that it does not know", async () => {
    await serve((reply) => {
      reply.write(`retry: 3000\n\n: here\n\ndata: {"kind":"later"}\n\ndata: nonsense\n\n`);
      reply.write(told(1).slice(0, 20));
      setImmediate(() => reply.write(told(1).slice(20) + told(2)));
    });
    follow();
    await waitFor("two events", 30_000, () => seen.length === 2);
    expect(seen).toEqual([
      { kind: "lagged", dropped: 1 },
      { kind: "lagged", dropped: 2 },
    ]);
    expect(gone).toEqual([]);
  });

  it("says once that nobody is there, and goes on when somebody comes", async () => {
    follow();
    await waitFor("word of it", 30_000, () => gone.length === 1);
    expect(gone).toEqual([`no guard is listening on ${path}`]);
    await serve((reply) => reply.write(told(1)));
    await waitFor("an event", 30_000, () => seen.length === 1);
    await end();
    await waitFor("word of it again", 30_000, () => gone.length === 2);
    expect(gone[1]).toMatch(/^the guard is gone: /);
  });

  it("does not keep what has no end", async () => {
    await serve((reply) => reply.write("x".repeat(1_100_000)));
    follow();
    await waitFor("word of it", 30_000, () => gone.length === 1);
    expect(gone).toEqual(["the guard is gone: it sends what makes no sense"]);
  });
});

describe("formatPlain", () => {
  it.each<{ event: LiveEvent; line: string }>([
    {
      event: { kind: "event", event: VERDICT },
      line: `2026-11-22 13:03:00  verdict  192.0.2.7  ${VERDICT.text}`,
    },
    {
      event: {
        kind: "campaign",
        at: "2026-11-22T13:03:00.000Z",
        change: "closed",
        campaign: CAMPAIGN,
      },
      line: `2026-11-22 13:03:00  closed  ${CAMPAIGN.story}`,
    },
    {
      event: { kind: "lagged", dropped: 3 },
      line: "3 events are missing here: see vedette history",
    },
    {
      event: { kind: "event", event: { ...VERDICT, address: null, text: "a\x1b[2J\nb" } },
      line: "2026-11-22 13:03:00  verdict  a\\x1b[2J\\x0ab",
    },
  ])("writes $line", ({ event, line }) => expect(formatPlain(event, "UTC")).toBe(line));
});

describe("keysIn", () => {
  it.each([
    { text: "q", keys: ["q"] },
    { text: "\x1b[A\x1bOB", keys: ["up", "down"] },
    { text: "\x1b", keys: ["escape"] },
    { text: "\x1b[5~j", keys: ["page-up", "j"] },
    // Delete, and a function key: none of ours, and no letters of theirs either.
    { text: "\x1b[3~\x1b[15;2~b", keys: ["b"] },
  ])("reads $keys", ({ text, keys }) => expect(keysIn(text)).toEqual(keys));
});
