/**
 * The program behind {@link Agent}: does plain network acts inside a namespace when told to.
 *
 * Reads one JSON request a line, answers each with one JSON line of the same `id`. It lives as long
 * as its standard input.
 */
import { createSocket } from "node:dgram";
import { createConnection, type Socket } from "node:net";
import { createInterface } from "node:readline";
import type { AgentRequest, ConnectOutcome } from "./agent.ts";

const connections = new Map<number, Socket>();
/** Bytes that came on each kept connection. */
const received = new Map<number, string>();
const ended = new Set<number>();

const OUTCOMES: Readonly<Record<string, ConnectOutcome>> = {
  ECONNREFUSED: "refused",
  ECONNRESET: "refused",
  ETIMEDOUT: "silent",
};

/**
 * Calls `act` after so long unless it is called off. What has come by then is heard first: a busy
 * machine may not have let us hear of it in time, and that is no silence.
 */
function afterLastLook(ms: number, act: () => void): AbortController {
  const calledOff = new AbortController();
  setTimeout(() => {
    if (!calledOff.signal.aborted) setImmediate(() => calledOff.signal.aborted || act());
  }, ms);
  return calledOff;
}

function connect(request: AgentRequest & { act: "connect" }): Promise<ConnectOutcome> {
  const { promise, resolve } = Promise.withResolvers<ConnectOutcome>();
  const socket = createConnection({
    host: request.address,
    port: request.port,
    allowHalfOpen: true,
    ...(request.localAddress === undefined ? {} : { localAddress: request.localAddress }),
  });
  const givenUp = afterLastLook(request.timeoutMs, () => {
    socket.destroy();
    resolve("silent");
  });
  socket.on("error", (error: NodeJS.ErrnoException) => {
    givenUp.abort();
    resolve(OUTCOMES[error.code ?? ""] ?? "unreachable");
  });
  socket.once("connect", () => {
    givenUp.abort();
    if (request.keep) {
      connections.set(request.id, socket);
      received.set(request.id, "");
      socket.setEncoding("latin1");
      socket.on("data", (text: string) =>
        received.set(request.id, (received.get(request.id) ?? "") + text),
      );
      socket.on("end", () => ended.add(request.id));
    } else {
      // A reset leaves no TIME_WAIT, so that ten thousand checks do not use up the ports.
      socket.resetAndDestroy();
    }
    resolve("open");
  });
  return promise;
}

/** @returns the length of the echo, or undefined when none came in time. */
function askByUdp(request: AgentRequest & { act: "udp" }): Promise<number | undefined> {
  const { promise, resolve } = Promise.withResolvers<number | undefined>();
  const socket = createSocket(request.address.includes(":") ? "udp6" : "udp4");
  const finish = (bytes: number | undefined) => {
    givenUp.abort();
    socket.close();
    resolve(bytes);
  };
  const givenUp = afterLastLook(request.timeoutMs, () => finish(undefined));
  socket.on("message", (message) => finish(message.length));
  socket.on("error", () => finish(undefined));
  socket.send(Buffer.alloc(request.payloadBytes, 0x61), request.port, request.address);
  return promise;
}

async function obey(request: AgentRequest): Promise<unknown> {
  switch (request.act) {
    case "connect":
      return connect(request);
    case "udp":
      return askByUdp(request);
    case "send":
      connections.get(request.connection)?.write(request.text, "latin1");
      return true;
    case "received":
      return {
        text: received.get(request.connection) ?? "",
        isEnded: ended.has(request.connection),
      };
    case "close":
      connections.get(request.connection)?.destroySoon();
      return true;
    case "reset":
      connections.get(request.connection)?.resetAndDestroy();
      return true;
    case "end":
      connections.get(request.connection)?.end();
      return true;
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  const request = JSON.parse(line) as AgentRequest;
  void obey(request).then((answer) =>
    process.stdout.write(`${JSON.stringify({ id: request.id, answer })}\n`),
  );
}
process.exit(0);
