import { describe, expect, it } from "vitest";
import { ServiceSessions } from "../../src/daemon/service-sessions.ts";
import { OperationalError } from "../../src/errors.ts";
import type { ConnectionFilter, Listener } from "../../src/kernel/sock-diag.ts";
import type { IpAddress } from "../../src/net/ip-address.ts";
import { type Prefix, parsePrefix } from "../../src/net/prefix.ts";
import { FakeClock } from "../support/fake-clock.ts";

const CLIENT = parsePrefix("192.0.2.7") as Prefix;

const socket = { address: "198.51.100.1" as IpAddress, uid: 0, inode: 1, interfaceIndex: 0 };

const listener = (port: number, transport: Listener["transport"] = "tcp"): Listener => ({
  ...socket,
  port,
  transport,
  isV6Only: false,
});

/** A kernel with these sockets, and what it was asked. */
function scene(listeners: Listener[], connected: readonly number[]) {
  const clock = new FakeClock();
  const asked: ConnectionFilter[] = [];
  const told: string[] = [];
  const kernel = { listeners, connected, listings: 0, fails: false };
  const sut = new ServiceSessions({
    table: {
      open: () => {},
      listening: () => {
        kernel.listings += 1;
        return kernel.listeners;
      },
      connectedPorts: (filter) => {
        if (kernel.fails) throw new OperationalError("ERR_UNAVAILABLE", "the kernel says no");
        asked.push(filter);
        return new Set(kernel.connected);
      },
    },
    trapPorts: new Set([2323]),
    clock,
    health: {
      raise: (code) => told.push(`raise ${code}`),
      clear: (code) => told.push(`clear ${code}`),
    },
  });
  return { sut, clock, kernel, asked, told };
}

describe("ServiceSessions", () => {
  it.each([
    { what: "two services", listening: [22, 443], connected: [443, 22, 22], ports: [22, 443] },
    { what: "nothing", listening: [22], connected: [], ports: [] },
    {
      what: "no service, because this machine has opened it",
      listening: [22],
      connected: [51_000],
      ports: [],
    },
    { what: "a listener of ours", listening: [22, 2323], connected: [2323], ports: [] },
  ])("counts a connection to $what as $ports", ({ listening, connected, ports }) => {
    const { sut } = scene(
      listening.map((port) => listener(port)),
      connected,
    );
    expect(sut.portsOf(CLIENT)).toEqual(ports);
  });

  it("asks after that source alone, and not after what is half open", () => {
    const { sut, asked } = scene([listener(22)], []);
    sut.portsOf(CLIENT);
    expect(asked).toHaveLength(1);
    expect(asked[0]?.remote).toBe(CLIENT);
    expect(asked[0]?.states).not.toContain("syn-received");
    expect(asked[0]?.states).not.toContain("syn-sent");
    expect(asked[0]?.states).toContain("time-wait");
  });

  it("takes a UDP port for no service of a TCP connection", () => {
    const { sut } = scene([listener(53, "udp")], [53]);
    expect(sut.portsOf(CLIENT)).toEqual([]);
  });

  it.each([
    { what: "for ten minutes", afterMs: 599_999, ports: [22] },
    { what: "and no longer", afterMs: 600_000, ports: [] },
  ])("remembers a service that has gone $what", ({ afterMs, ports }) => {
    const { sut, clock, kernel } = scene([listener(22)], [22]);
    sut.portsOf(CLIENT);
    kernel.listeners = [];
    clock.advance(afterMs);
    expect(sut.portsOf(CLIENT)).toEqual(ports);
  });

  it("asks twenty times a second at the most, and lists the listeners once", () => {
    const { sut, clock, kernel, asked } = scene([listener(22)], [22]);
    const answers = Array.from({ length: 25 }, () => sut.portsOf(CLIENT));
    expect(answers.filter((ports) => ports !== undefined)).toHaveLength(20);
    expect(asked).toHaveLength(20);
    expect(kernel.listings).toBe(1);
    clock.advance(1000);
    expect(sut.portsOf(CLIENT)).toEqual([22]);
  });

  it("does not know when the kernel does not say, tells so, and takes it back", () => {
    const { sut, kernel, told } = scene([listener(22)], [22]);
    kernel.fails = true;
    expect(sut.portsOf(CLIENT)).toBeUndefined();
    kernel.fails = false;
    expect(sut.portsOf(CLIENT)).toEqual([22]);
    expect(told).toEqual(["raise sessions-unknown", "clear sessions-unknown"]);
  });
});
