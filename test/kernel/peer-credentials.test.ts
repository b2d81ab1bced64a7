import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { close, connect, socket } from "../../src/kernel/libc.ts";
import { readPeerCredentials } from "../../src/kernel/peer-credentials.ts";
import { AF_INET, AF_UNIX, SOCK_STREAM } from "../../src/kernel/spec.ts";
import { openUnixListener } from "../../src/kernel/unix-listener.ts";

let folder: string;
const opened: number[] = [];
const uid = process.getuid?.() as number;
const gid = process.getgid?.() as number;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "vedette-peer-"));
});
afterEach(() => {
  for (const fd of opened.splice(0)) close(fd);
  rmSync(folder, { recursive: true });
});

function openSocket(family: number): number {
  const fd = socket(family, SOCK_STREAM, 0);
  opened.push(fd);
  return fd;
}

/** As the kernel tells them of this process; Node adds the primary one to its own list. */
function supplementaryGroups(): number[] {
  const line = /^Groups:(.*)$/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1] ?? "";
  return line.trim().split(/\s+/).filter(Boolean).map(Number);
}

describe("readPeerCredentials", () => {
  it("names the process, user and group at the other end", () => {
    const path = join(folder, "socket");
    opened.push(openUnixListener(path, { modeBits: 0o600, uid, gid }));
    const client = openSocket(AF_UNIX);
    expect(connect(client, Buffer.from(`\x01\x00${path}\0`))).toBe(0);
    expect(readPeerCredentials(client)).toEqual({
      pid: process.pid,
      uid,
      gid,
      groups: supplementaryGroups(),
    });
  });

  it.each([
    { what: "a Unix socket without a peer", open: () => openSocket(AF_UNIX) },
    { what: "a TCP socket", open: () => openSocket(AF_INET) },
    { what: "no descriptor", open: () => -1 },
  ])("is undefined for $what", ({ open }) => {
    expect(readPeerCredentials(open())).toBeUndefined();
  });
});
