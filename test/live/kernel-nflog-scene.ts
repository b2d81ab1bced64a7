/**
 * Runs inside a namespace as root: makes rules that log, opens groups, and prints as JSON what the
 * kernel and an unprivileged child made of it.
 */
import { spawn } from "node:child_process";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import type { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { OperationalError } from "../../src/errors.ts";
import { close } from "../../src/kernel/libc.ts";
import { openNflog } from "../../src/kernel/nflog.ts";
import { NflogReader } from "../../src/kernel/nflog-reader.ts";
import { openNftables } from "../../src/kernel/nftables.ts";

const GROUP = 4242;
const FLOODED_GROUP = 4244;

const nftables = openNftables();
const made = nftables.run(`
  add table inet vedette_test
  add chain inet vedette_test sense { type filter hook input priority 0; }
  add rule inet vedette_test sense udp dport 4000 log group ${GROUP} snaplen 32 queue-threshold 16
  add rule inet vedette_test sense udp dport 4001 log prefix "hold" group ${GROUP} queue-threshold 16
  add rule inet vedette_test sense udp dport 4002 log group ${FLOODED_GROUP} snaplen 160
`);
if (made.status === "failed") throw new Error(made.reason);

const socket = createSocket("udp4");

async function sendDatagrams(port: number, count: number): Promise<void> {
  for (let sent = 0; sent < count; sent++) {
    await new Promise((resolve) => socket.send("ten bytes!", port, "127.0.0.1", resolve));
  }
}

function tryOpen(group: number): { outcome: string; message?: string } {
  try {
    close(openNflog({ group, snapBytes: 160 }));
    return { outcome: "opened" };
  } catch (error) {
    if (!(error instanceof OperationalError)) throw error;
    return { outcome: error.code, message: error.message };
  }
}

async function readUnprivileged() {
  const fd = openNflog({ group: GROUP, snapBytes: 160 });
  const child = spawn(
    process.execPath,
    [fileURLToPath(new URL("kernel-nflog-child.ts", import.meta.url))],
    { uid: 65_534, gid: 65_534, stdio: ["ignore", "pipe", "inherit", fd], env: {} },
  );
  const ended = once(child, "exit");
  const output = child.stdout as Readable;
  // The child's first byte says that it reads; the rest is its report.
  await Promise.race([once(output, "readable"), ended]);
  const printed = text(output);
  await sendDatagrams(4000, 40);
  await sendDatagrams(4001, 20);
  const whileTaken = tryOpen(GROUP);
  const [exitStatus] = await ended;
  if (exitStatus !== 0) throw new Error(`the child ended with status ${exitStatus}`);
  // Our own copy of the descriptor still holds the group.
  const afterChild = tryOpen(GROUP);
  close(fd);
  return { child: JSON.parse(await printed), whileTaken, afterChild, afterClose: tryOpen(GROUP) };
}

/** More packets than a tiny buffer holds, then a reader, then some more that show the gap. */
async function overrun() {
  const fd = openNflog({ group: FLOODED_GROUP, snapBytes: 160, receiveBufferBytes: 8192 });
  await sendDatagrams(4002, 2000);
  const last = Promise.withResolvers<void>();
  const reader = new NflogReader(fd, () => {
    const { packets, lost } = reader.counts();
    if (packets + lost === 2001) last.resolve();
  });
  reader.start();
  // The buffer is drained by now or soon; each further packet has room.
  while (reader.counts().overruns === 0) await new Promise((resolve) => setImmediate(resolve));
  while (reader.counts().packets === 0) await new Promise((resolve) => setImmediate(resolve));
  await sendDatagrams(4002, 1);
  await last.promise;
  await reader.stop();
  close(fd);
  return reader.counts();
}

const observed = { ...(await readUnprivileged()), overrun: await overrun() };
socket.close();
nftables.close();
process.stdout.write(JSON.stringify(observed));
