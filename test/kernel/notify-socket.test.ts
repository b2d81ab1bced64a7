import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { bind, close, recv, socket } from "../../src/kernel/libc.ts";
import { NotifySocket } from "../../src/kernel/notify-socket.ts";
import { AF_UNIX, MSG_DONTWAIT, SOCK_DGRAM } from "../../src/kernel/spec.ts";

let folder: string;
let manager: number;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "vedette-notify-"));
  manager = socket(AF_UNIX, SOCK_DGRAM, 0);
});
afterEach(() => {
  close(manager);
  rmSync(folder, { recursive: true });
});

/** What has come, or undefined. */
function received(): string | undefined {
  const into = Buffer.alloc(4096);
  const bytes = recv(manager, into, MSG_DONTWAIT);
  return bytes < 0 ? undefined : into.toString("utf8", 0, bytes);
}

describe("NotifySocket", () => {
  it("sends to a path", () => {
    const path = join(folder, "notify");
    bind(manager, Buffer.from(`\x01\x00${path}\0`));
    expect(new NotifySocket(path).send("READY=1\nSTATUS=Guarding.")).toBe(true);
    expect(received()).toBe("READY=1\nSTATUS=Guarding.");
  });

  it("sends to an abstract name", () => {
    const name = `vedette-notify-${process.pid}`;
    bind(manager, Buffer.from(`\x01\x00\0${name}`));
    expect(new NotifySocket(`@${name}`).send("WATCHDOG=1")).toBe(true);
    expect(received()).toBe("WATCHDOG=1");
  });

  it.each(["", "relative", `/${"x".repeat(107)}`, "/nobody/listens/here"])(
    "sends nothing to %j",
    (name) => {
      expect(new NotifySocket(name).send("READY=1")).toBe(false);
    },
  );
});
