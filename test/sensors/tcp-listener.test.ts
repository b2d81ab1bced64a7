import { once } from "node:events";
import { readdirSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { close } from "../../src/kernel/libc.ts";
import { openTcpListener } from "../../src/kernel/listeners.ts";
import { MAX_PARTING } from "../../src/kernel/parting-connections.ts";
import type { Probe } from "../../src/model/probe.ts";
import { formatWords } from "../../src/net/address-words.ts";
import { TcpListenerSensor } from "../../src/sensors/tcp-listener.ts";
import { waitFor } from "../support/wait-for.ts";

/** What is kept of a probe, which is reused. */
type Seen = Pick<Probe, "port" | "kind" | "evidence" | "sourcePort"> & { source: string };

const open: { fd: number; sensor: TcpListenerSensor }[] = [];

/** A free port; the next guard of this machine may have the first ones. */
function listen(): { fd: number; port: number } {
  for (let port = 20_000; port < 20_100; port++) {
    const outcome = openTcpListener(port);
    if (outcome.status === "open") return { fd: outcome.fd, port };
  }
  throw new Error("no port is free");
}

function startSensor(banner?: string) {
  const socket = listen();
  const seen: Seen[] = [];
  const sensor = new TcpListenerSensor([socket], () => 0, banner);
  sensor.start(({ source, port, kind, evidence, sourcePort }) =>
    seen.push({ source: formatWords(source), port, kind, evidence, sourcePort }),
  );
  open.push({ fd: socket.fd, sensor });
  return { port: socket.port, seen, sensor };
}

afterEach(async () => {
  for (const { fd, sensor } of open.splice(0)) {
    await sensor.stop();
    close(fd);
  }
});

describe("TcpListenerSensor", () => {
  it.each([
    { host: "127.0.0.1", source: "127.0.0.1" },
    { host: "::1", source: "::1" },
  ])("sees who connects over $host, as proven", async ({ host, source }) => {
    const { port, seen } = startSensor();
    const client = connect({ host, port });
    client.on("error", () => {});
    await waitFor("a probe", 30_000, () => seen.length === 1);
    expect(seen).toMatchObject([{ source, port, kind: "tcp-connect", evidence: "proven" }]);
    client.destroy();
  });

  it("knows who connected though the connection was reset at once", async () => {
    const { port, seen } = startSensor();
    for (let n = 0; n < 20; n++) {
      const client = connect({ host: "127.0.0.1", port });
      client.on("error", () => {});
      client.on("connect", () => client.resetAndDestroy());
    }
    await waitFor("twenty probes", 30_000, () => seen.length === 20);
    expect(new Set(seen.map(({ source }) => source))).toEqual(new Set(["127.0.0.1"]));
    expect(new Set(seen.map(({ sourcePort }) => sourcePort)).size).toBe(20);
  });

  it("takes more connections than one turn allows", async () => {
    const { port, seen, sensor } = startSensor();
    const clients = Array.from({ length: 200 }, () => connect({ host: "127.0.0.1", port }));
    for (const client of clients) client.on("error", () => {});
    await waitFor("two hundred probes", 30_000, () => seen.length === 200);
    expect(sensor.counts()).toEqual({ probes: 200, lost: 0, malformed: 0 });
    for (const client of clients) client.destroy();
  });
});

const BANNER = "*** UNAUTHORIZED ACCESS PROHIBITED ***";

/** Everything that comes until the other side ends. @throws {Error} when it resets. */
async function readAll(client: Socket): Promise<string> {
  let text = "";
  client.setEncoding("utf8").on("data", (piece: string) => {
    text += piece;
  });
  await once(client, "end");
  return text;
}

/** Descriptors that this process has, its clients' included. */
const descriptors = () => readdirSync("/proc/self/fd").length;

describe("TcpListenerSensor with a banner", () => {
  it.each(["127.0.0.1", "::1"])("sends it as it is over %s, and ends", async (host) => {
    const { port, seen } = startSensor(BANNER);
    const client = connect({ host, port });
    expect(await readAll(client)).toBe(BANNER);
    expect(seen).toMatchObject([{ port, kind: "tcp-connect", evidence: "proven" }]);
  });

  it("loses nothing of it to who speaks first, and goes on speaking", async () => {
    const { port } = startSensor(BANNER);
    const client = connect({ host: "127.0.0.1", port, allowHalfOpen: true });
    client.on("connect", () => client.write("GET / HTTP/1.0\r\n\r\n"));
    const text = readAll(client);
    await once(client, "readable");
    for (let n = 0; n < 20; n++) client.write("more\r\n");
    expect(await text).toBe(BANNER);
    client.end();
    await once(client, "close");
  });

  it("keeps a bounded number of connections that nobody reads, and not for long", async () => {
    const { port, seen, sensor } = startSensor(BANNER);
    const many = 2 * MAX_PARTING;
    const before = descriptors();
    const clients = Array.from({ length: many }, () => {
      const client = connect({ host: "127.0.0.1", port, allowHalfOpen: true });
      return client.pause().on("error", () => {});
    });
    await waitFor("all probes", 30_000, () => seen.length === many);
    expect(descriptors() - before).toBeLessThanOrEqual(many + MAX_PARTING);
    await waitFor("all to be closed", 30_000, () => descriptors() - before <= many);
    expect(sensor.counts()).toMatchObject({ probes: many, lost: 0 });
    for (const client of clients) client.destroy();
  });

  it("closes a connection that sends for ever", async () => {
    const { port, seen } = startSensor(BANNER);
    const client = connect({ host: "127.0.0.1", port, allowHalfOpen: true });
    client.on("connect", function send() {
      while (client.writable && client.write(Buffer.alloc(65_536)));
      client.once("drain", send);
    });
    const [error] = await once(client, "error");
    expect(error.code).toMatch(/ECONNRESET|EPIPE/);
    expect(seen).toHaveLength(1);
  });

  it("sees who resets at once, and goes on", async () => {
    const { port, seen } = startSensor(BANNER);
    for (let n = 0; n < 20; n++) {
      const client = connect({ host: "127.0.0.1", port });
      client.on("error", () => {});
      client.on("connect", () => client.resetAndDestroy());
    }
    await waitFor("twenty probes", 30_000, () => seen.length === 20);
    expect(await readAll(connect({ host: "127.0.0.1", port }))).toBe(BANNER);
  });

  it("sends nothing when there is none", async () => {
    const { port } = startSensor();
    expect(await readAll(connect({ host: "127.0.0.1", port }))).toBe("");
  });
});
