import { connect } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { close } from "../../src/kernel/libc.ts";
import { openTcpListener } from "../../src/kernel/listeners.ts";
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

function startSensor() {
  const socket = listen();
  const seen: Seen[] = [];
  const sensor = new TcpListenerSensor([socket], () => 0);
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
    await waitFor("a probe", 5000, () => seen.length === 1);
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
    await waitFor("twenty probes", 5000, () => seen.length === 20);
    expect(new Set(seen.map(({ source }) => source))).toEqual(new Set(["127.0.0.1"]));
    expect(new Set(seen.map(({ sourcePort }) => sourcePort)).size).toBe(20);
  });

  it("takes more connections than one turn allows", async () => {
    const { port, seen, sensor } = startSensor();
    const clients = Array.from({ length: 200 }, () => connect({ host: "127.0.0.1", port }));
    for (const client of clients) client.on("error", () => {});
    await waitFor("two hundred probes", 5000, () => seen.length === 200);
    expect(sensor.counts()).toEqual({ probes: 200, lost: 0, malformed: 0 });
    for (const client of clients) client.destroy();
  });
});
