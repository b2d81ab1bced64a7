import { mkdtempSync, rmSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { joinGuard } from "../../src/daemon/join-client.ts";
import type { JoinAnswer, JoinRequest } from "../../src/daemon/join-protocol.ts";
import { JoinServer } from "../../src/daemon/join-server.ts";
import { openUnixListener } from "../../src/kernel/unix-listener.ts";
import { waitFor } from "../support/wait-for.ts";

const REQUEST: JoinRequest = {
  request: "join",
  transport: "udp",
  mode: "audp",
  configPath: "/etc/portsentry/portsentry.conf",
};

let directory: string;
let server: JoinServer | undefined;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "vedette-join-"));
});
afterEach(() => {
  server?.close();
  server = undefined;
  rmSync(directory, { recursive: true });
});

/** Serves, and remembers what it was asked and who has left. */
function serve(onJoin: (pid: number) => Promise<JoinAnswer>): string[] {
  const told: string[] = [];
  server = new JoinServer({
    fd: openUnixListener(join(directory, "join.sock"), {
      modeBits: 0o600,
      uid: process.getuid?.() ?? 0,
      gid: process.getgid?.() ?? 0,
    }),
    onJoin: (request, pid) => {
      told.push(`${request.transport} by ${request.mode}`);
      return onJoin(pid);
    },
    onLeave: (transport) => told.push(`left ${transport}`),
  });
  server.start();
  return told;
}

const joined = async (): Promise<JoinAnswer> => ({ status: "joined", pid: 100 });

/** Says this, and waits until the connection is closed. */
function say(text: string): Promise<string> {
  return new Promise((resolve) => {
    let heard = "";
    const socket: Socket = connect(join(directory, "join.sock"), () => socket.write(text));
    socket.setEncoding("utf8").on("data", (part: string) => {
      heard += part;
    });
    socket.on("error", () => {}).on("close", () => resolve(heard));
  });
}

describe("JoinServer and joinGuard", () => {
  it("join, and leave when the connection closes", async () => {
    let askedBy = 0;
    const told = serve(async (pid) => {
      askedBy = pid;
      return joined();
    });
    const hold = await joinGuard(directory, REQUEST);
    expect(hold?.pid).toBe(100);
    expect(askedBy).toBe(process.pid);
    expect(told).toEqual(["udp by audp"]);
    hold?.leave();
    await hold?.ended;
    await waitFor("the leaving", 30_000, () => told.includes("left udp"));
  });

  it("refuse in the words and by the code of the guard", async () => {
    const told = serve(async () => ({
      status: "refused",
      code: "ERR_ALREADY_RUNNING",
      message: "no",
    }));
    await expect(joinGuard(directory, REQUEST)).rejects.toMatchObject({
      code: "ERR_ALREADY_RUNNING",
      message: "no",
    });
    expect(told).toEqual(["udp by audp"]);
  });

  it("find nobody where nobody listens", async () => {
    expect(await joinGuard(directory, REQUEST)).toBeUndefined();
  });

  it("leave when whoever asked has gone before the answer", async () => {
    const answer = Promise.withResolvers<JoinAnswer>();
    const told = serve(() => answer.promise);
    const socket = connect(join(directory, "join.sock"));
    socket.write(`${JSON.stringify(REQUEST)}\n`);
    await waitFor("the question", 30_000, () => told.length === 1);
    const gone = new Promise((resolve) => socket.once("close", resolve));
    socket.destroy();
    await gone;
    answer.resolve({ status: "joined", pid: 100 });
    await waitFor("the leaving", 30_000, () => told.includes("left udp"));
    expect(told).toEqual(["udp by audp", "left udp"]);
  });

  it.each([
    { what: "no JSON", text: "join\n" },
    { what: "another request", text: `${JSON.stringify({ ...REQUEST, request: "leave" })}\n` },
    { what: "a field too many", text: `${JSON.stringify({ ...REQUEST, uid: 0 })}\n` },
    { what: "a mode that there is not", text: `${JSON.stringify({ ...REQUEST, mode: "sctp" })}\n` },
    { what: "a line without end", text: "x".repeat(8193) },
  ])("close on $what, unanswered", async ({ text }) => {
    const told = serve(joined);
    expect(await say(text)).toBe("");
    expect(told).toEqual([]);
  });

  it("close on a second request, which ends the first", async () => {
    const told = serve(joined);
    const line = `${JSON.stringify(REQUEST)}\n`;
    await say(line + line);
    await waitFor("the leaving", 30_000, () => told.includes("left udp"));
    expect(told).toEqual(["udp by audp", "left udp"]);
  });
});
