import { createSocket } from "node:dgram";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { type AddressInfo, connect, createServer, type Server } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { close, getsockname } from "../../src/kernel/libc.ts";
import {
  type ListenerOutcome,
  openTcpListener,
  openUdpSocket,
} from "../../src/kernel/listeners.ts";

const atEnd: (() => unknown)[] = [];
afterEach(() => {
  for (const release of atEnd.splice(0)) release();
});

function fdOf(outcome: ListenerOutcome): number {
  if (outcome.status !== "open") throw new Error(`not open: ${outcome.status}`);
  return outcome.fd;
}

async function serve(fd: number): Promise<{ server: Server; port: number }> {
  const server = createServer();
  server.listen({ fd });
  atEnd.push(() => server.close());
  await once(server, "listening");
  return { server, port: (server.address() as AddressInfo).port };
}

/** Connections of the port in state TIME_WAIT (06 in /proc/net/tcp6). */
function socketsInTimeWait(port: number): number {
  const local = `:${port.toString(16).toUpperCase().padStart(4, "0")} `;
  const lines = ["tcp", "tcp6"].flatMap((file) =>
    readFileSync(`/proc/net/${file}`, "utf8").split("\n"),
  );
  return lines.filter((line) => {
    const [, at = "", , state] = line.trim().split(/\s+/);
    return state === "06" && `${at} `.endsWith(local);
  }).length;
}

describe("openTcpListener", () => {
  it.each(["127.0.0.1", "::1"])("takes connections to %s", async (address) => {
    const { server, port } = await serve(fdOf(openTcpListener(0)));
    const client = connect(port, address);
    atEnd.push(() => client.destroy());
    const [accepted] = await once(server, "connection");
    atEnd.push(() => accepted.destroy());
    expect(accepted.localPort).toBe(port);
  });

  it("says in-use while somebody listens on the port, and opens it afterwards", async () => {
    const first = fdOf(openTcpListener(0));
    const { server, port } = await serve(first);
    expect(openTcpListener(port)).toEqual({ status: "in-use" });
    server.close();
    await once(server, "close");
    const again = openTcpListener(port);
    atEnd.push(() => close(fdOf(again)));
    expect(again.status).toBe("open");
  });

  it("opens a port again though its last connections linger in TIME_WAIT", async () => {
    const { server, port } = await serve(fdOf(openTcpListener(0)));
    const client = connect(port, "127.0.0.1");
    const [accepted] = await once(server, "connection");
    // Who ends first keeps the TIME_WAIT.
    accepted.end();
    await once(client.resume(), "close");
    server.close();
    await once(server, "close");
    expect(socketsInTimeWait(port)).toBeGreaterThan(0);
    atEnd.push(() => close(fdOf(again)));
    const again = openTcpListener(port);
    expect(again.status).toBe("open");
  });

  it("lets as many connections wait as the kernel allows", async () => {
    const fd = fdOf(openTcpListener(0));
    atEnd.push(() => close(fd));
    const address = Buffer.alloc(28);
    getsockname(fd, address);
    const somaxconn = Number(readFileSync("/proc/sys/net/core/somaxconn", "utf8"));
    // More than Node's own 511 and PortSentry's 5; nobody accepts them.
    const clients = Array.from({ length: Math.min(1500, somaxconn) }, () => {
      const client = connect(address.readUInt16BE(2), "127.0.0.1");
      atEnd.push(() => client.destroy());
      return once(client, "connect");
    });
    await Promise.all(clients);
  });

  it("keeps no descriptor of a port that is in use", async () => {
    const { port } = await serve(fdOf(openTcpListener(0)));
    const before = readdirSync("/proc/self/fd").length;
    for (let attempt = 0; attempt < 100; attempt += 1) openTcpListener(port);
    // What else this process opens meanwhile is far less.
    expect(readdirSync("/proc/self/fd").length - before).toBeLessThan(20);
  });

  it("says in-use when only an IPv4 address of the port is taken", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    atEnd.push(() => server.close());
    await once(server, "listening");
    expect(openTcpListener((server.address() as AddressInfo).port)).toEqual({ status: "in-use" });
  });
});

describe("openUdpSocket", () => {
  it("takes datagrams to IPv4 and does not share its port", async () => {
    const fd = fdOf(openUdpSocket(0));
    const receiver = createSocket("udp6");
    const sender = createSocket("udp4");
    atEnd.push(
      () => receiver.close(),
      () => sender.close(),
    );
    receiver.bind({ fd });
    const { port } = receiver.address();
    expect(openUdpSocket(port)).toEqual({ status: "in-use" });
    sender.send("hello", port, "127.0.0.1");
    const [bytes] = await once(receiver, "message");
    expect(String(bytes)).toBe("hello");
  });
});
