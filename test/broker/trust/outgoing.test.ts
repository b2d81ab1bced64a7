import { describe, expect, it } from "vitest";
import { SocketView } from "../../../src/broker/socket-view.ts";
import { MAX_HOSTS, OutgoingHosts } from "../../../src/broker/trust/outgoing.ts";
import { connection, FakeSockets, listener } from "../fake-sockets.ts";
import { FakeClock } from "../fakes.ts";
import { prefixesOf } from "./fake-files.ts";

function open() {
  const clock = new FakeClock();
  const sockets = new FakeSockets();
  sockets.listeners = [listener({ port: 22 })];
  const view = new SocketView(sockets, clock);
  const source = new OutgoingHosts({ ephemeral: { first: 32_768, last: 60_999 } }, view, clock);
  return { clock, sockets, source };
}

describe("OutgoingHosts", () => {
  it.each([
    { what: "a connection to a service", given: {}, isTrusted: true },
    {
      what: "a connection that is being opened",
      given: { state: "syn-sent", remotePort: 50_000 },
      isTrusted: true,
    },
    {
      what: "a connection that the last system user opens",
      given: { state: "syn-sent", uid: 999 },
      isTrusted: true,
    },
    {
      what: "a connection that the first person opens, and nobody has answered",
      given: { state: "syn-sent", uid: 1000 },
      isTrusted: false,
    },
    { what: "a person's connection to a service", given: { uid: 1000 }, isTrusted: true },
    { what: "a client of ours", given: { port: 22, remotePort: 443 }, isTrusted: false },
    { what: "a client's data connection", given: { remotePort: 50_000 }, isTrusted: false },
    { what: "a connection being closed", given: { state: "fin-wait-1" }, isTrusted: false },
    { what: "the port below the ephemeral ones", given: { remotePort: 32_767 }, isTrusted: true },
    { what: "the first ephemeral port", given: { remotePort: 32_768 }, isTrusted: false },
    { what: "the last ephemeral port", given: { remotePort: 60_999 }, isTrusted: false },
    { what: "the port above the ephemeral ones", given: { remotePort: 61_000 }, isTrusted: true },
  ] as const)("$what: trusted=$isTrusted", ({ given, isTrusted }) => {
    const { sockets, source } = open();
    sockets.connected = [connection(given)];
    expect(prefixesOf(source.read())).toEqual(isTrusted ? ["192.0.2.7/32"] : []);
  });

  it("does not take a client for a server while its service restarts", () => {
    const { clock, sockets, source } = open();
    source.read();
    sockets.listeners = [];
    sockets.connected = [connection({ port: 22 })];
    clock.advance(86_399_999);
    expect(prefixesOf(source.read())).toEqual([]);
  });

  it("remembers for ten minutes after the last connection was seen", () => {
    const { clock, sockets, source } = open();
    sockets.connected = [connection()];
    source.read();
    clock.advance(300_000);
    source.read();
    sockets.connected = [];
    clock.advance(599_999);
    expect(prefixesOf(source.read())).toEqual(["192.0.2.7/32"]);
    clock.advance(1000);
    expect(prefixesOf(source.read())).toEqual([]);
  });

  it("forgets the idlest when it remembers too many", () => {
    const { clock, sockets, source } = open();
    sockets.connected = [
      connection({ remoteAddress: "192.0.2.1" }),
      connection({ remoteAddress: "192.0.2.2" }),
    ];
    source.read();
    clock.advance(1000);
    sockets.connected = [connection({ remoteAddress: "192.0.2.1" }), ...crowd(MAX_HOSTS - 1)];
    const found = prefixesOf(source.read());
    expect(found).toHaveLength(MAX_HOSTS);
    expect(found).toContain("192.0.2.1/32");
    expect(found).not.toContain("192.0.2.2/32");
  });

  it("lets no user push out the hosts of another who has fewer", () => {
    const { clock, sockets, source } = open();
    sockets.connected = [
      connection({ remoteAddress: "192.0.2.1", uid: 0 }),
      connection({ remoteAddress: "192.0.2.2", uid: 1000 }),
    ];
    source.read();
    clock.advance(1000);
    sockets.connected = crowd(MAX_HOSTS + 100, 1001);
    const found = prefixesOf(source.read());
    expect(found).toHaveLength(MAX_HOSTS);
    expect(found).toEqual(expect.arrayContaining(["192.0.2.1/32", "192.0.2.2/32"]));
  });
});

/** Connections of one user to so many hosts. */
function crowd(hosts: number, uid = 0) {
  return Array.from({ length: hosts }, (_, index) =>
    connection({ remoteAddress: `10.0.${index >> 8}.${index & 255}`, uid }),
  );
}
