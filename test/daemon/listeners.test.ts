import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { requireConfiguration } from "../../src/config/load.ts";
import { openListeners } from "../../src/daemon/listeners.ts";
import { HealthTracker } from "../../src/health/tracker.ts";
import { close } from "../../src/kernel/libc.ts";

const atEnd: (() => unknown)[] = [];
afterEach(() => {
  for (const release of atEnd.splice(0)) release();
});

/** A port that a service has. */
async function take(): Promise<number> {
  const server = createServer().listen(0, "::");
  atEnd.push(() => server.close());
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

/** A port that nobody has. */
async function free(): Promise<number> {
  const server = createServer().listen(0, "::");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

function open(overrides: Record<string, string>, isKernelSensing = true) {
  const health = new HealthTracker(
    () => 0,
    () => undefined,
  );
  const configuration = requireConfiguration({ overrides });
  const sockets = openListeners(configuration, isKernelSensing, health);
  atEnd.push(() => sockets.map(({ fd }) => close(fd)));
  return { sockets, problems: health.list() };
}

describe("openListeners", () => {
  it("opens what is free, and leaves to a service what it has, with a notice", async () => {
    const [taken, ...ports] = [await take(), await free(), await free()];
    const TCP_PORTS = [taken, ...ports].join();
    const { sockets, problems } = open({ TCP_MODE: "tcp", UDP_MODE: "", TCP_PORTS });
    const opened = sockets.flatMap((socket) => (socket.kind === "tcp-listener" ? [socket] : []));
    expect(opened.map(({ port }) => port)).toEqual([...ports].sort((a, b) => a - b));
    expect(problems).toMatchObject([
      {
        code: "no-listeners",
        severity: "notice",
        text: `These ports are not listened to: tcp ${taken} (in use).`,
      },
    ]);
  });

  it("warns when nothing of a transport is left", async () => {
    const [taken, udp] = [await take(), await free()];
    const ports = { TCP_PORTS: `${taken}`, UDP_PORTS: `${udp}` };
    const { sockets, problems } = open({ TCP_MODE: "connect", UDP_MODE: "connect", ...ports });
    expect(sockets).toMatchObject([{ kind: "udp-listener", port: udp }]);
    expect(problems).toMatchObject([
      {
        severity: "warning",
        text: `These ports are not listened to: tcp ${taken} (in use). Nothing is watched of tcp.`,
      },
    ]);
  });

  it("has nothing to say when all are open, and in modes without listeners", async () => {
    const TCP_PORTS = `${await free()}`;
    expect(open({ TCP_MODE: "tcp", UDP_MODE: "", TCP_PORTS }).problems).toEqual([]);
    expect(open({ TCP_MODE: "stcp", TCP_PORTS })).toEqual({ sockets: [], problems: [] });
  });

  it("opens listeners in every mode where the kernel cannot sense", async () => {
    const TCP_PORTS = `${await free()}`;
    expect(open({ TCP_MODE: "stcp", UDP_MODE: "", TCP_PORTS }, false).sockets).toHaveLength(1);
  });
});
