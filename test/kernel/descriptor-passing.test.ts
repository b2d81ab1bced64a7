import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { receiveDescriptors, sendDescriptors } from "../../src/kernel/descriptor-passing.ts";
import { close, recv, send, socketpair } from "../../src/kernel/libc.ts";
import { AF_UNIX, SOCK_STREAM } from "../../src/kernel/spec.ts";

/** Long enough on a busy machine; where nothing comes it is waited out. */
const WITHIN_MS = 200;

let folder: string;
let near: number;
let far: number;
const opened: number[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "vedette-descriptors-"));
  const pair = socketpair(AF_UNIX, SOCK_STREAM);
  if (typeof pair === "number") throw new Error(`no pair of sockets: ${pair}`);
  [near, far] = pair;
});
afterEach(() => {
  for (const fd of opened.splice(0)) closeSync(fd);
  for (const fd of [near, far]) close(fd);
  rmSync(folder, { recursive: true });
});

/** @returns descriptors of files that are named by their numbers. */
function openFiles(count: number): number[] {
  const fds = Array.from({ length: count }, (_, index) => openSync(join(folder, `${index}`), "w"));
  opened.push(...fds);
  return fds;
}

describe("sendDescriptors and receiveDescriptors", () => {
  // 253 are in one message.
  it.each([0, 1, 252, 253, 254, 600])("hand over %i open files in their order", async (count) => {
    const fds = openFiles(count);
    expect(sendDescriptors(near, fds)).toBe(0);
    const received = await receiveDescriptors(far, WITHIN_MS);
    opened.push(...(received ?? []));
    expect(received).toHaveLength(count);
    for (const [index, fd] of received?.entries() ?? []) writeSync(fd, `${index}`);
    const texts = fds.map((_, index) => readFileSync(join(folder, `${index}`), "utf8"));
    expect(texts).toEqual(fds.map((_, index) => `${index}`));
  });

  it("leave what is sent afterwards to whoever reads next", async () => {
    sendDescriptors(near, openFiles(1));
    send(near, Buffer.from("after"));
    const received = await receiveDescriptors(far, WITHIN_MS);
    opened.push(...(received ?? []));
    expect(received).toHaveLength(1);
    const into = Buffer.alloc(16);
    expect(into.toString("utf8", 0, recv(far, into))).toBe("after");
  });

  it.each([
    { what: "nothing", bytes: [] },
    { what: "a byte that says neither", bytes: [2] },
    { what: "less than was promised", bytes: [1] },
  ])("give nothing for $what", async ({ bytes }) => {
    if (bytes.length > 0) send(near, Uint8Array.from(bytes));
    expect(await receiveDescriptors(far, WITHIN_MS)).toBeUndefined();
  });

  it("say that the other side has gone", () => {
    close(far);
    far = openFiles(1)[0] as number;
    opened.splice(opened.indexOf(far), 1);
    expect(sendDescriptors(near, [])).toBeLessThan(0);
  });
});
