import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { bind, close, connect, send, setsockopt, socket } from "../../src/kernel/libc.ts";
import { encodeMessage } from "../../src/kernel/netlink.ts";
import { NflogReader } from "../../src/kernel/nflog-reader.ts";
import { AF_UNIX, SO_RCVTIMEO, SOCK_DGRAM, SOL_SOCKET } from "../../src/kernel/spec.ts";

// A pair of Unix datagram sockets stands in for the kernel: it keeps the datagrams apart as well.
let kernelEnd: number;
let readerEnd: number;

beforeEach(() => {
  const address = Buffer.from(`\x01\x00\0vedette-nflog-reader-${process.pid}`);
  readerEnd = socket(AF_UNIX, SOCK_DGRAM, 0);
  bind(readerEnd, address);
  const tenMs = new Uint8Array(BigInt64Array.of(0n, 10_000n).buffer);
  setsockopt(readerEnd, SOL_SOCKET, SO_RCVTIMEO, tenMs);
  kernelEnd = socket(AF_UNIX, SOCK_DGRAM, 0);
  connect(kernelEnd, address);
});

afterEach(() => {
  close(kernelEnd);
  close(readerEnd);
});

const logged = (text: string) =>
  encodeMessage({
    type: 0x0400,
    body: Buffer.alloc(4),
    attributes: [{ type: 9, value: Buffer.from(text) }],
  });

/** A reader and a promise of its first `count` packets. */
function read(count: number) {
  const texts: string[] = [];
  const done = Promise.withResolvers<string[]>();
  const reader = new NflogReader(readerEnd, (buffer, start, end) => {
    texts.push(buffer.toString("latin1", start, end));
    if (texts.length === count) done.resolve(texts);
  });
  return { reader, packets: done.promise };
}

describe("NflogReader", () => {
  it("hands on what waited before it started and what comes later", async () => {
    const { reader, packets } = read(2);
    send(kernelEnd, logged("before"));
    reader.start();
    send(kernelEnd, logged("after"));
    expect(await packets).toEqual(["before", "after"]);
    await reader.stop();
  });

  it("counts packets, bytes and malformed messages", async () => {
    const { reader, packets } = read(1);
    reader.start();
    send(kernelEnd, Buffer.from("not netlink"));
    send(kernelEnd, logged("good"));
    await packets;
    await reader.stop();
    expect(reader.counts()).toEqual({
      packets: 1,
      lost: 0,
      overruns: 0,
      malformed: 1,
      bytes: "not netlink".length + logged("good").length,
    });
  });

  it("delivers nothing after stop, though more is waiting", async () => {
    const { reader, packets } = read(1);
    reader.start();
    send(kernelEnd, logged("one"));
    await packets;
    await reader.stop();
    send(kernelEnd, logged("two"));
    await reader.stop();
    expect(reader.counts().packets).toBe(1);
  });

  it("gives the event loop its turn while more packets wait than it can take at once", async () => {
    const { reader, packets } = read(10);
    for (let number = 0; number < 10; number++) send(kernelEnd, logged(`packet ${number}`));
    const packetsAtTurns = new Set<number>();
    let turn = setImmediate(function next() {
      packetsAtTurns.add(reader.counts().packets);
      turn = setImmediate(next);
    });
    reader.start();
    await packets;
    clearImmediate(turn);
    await reader.stop();
    // Eight datagrams a turn at most, and another turn for the rest.
    expect([...packetsAtTurns].filter((count) => count > 8)).toEqual([]);
    expect(packetsAtTurns.has(8)).toBe(true);
    expect(reader.counts().packets).toBe(10);
  });

  it("ends with ERR_KERNEL when its descriptor is no socket any more", async () => {
    const reader = new NflogReader(-1, () => undefined);
    reader.start();
    await expect(reader.stop()).rejects.toMatchObject({ code: "ERR_KERNEL" });
  });

  it("may be stopped before it is started", async () => {
    const { reader } = read(1);
    await expect(reader.stop()).resolves.toBeUndefined();
  });
});
