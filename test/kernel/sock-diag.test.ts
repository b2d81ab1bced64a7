import { createSocket, type Socket as DatagramSocket } from "node:dgram";
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SocketTable } from "../../src/kernel/sock-diag.ts";
import { type Prefix, parsePrefix } from "../../src/net/prefix.ts";

const table = new SocketTable();
const server: Server = createServer();
const dualStack: Server = createServer();
const datagrams: DatagramSocket = createSocket("udp4");
let client: Socket;
let accepted: Socket;
let port: number;
let clientPort: number;

beforeAll(async () => {
  table.open();
  server.listen(0, "127.0.0.1");
  dualStack.listen(0, "::");
  datagrams.bind(0, "127.0.0.1");
  await Promise.all([
    once(server, "listening"),
    once(dualStack, "listening"),
    once(datagrams, "listening"),
  ]);
  port = (server.address() as AddressInfo).port;
  client = connect(port, "127.0.0.1");
  [accepted] = (await once(server, "connection")) as [Socket];
  clientPort = accepted.remotePort as number;
});

afterAll(() => {
  client.destroy();
  accepted.destroy();
  server.close();
  dualStack.close();
  datagrams.close();
  table.close();
});

describe("SocketTable.listening", () => {
  it("finds a TCP listener with its address, owner and inode", () => {
    const found = table.listening().filter((listener) => listener.port === port);
    expect(found).toEqual([
      {
        transport: "tcp",
        address: "127.0.0.1",
        port,
        uid: process.getuid?.(),
        inode: expect.any(Number),
        interfaceIndex: 0,
        isV6Only: false,
      },
    ]);
    expect(found[0]?.inode).toBeGreaterThan(0);
  });

  it("finds a dual-stack listener and says that it takes IPv4 as well", () => {
    const { port: dualPort } = dualStack.address() as AddressInfo;
    const found = table.listening().find((listener) => listener.port === dualPort);
    expect(found).toMatchObject({ transport: "tcp", address: "::", isV6Only: false });
  });

  it("says that an IPv6-only listener takes IPv6 only", async () => {
    const ipv6Only = createServer().listen({ port: 0, host: "::", ipv6Only: true });
    await once(ipv6Only, "listening");
    const { port: ipv6Port } = ipv6Only.address() as AddressInfo;
    const found = table.listening().find((listener) => listener.port === ipv6Port);
    ipv6Only.close();
    expect(found).toMatchObject({ address: "::", isV6Only: true });
  });

  it("finds a bound UDP socket, and not once it is connected", async () => {
    const udpPort = datagrams.address().port;
    const find = () =>
      table
        .listening()
        .find((listener) => listener.transport === "udp" && listener.port === udpPort);
    expect(find()).toMatchObject({ address: "127.0.0.1" });
    datagrams.connect(9, "127.0.0.1");
    await once(datagrams, "connect");
    expect(find()).toBeUndefined();
  });
});

describe("SocketTable.connections", () => {
  const ends = (remote?: Prefix) =>
    table
      .connections({ states: ["established"], ...(remote === undefined ? {} : { remote }) })
      .filter((connection) => [connection.port, connection.remotePort].includes(port))
      .map((connection) => [connection.port, connection.remotePort]);

  it("finds both ends of a connection on loopback", () => {
    expect(ends()).toHaveLength(2);
    expect(ends()).toEqual(
      expect.arrayContaining([
        [port, clientPort],
        [clientPort, port],
      ]),
    );
  });

  it("leaves out the states that are not asked for", () => {
    const waiting = table.connections({ states: ["time-wait", "syn-sent"] });
    expect(waiting.filter((connection) => connection.port === port)).toEqual([]);
  });

  it.each([
    { remote: "127.0.0.1/32", found: 2 },
    { remote: "127.0.0.0/8", found: 2 },
    { remote: "0.0.0.0/0", found: 2 },
    { remote: "127.0.0.2/32", found: 0 },
    { remote: "192.0.2.0/24", found: 0 },
    { remote: "2001:db8::/32", found: 0 },
  ])("finds $found ends with a remote address of $remote", ({ remote, found }) => {
    expect(ends(parsePrefix(remote))).toHaveLength(found);
  });

  it("finds an IPv4 peer of a dual-stack listener, as an IPv4 address", async () => {
    const { port: dualPort } = dualStack.address() as AddressInfo;
    const peer = connect(dualPort, "127.0.0.1");
    const [end] = (await once(dualStack, "connection")) as [Socket];
    const remote = parsePrefix("127.0.0.1/32") as Prefix;
    const found = table.connections({ remote }).find((connection) => connection.port === dualPort);
    peer.destroy();
    end.destroy();
    expect(found).toMatchObject({ address: "127.0.0.1", remoteAddress: "127.0.0.1" });
  });

  it("may be closed twice and opened again", () => {
    const other = new SocketTable();
    other.close();
    other.open();
    other.open();
    other.close();
    other.close();
    expect(() => other.connections()).toThrow("not open");
  });
});

describe("SocketTable.connectedPorts", () => {
  const remote = parsePrefix("127.0.0.1/32") as Prefix;

  it("has the own port of each end that matches, once", () => {
    const ports = table.connectedPorts({ states: ["established"], remote });
    expect(ports.has(port)).toBe(true);
    expect(ports.has(clientPort)).toBe(true);
    expect(table.connectedPorts({ states: ["syn-sent"], remote }).has(port)).toBe(false);
    const nobody = parsePrefix("192.0.2.0/24") as Prefix;
    expect(table.connectedPorts({ states: ["established"], remote: nobody }).size).toBe(0);
  });

  it("reads no more connections than it may, and can be asked again", () => {
    expect(table.connectedPorts({ states: ["established"], remote }, 1).size).toBe(1);
    const ports = table.connectedPorts({ states: ["established"], remote });
    expect(ports.has(port)).toBe(true);
    expect(ends(port)).toHaveLength(2);
  });

  const ends = (own: number) =>
    table
      .connections({ states: ["established"] })
      .filter((connection) => [connection.port, connection.remotePort].includes(own));
});
