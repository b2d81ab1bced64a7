import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { activatedGuard } from "../../src/daemon/activated-guard.ts";
import type { GuardRun } from "../../src/daemon/guard-child.ts";
import { isReadable, receiveDescriptors } from "../../src/kernel/descriptor-passing.ts";
import { accept } from "../../src/kernel/libc.ts";
import { openUnixListener } from "../../src/kernel/unix-listener.ts";
import { waitFor } from "../support/wait-for.ts";

/** Long enough on a busy machine. */
const WITHIN_MS = 5000;

let folder: string;
let path: string;
const opened: number[] = [];
const runs: GuardRun[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "vedette-activated-"));
  path = join(folder, "guard.sock");
});
afterEach(() => {
  for (const { kill } of runs.splice(0)) kill();
  for (const fd of opened.splice(0)) closeSync(fd);
  rmSync(folder, { recursive: true });
});

/** Stands for systemd, which holds the socket of the guard's unit. */
function listen(): number {
  const uid = process.getuid?.() as number;
  const gid = process.getgid?.() as number;
  const fd = openUnixListener(path, { modeBits: 0o600, uid, gid });
  opened.push(fd);
  return fd;
}

function start(sockets: Parameters<ReturnType<typeof activatedGuard>>[0]) {
  const printed: string[] = [];
  const run = activatedGuard(path)(sockets, (text) => printed.push(text));
  runs.push(run);
  return { run, printed };
}

/** @returns what a guard that was started has, in the order in which it came. */
async function take(listener: number) {
  expect(await isReadable(listener, WITHIN_MS)).toBe(true);
  const channel = accept(listener, new Uint8Array(110));
  opened.push(channel);
  const [output = -1, ...sockets] = (await receiveDescriptors(channel, WITHIN_MS)) ?? [];
  opened.push(output, ...sockets);
  return { channel, output, sockets };
}

describe("activatedGuard", () => {
  it("hands the sockets over in their order, and numbers them by it", async () => {
    const listener = listen();
    const files = ["nflog", "api"].map((name) => openSync(join(folder, name), "w"));
    opened.push(...files);
    const [nflog = -1, api = -1] = files;
    const { run } = start([
      { kind: "nflog", fd: nflog, group: 4242 },
      { kind: "api", fd: api },
    ]);
    expect(run.link?.sockets).toEqual([
      { kind: "nflog", fd: 0, group: 4242 },
      { kind: "api", fd: 1 },
    ]);
    const { sockets } = await take(listener);
    for (const [index, fd] of sockets.entries()) writeSync(fd, `${index}`);
    const texts = ["nflog", "api"].map((name) => readFileSync(join(folder, name), "utf8"));
    expect(texts).toEqual(["0", "1"]);
  });

  it("passes on what the guard prints", async () => {
    const listener = listen();
    const { printed } = start([]);
    const { output } = await take(listener);
    writeSync(output, "ban 192.0.2.7\n");
    await waitFor("what was printed", WITHIN_MS, () => printed.join("") === "ban 192.0.2.7\n");
  });

  it("has ended when the connection has, whoever closes it", async () => {
    const listener = listen();
    const { run } = start([]);
    const { channel } = await take(listener);
    opened.splice(opened.indexOf(channel), 1);
    closeSync(channel);
    expect((await run.ended).how).toBe("its connection has closed");
    const second = start([]);
    await take(listener);
    second.run.kill();
    expect((await second.run.ended).how).toBe("its connection has closed");
  });

  it("says why there is none", async () => {
    const { run } = start([]);
    expect(run.link).toBeUndefined();
    expect((await run.ended).how).toBe(`${path}: ENOENT, no such file or directory`);
    run.kill();
  });
});
