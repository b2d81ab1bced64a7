/**
 * A guard that was taken over and tries everything: each request with fields gone wrong, in any
 * framing. What is promised is checked in test/fuzz/targets/broker.ts, and goes on for as long as
 * one likes with `npm run fuzz -- broker --minutes N`.
 *
 * VEDETTE_FUZZ_INPUTS is how many conversations there are; 60 unless it says otherwise.
 */
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { MAX_LINE_BYTES } from "../../src/broker/protocol.ts";
import { GuardedBroker, TRUSTED } from "../fuzz/guarded-broker.ts";
import { mutatedJson } from "../fuzz/mutated-json.ts";
import { brokerTarget, checkBroker } from "../fuzz/targets/broker.ts";
import { REQUEST_NAMES, requestsNamed } from "../fuzz/targets/broker-requests.ts";
import { shapeOf } from "./request-shapes.ts";

const INPUTS = Number(process.env["VEDETTE_FUZZ_INPUTS"] ?? 60);

/** What is not drawn here is drawn by `npm run fuzz`. */
const SEED = 1;

/** Fewer than the lines that may be none within a minute. */
const LINES = 60;

const READY = '{"id":0,"request":"ready"}\n';

const TRIAL = '{"id":1,"request":"apply","confirmWithinMs":60000}\n';

const lineOf = (text: string) => Buffer.from(`${text}\n`);

describe("a guard that tries everything", () => {
  it.each(REQUEST_NAMES)("breaks no promise by %s with any field gone wrong", async (name) => {
    const texts = fc.sample(mutatedJson(requestsNamed(name)), { seed: 1, numRuns: LINES });
    await using broker = await GuardedBroker.open();
    await broker.send(Buffer.from(READY));
    for (const text of texts) await broker.send(lineOf(text));
    expect(await broker.hasAnswered(1 + LINES)).toBe(true);
    checkBroker(broker, 1 + LINES);
    expect({ breaches: broker.breaches, answers: broker.answers.length }).toEqual({
      breaches: [],
      answers: 1 + LINES,
    });
  });

  it("breaks no promise by any conversation in any framing and any pieces", async () => {
    const { finding } = await brokerTarget.run({ seed: SEED, inputs: INPUTS });
    expect(finding).toBeUndefined();
  });

  it("is not read on while it does not read its answers", async () => {
    await using broker = await GuardedBroker.open();
    await broker.ask({ id: 0, request: "ready" });
    broker.isDeaf = true;
    const ask = async (prefix: string, count: number) => {
      const ban = { prefix, timeoutMs: 1000, evidence: "proven", origin: "detector" };
      const bans = Array.from({ length: count }, () => ban);
      await broker.send(lineOf(JSON.stringify({ id: 1, request: "ban", bans })));
    };
    // Refusals say why, so that they fill what waits to leave.
    for (let asked = 0; asked < 5; asked += 1) await ask(TRUSTED[0], 500);
    await ask("10.7.0.1", 1);
    expect(broker.shutOut).toEqual([]);
    broker.isDeaf = false;
    expect(await broker.hasAnswered(7)).toBe(true);
    expect(broker.shutOut).toEqual(["10.7.0.1/32"]);
  });

  it("leaves no file behind, however it ends", async () => {
    const folder = mkdtempSync(join(tmpdir(), "vedette-fuzz-"));
    vi.stubEnv("TMPDIR", folder);
    try {
      {
        await using broker = await GuardedBroker.open();
        for (const line of [READY, TRIAL]) await broker.send(Buffer.from(line));
        expect(await broker.hasAnswered(2)).toBe(true);
        checkBroker(broker, 2);
      }
      expect(readdirSync(folder)).toEqual([]);
    } finally {
      vi.unstubAllEnvs();
      rmSync(folder, { recursive: true });
    }
  });

  it("has no more of a line kept than the longest, however it goes on", async () => {
    await using broker = await GuardedBroker.open();
    const piece = Buffer.alloc(1000, "[");
    let sentBytes = 0;
    while (!broker.isClosed && sentBytes < 10 * MAX_LINE_BYTES) {
      await broker.send(piece);
      sentBytes += piece.length;
    }
    expect(sentBytes).toBeLessThanOrEqual(MAX_LINE_BYTES + piece.length);
    expect(broker.breaches).toEqual([`a line is longer than ${MAX_LINE_BYTES} bytes`]);
  });
});

describe("every field of every request", () => {
  it.each(REQUEST_NAMES)("is no request and does nothing when out of bounds: %s", async (name) => {
    await using broker = await GuardedBroker.open();
    await broker.ask({ id: 0, request: "ready" });
    const before = broker.deeds;
    for (const request of shapeOf(name).bad) {
      const answer = await broker.askLater(request);
      expect({ request, reply: answer.reply }).toEqual({ request, reply: "malformed" });
    }
    expect(broker.deeds).toBe(before);
    checkBroker(broker, broker.answers.length);
  });

  it.each(REQUEST_NAMES)("is a request as far out as its bounds go: %s", async (name) => {
    for (const request of shapeOf(name).good) {
      await using broker = await GuardedBroker.open();
      if (!["ready", "restore", "standing"].includes(name))
        await broker.ask({ id: 0, request: "ready" });
      const answer = await broker.ask(request);
      expect({ request, reply: answer.reply }).not.toEqual({ request, reply: "malformed" });
      expect(answer.id).toBe((request as { id: number }).id);
      expect(broker.faults).toEqual([]);
    }
  });
});
