import { readFileSync } from "node:fs";
import { afterEach, describe, expect, it } from "vitest";
import { ERRNO } from "../../src/kernel/errno.ts";
import {
  close,
  getsockopt,
  nameOfInterface,
  receiveAsync,
  recv,
  sendto,
  setsockopt,
  setsockoptInt,
  socket,
} from "../../src/kernel/libc.ts";
import * as spec from "../../src/kernel/spec.ts";

const opened: number[] = [];

function openDatagramSocket(): number {
  const fd = socket(spec.AF_UNIX, spec.SOCK_DGRAM, 0);
  opened.push(fd);
  return fd;
}

afterEach(() => {
  for (const fd of opened.splice(0)) close(fd);
});

const into = Buffer.alloc(16);
const aMillisecond = new Uint8Array(BigInt64Array.of(0n, 1000n).buffer);

describe("libc", () => {
  it.each([
    { call: "close of no descriptor", run: () => close(-1), errno: ERRNO.EBADF },
    { call: "recv on no socket", run: () => recv(-1, into), errno: ERRNO.EBADF },
    { call: "socket of no family", run: () => socket(255, 1, 0), errno: ERRNO.EAFNOSUPPORT },
    {
      call: "recv with nothing there",
      run: () => recv(openDatagramSocket(), into, spec.MSG_DONTWAIT),
      errno: ERRNO.EAGAIN,
    },
    {
      call: "sendto an address that nobody has bound",
      run: () => sendto(openDatagramSocket(), into, Buffer.from("\x01\x00\0nobody-is-here")),
      errno: ERRNO.ECONNREFUSED,
    },
  ])("$call is minus the error number", ({ run, errno }) => {
    expect(run()).toBe(-errno);
  });

  it("tells the error number of a receive that waited on another thread", async () => {
    const fd = openDatagramSocket();
    setsockopt(fd, spec.SOL_SOCKET, spec.SO_RCVTIMEO, aMillisecond);
    expect(await receiveAsync(fd, into)).toBe(-ERRNO.EAGAIN);
  });

  it("reads back a socket option that it has set", () => {
    const fd = openDatagramSocket();
    expect(setsockoptInt(fd, spec.SOL_SOCKET, spec.SO_REUSEADDR, 1)).toBe(0);
    expect(getsockopt(fd, spec.SOL_SOCKET, spec.SO_REUSEADDR, into)).toBe(4);
    expect(into.readInt32LE(0)).toBe(1);
  });

  it("opens sockets that children do not inherit", () => {
    const flags = /^flags:\t(\d+)$/m.exec(
      readFileSync(`/proc/self/fdinfo/${openDatagramSocket()}`, "utf8"),
    );
    expect(Number.parseInt(flags?.[1] ?? "", 8) & spec.SOCK_CLOEXEC).not.toBe(0);
  });
});

describe("nameOfInterface", () => {
  it("names the loopback, which is the first of every network namespace", () => {
    expect(nameOfInterface(1)).toBe("lo");
  });

  it.each([0, 0x7fff_ffff])("has no name for number %i", (index) => {
    expect(nameOfInterface(index)).toBe("");
  });
});
