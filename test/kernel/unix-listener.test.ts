import { once } from "node:events";
import { existsSync, lstatSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { close } from "../../src/kernel/libc.ts";
import { isAnsweredOn, openUnixListener } from "../../src/kernel/unix-listener.ts";

const uid = process.getuid?.() as number;
const gid = process.getgid?.() as number;
const access = { modeBits: 0o660, uid, gid };

let folder: string;
let path: string;
const opened: number[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "vedette-listener-"));
  path = join(folder, "socket");
});
afterEach(() => {
  for (const fd of opened.splice(0)) close(fd);
  rmSync(folder, { recursive: true });
});

function open(at = path, options = access): number {
  const fd = openUnixListener(at, options);
  opened.push(fd);
  return fd;
}

describe("openUnixListener", () => {
  it("makes a socket with exactly the bits asked for, whatever the umask", () => {
    open(path, { ...access, modeBits: 0o666 });
    const status = lstatSync(path);
    expect(status.isSocket()).toBe(true);
    expect((status.mode & 0o777).toString(8)).toBe("666");
  });

  it("gives a descriptor that a server accepts on", async () => {
    const server = createServer().listen({ fd: openUnixListener(path, access) });
    const client = connect(path);
    const [accepted] = await once(server, "connection");
    client.destroy();
    accepted.destroy();
    server.close();
    expect(existsSync(path)).toBe(true);
  });

  it("replaces the socket that a killed process has left", () => {
    close(openUnixListener(path, access));
    expect(open()).toBeGreaterThan(2);
  });

  it("refuses with ERR_ALREADY_RUNNING while somebody listens, and leaves the file", () => {
    open();
    const inode = lstatSync(path).ino;
    expect(() => open()).toThrow(expect.objectContaining({ code: "ERR_ALREADY_RUNNING" }));
    expect(lstatSync(path).ino).toBe(inode);
  });

  it("leaves a file that is no socket where it is", () => {
    writeFileSync(path, "somebody's file");
    expect(() => open()).toThrow(expect.objectContaining({ code: "ERR_UNAVAILABLE" }));
    expect(lstatSync(path).isFile()).toBe(true);
  });

  it.each([
    { bytes: 107, outcome: "is taken" },
    { bytes: 108, outcome: "is refused" },
  ])("a path of $bytes bytes $outcome", ({ bytes }) => {
    const long = join(folder, "x".repeat(bytes - folder.length - 1));
    if (bytes === 107) expect(open(long)).toBeGreaterThan(2);
    else expect(() => open(long)).toThrow("1 to 107 bytes");
  });

  it("names the directory that is missing", () => {
    const nowhere = join(folder, "nowhere", "socket");
    expect(() => open(nowhere)).toThrow(
      expect.objectContaining({
        code: "ERR_UNAVAILABLE",
        message: expect.stringContaining(nowhere),
      }),
    );
  });
});

describe("isAnsweredOn", () => {
  it("is true while somebody listens, and leaves the socket to him", () => {
    const fd = openUnixListener(path, access);
    expect(isAnsweredOn(path)).toBe(true);
    expect(isAnsweredOn(path)).toBe(true);
    close(fd);
    expect(isAnsweredOn(path)).toBe(false);
    expect(existsSync(path)).toBe(true);
  });

  it("is false where there is nothing, or no socket", () => {
    expect(isAnsweredOn(path)).toBe(false);
    writeFileSync(path, "somebody's file");
    expect(isAnsweredOn(path)).toBe(false);
    expect(isAnsweredOn(join(path, "below"))).toBe(false);
  });
});
