import { describe, expect, it } from "vitest";
import { wordsOf } from "../../src/net/address-words.ts";
import type { IpAddress } from "../../src/net/ip-address.ts";
import { type Prefix, parsePrefix } from "../../src/net/prefix.ts";
import { SourceKeys } from "../../src/net/source-keys.ts";
import { PacketHeader } from "../../src/packet/packet-header.ts";
import { CaptureSessions } from "../../src/replay/capture-sessions.ts";

const CLIENT = "192.0.2.7";
const OURS = "198.51.100.1";
const FIN_ACK = 0x11;
const RST = 0x04;

interface Ends {
  readonly client?: string;
  readonly clientPort?: number;
  readonly port?: number;
}

const sessionsOf = () => new CaptureSessions(new SourceKeys({ ipv6PrefixBits: 64 }));

function header(flags: number, isOurs: boolean, ends: Ends = {}): PacketHeader {
  const { client = CLIENT, clientPort = 40_000, port = 443 } = ends;
  const made = new PacketHeader();
  const ours = client.includes(":") ? "2001:db8::1" : OURS;
  made.source.set(wordsOf((isOurs ? ours : client) as IpAddress));
  made.destination.set(wordsOf((isOurs ? client : ours) as IpAddress));
  made.sourcePort = isOurs ? port : clientPort;
  made.destinationPort = isOurs ? clientPort : port;
  made.tcpFlags = flags;
  return made;
}

const prefix = (text: string) => parsePrefix(text) as Prefix;

/** "begin@0 our-fin@5": one connection, in seconds. @returns whether it is there at `askedAtS`. */
function isThere(trace: string, askedAtS: number): boolean {
  const sessions = sessionsOf();
  for (const step of trace.split(" ")) {
    const [what, seconds] = step.split("@");
    sessions.setTime(Number(seconds) * 1000);
    if (what === "begin") sessions.begin(header(0x10, false));
    else
      sessions.end(
        header(what?.endsWith("rst") ? RST : FIN_ACK, what?.startsWith("our") ?? false),
        what?.startsWith("our") ?? false,
      );
  }
  sessions.setTime(askedAtS * 1000);
  return sessions.portsOf(prefix(CLIENT)).includes(443);
}

describe("CaptureSessions", () => {
  it.each([
    { trace: "begin@0", at: 0, there: true },
    { trace: "begin@0", at: 86_400, there: true },
    // The client has closed, and the service has not yet: close-wait.
    { trace: "begin@0 fin@5", at: 99, there: true },
    { trace: "begin@0 fin@5 our-fin@6", at: 6, there: false },
    // Closed by the machine first: time-wait.
    { trace: "begin@0 our-fin@5 fin@6", at: 64, there: true },
    { trace: "begin@0 our-fin@5 fin@6", at: 65, there: false },
    { trace: "begin@0 rst@5", at: 5, there: false },
    { trace: "begin@0 our-rst@5", at: 5, there: false },
    { trace: "begin@0 fin@5 our-fin@6 begin@7", at: 8, there: true },
    { trace: "begin@0 begin@1 rst@5", at: 5, there: false },
    { trace: "our-fin@5", at: 5, there: false },
  ])("after $trace has a connection at $at s: $there", ({ trace, at, there }) => {
    expect(isThere(trace, at)).toBe(there);
  });

  it("names each service once, ascending, and only those of the source", () => {
    const sessions = sessionsOf();
    for (const [clientPort, port] of [
      [1, 443],
      [2, 443],
      [3, 22],
    ] as const) {
      sessions.begin(header(0x10, false, { clientPort, port }));
    }
    expect(sessions.portsOf(prefix(CLIENT))).toEqual([22, 443]);
    expect(sessions.portsOf(prefix("192.0.2.8"))).toEqual([]);
  });

  it("has a service for as long as one of several connections to it stands", () => {
    const sessions = sessionsOf();
    for (const clientPort of [1, 2]) sessions.begin(header(0x10, false, { clientPort }));
    sessions.end(header(RST, false, { clientPort: 1 }), false);
    expect(sessions.portsOf(prefix(CLIENT))).toEqual([443]);
    sessions.end(header(RST, false, { clientPort: 2 }), false);
    expect(sessions.portsOf(prefix(CLIENT))).toEqual([]);
    expect(sessions.hasOpen).toBe(false);
  });

  it("takes the addresses of a /64 for one source", () => {
    const sessions = sessionsOf();
    sessions.begin(header(0x10, false, { client: "2001:db8:7::1" }));
    expect(sessions.portsOf(prefix("2001:db8:7::/64"))).toEqual([443]);
  });

  it("knows as many connections as it has room for, and makes room of the old", () => {
    const sessions = sessionsOf();
    const begin = (index: number) =>
      sessions.begin(
        header(0x10, false, { client: `10.0.${index >> 8}.${index & 255}`, clientPort: index + 1 }),
      );
    for (let index = 0; index < 65_535; index += 1) begin(index);
    sessions.begin(header(0x10, false, { port: 22 }));
    sessions.setTime(3_600_000);
    sessions.begin(header(0x10, false, { clientPort: 2, port: 80 }));
    expect(sessions.portsOf(prefix(CLIENT))).toEqual([22]);
    sessions.setTime(3_600_001);
    sessions.begin(header(0x10, false, { clientPort: 2, port: 80 }));
    expect(sessions.portsOf(prefix(CLIENT))).toEqual([80]);
  });
});
