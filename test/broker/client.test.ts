import { describe, expect, it } from "vitest";
import { BrokerClient } from "../../src/broker/client.ts";
import type { BrokerEvent } from "../../src/broker/protocol.ts";
import type { OperationalError } from "../../src/errors.ts";
import { prefix, settled, streamPair } from "./fakes.ts";

const ban = (text: string) => ({
  prefix: prefix(text),
  timeoutMs: 60_000,
  evidence: "alive" as const,
  origin: "detector" as const,
});

function open() {
  const [near, far] = streamPair();
  const events: BrokerEvent[] = [];
  const closings: OperationalError[] = [];
  const client = new BrokerClient(near, {
    onEvent: (event) => events.push(event),
    onClose: (error) => closings.push(error),
  });
  const asked: Record<string, unknown>[] = [];
  let answer: (request: Record<string, unknown>) => unknown = () => undefined;
  far.on("data", (chunk: Buffer) => {
    for (const line of String(chunk).trim().split("\n")) {
      const request = JSON.parse(line) as Record<string, unknown>;
      asked.push(request);
      const reply = answer(request);
      if (reply !== undefined) far.write(`${JSON.stringify({ id: request["id"], ...reply })}\n`);
    }
  });
  return {
    client,
    far,
    events,
    closings,
    asked,
    answerWith: (reply: (request: Record<string, unknown>) => object) => {
      answer = reply;
    },
  };
}

const applied = (length: number) => ({
  reply: "outcomes",
  outcomes: Array.from({ length }, () => ({ status: "applied" })),
});

describe("BrokerClient", () => {
  it("asks in batches of 500 and puts the outcomes together in order", async () => {
    const { client, asked, answerWith } = open();
    answerWith(({ prefixes }) => applied((prefixes as string[]).length));
    const prefixes = Array.from({ length: 501 }, (_, index) =>
      prefix(`10.0.${index >> 8}.${index & 255}`),
    );
    expect(await client.unban(prefixes)).toHaveLength(501);
    expect(asked.map((each) => (each["prefixes"] as string[]).length)).toEqual([500, 1]);
  });

  it("asks nothing for nothing", async () => {
    const { client, asked } = open();
    expect(await client.ban([])).toEqual([]);
    expect(asked).toEqual([]);
  });

  it("tells a refusal of the whole request as an outcome for each", async () => {
    const { client, answerWith } = open();
    answerWith(() => ({ reply: "malformed", reason: "more than 1000 requests a second" }));
    const refused = { status: "refused", reason: "more than 1000 requests a second" };
    expect(await client.ban([ban("192.0.2.1"), ban("192.0.2.2")])).toEqual([refused, refused]);
    expect(await client.trust(prefix("192.0.2.1"), null)).toEqual(refused);
    expect(await client.confirm()).toEqual(refused);
    await expect(client.measure()).rejects.toMatchObject({ code: "ERR_BROKER" });
    await expect(client.ready()).rejects.toMatchObject({ code: "ERR_BROKER" });
  });

  it("tells replies apart by their number, whatever their order", async () => {
    const { client, far, asked } = open();
    const both = [client.confirm(), client.trust(prefix("192.0.2.1"), null)];
    await settled();
    const ids = asked.map(({ id }) => id as number);
    far.write(`${JSON.stringify({ id: ids[1], ...applied(1) })}\n`);
    far.write(`${JSON.stringify({ id: ids[0], reply: "malformed", reason: "once" })}\n`);
    expect(await Promise.all(both)).toEqual([
      { status: "refused", reason: "once" },
      { status: "applied" },
    ]);
  });

  it("hands on events in order", async () => {
    const { far, events } = open();
    far.write('{"event":"confirmation"}\n{"event":"table-rebuilt"}\n');
    await settled();
    expect(events.map(({ event }) => event)).toEqual(["confirmation", "table-rebuilt"]);
  });

  it("takes a message far longer than a request may be", async () => {
    const { far, events } = open();
    const trusted = Array.from({ length: 20_000 }, () => ({
      prefix: "192.0.2.1/32",
      why: "a test",
    }));
    far.write(`${JSON.stringify({ event: "facts", facts: { trusted, sharedIpv6: [] } })}\n`);
    await settled();
    expect(events).toHaveLength(1);
  });

  it("rejects everything that is pending when the broker goes, and what is asked later", async () => {
    const { client, far, closings } = open();
    const pending = [client.measure(), client.ban([ban("192.0.2.1")])];
    far.destroy();
    const results = await Promise.allSettled(pending);
    expect(results.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    await expect(client.ready()).rejects.toMatchObject({ code: "ERR_BROKER" });
    expect(closings.map(({ code }) => code)).toEqual(["ERR_BROKER"]);
  });

  it.each([
    { what: "no JSON", line: "{", says: "a message is no JSON" },
    {
      what: "a reply to nothing",
      line: '{"id":7,"reply":"done"}',
      says: "a reply answers no request",
    },
  ])("closes on $what", async ({ line, says }) => {
    const { far, closings } = open();
    far.write(`${line}\n`);
    await settled();
    expect(closings[0]?.message).toContain(says);
  });
});
