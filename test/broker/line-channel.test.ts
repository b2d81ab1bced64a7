import { type Duplex, PassThrough } from "node:stream";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LineChannel, type LineChannelOptions } from "../../src/broker/line-channel.ts";
import { settled, streamPair } from "./fakes.ts";

function open(overrides: Partial<LineChannelOptions> = {}) {
  const [near, far] = streamPair();
  const lines: string[] = [];
  const closings: (string | undefined)[] = [];
  const channel = new LineChannel(near, {
    maxLineBytes: 100,
    maxQueuedBytes: 1_000_000,
    readsAheadOfAnswers: true,
    onLine: (line) => lines.push(line),
    onClose: (reason) => closings.push(reason),
    ...overrides,
  });
  return { channel, far, lines, closings };
}

/** A peer whose pipe is full from the first byte on. */
function clogged(): { stream: Duplex; unclog: () => void } {
  const stream = new PassThrough({ highWaterMark: 1 });
  const written: (() => void)[] = [];
  stream._write = (_chunk, _encoding, done) => {
    written.push(() => done());
  };
  return {
    stream,
    unclog: () => {
      for (const done of written.splice(0)) done();
    },
  };
}

describe("LineChannel", () => {
  it("hands on the same lines however the bytes are cut", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.string({ unit: "grapheme", maxLength: 8 }).map((text) => text.replace(/\n/g, "")),
          { maxLength: 6 },
        ),
        fc.integer({ min: 1, max: 9 }),
        async (expected, chunkBytes) => {
          const { far, lines } = open();
          const bytes = Buffer.from(expected.map((line) => `${line}\n`).join(""));
          for (let at = 0; at < bytes.length; at += chunkBytes) {
            far.write(bytes.subarray(at, at + chunkBytes));
          }
          await settled();
          expect(lines).toEqual(expected);
        },
      ),
      { numRuns: 40 },
    );
  });

  it.each([
    { what: "a line of exactly the limit", bytes: 99, isClosed: false },
    { what: "a line one byte longer", bytes: 100, isClosed: true },
  ])("$what: closed=$isClosed", async ({ bytes, isClosed }) => {
    const { far, lines, closings } = open();
    far.write(`${"x".repeat(bytes)}\n`);
    await settled();
    expect(closings).toEqual(isClosed ? ["a line is longer than 100 bytes"] : []);
    expect(lines).toHaveLength(isClosed ? 0 : 1);
  });

  it("closes on a line without end before it has an end", async () => {
    const { far, closings } = open();
    for (let sent = 0; sent < 11; sent += 1) far.write("0123456789");
    await settled();
    expect(closings).toEqual(["a line is longer than 100 bytes"]);
  });

  it("hands on nothing that came behind the line that closed it", async () => {
    const lines: string[] = [];
    const { channel, far } = open({
      onLine: (line) => {
        lines.push(line);
        channel.close("enough");
      },
    });
    far.write("first\nsecond\n");
    await settled();
    expect(lines).toEqual(["first"]);
  });

  it("tells once that the other side has gone, without a reason", async () => {
    const { channel, far, closings } = open();
    far.destroy();
    await settled();
    channel.close("later");
    expect(closings).toEqual([undefined]);
  });

  it("sends one value a line, newlines inside escaped", async () => {
    const { channel, far } = open();
    channel.send({ text: "a\nb" });
    await settled();
    expect(String(far.read())).toBe('{"text":"a\\nb"}\n');
  });

  it("closes when more waits than may wait", async () => {
    const { stream } = clogged();
    const closings: (string | undefined)[] = [];
    const channel = new LineChannel(stream, {
      maxLineBytes: 100,
      maxQueuedBytes: 50,
      readsAheadOfAnswers: true,
      onLine: () => {},
      onClose: (reason) => closings.push(reason),
    });
    for (let sent = 0; sent < 10; sent += 1) channel.send("0123456789");
    await settled();
    expect(closings).toEqual(["more than 50 bytes wait and are not read"]);
  });

  it("reads the next line only when the answer to the last has left, if so asked", async () => {
    const { stream, unclog } = clogged();
    const lines: string[] = [];
    const channel = new LineChannel(stream, {
      maxLineBytes: 100,
      maxQueuedBytes: 1000,
      readsAheadOfAnswers: false,
      onLine: (line) => {
        lines.push(line);
        channel.send("an answer");
      },
      onClose: () => {},
    });
    stream.push("one\ntwo\nthree\n");
    await settled();
    expect(lines).toEqual(["one"]);
    unclog();
    await settled();
    expect(lines).toEqual(["one", "two"]);
    unclog();
    await settled();
    expect(lines).toEqual(["one", "two", "three"]);
  });
});
