import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { bind, close, connect, send, setsockopt, socket } from "../../src/kernel/libc.ts";
import { encodeMessage, encodeUint32 } from "../../src/kernel/netlink.ts";
import { AF_UNIX, SO_RCVTIMEO, SOCK_DGRAM, SOL_SOCKET } from "../../src/kernel/spec.ts";
import type { Evidence } from "../../src/model/evidence.ts";
import { formatWords, parseWords } from "../../src/net/address-words.ts";
import { encodeTcpSegment } from "../../src/packet/tcp-segment.ts";
import { NflogSensor } from "../../src/sensors/nflog.ts";

// A pair of Unix datagram sockets stands in for the kernel.
let kernelEnd: number;
let sensorEnd: number;

beforeEach(() => {
  const address = Buffer.from(`\x01\x00\0vedette-nflog-sensor-${process.pid}`);
  sensorEnd = socket(AF_UNIX, SOCK_DGRAM, 0);
  bind(sensorEnd, address);
  const tenMs = new Uint8Array(BigInt64Array.of(0n, 10_000n).buffer);
  setsockopt(sensorEnd, SOL_SOCKET, SO_RCVTIMEO, tenMs);
  kernelEnd = socket(AF_UNIX, SOCK_DGRAM, 0);
  connect(kernelEnd, address);
});

afterEach(() => {
  close(kernelEnd);
  close(sensorEnd);
});

const NOTHING = new Uint8Array();

/** A TCP segment from 203.0.113.9 port 40000 to this port of 192.0.2.1. */
function segment(destinationPort: number, flags: number, sequence: number): Buffer {
  const bytes = Buffer.alloc(1280);
  const length = encodeTcpSegment(
    {
      source: parseWords("203.0.113.9") as Uint32Array,
      destination: parseWords("192.0.2.1") as Uint32Array,
      ...{ sourcePort: 40_000, destinationPort, sequence, acknowledgement: 0, flags, window: 1 },
      ...{ options: NOTHING, payload: NOTHING },
    },
    bytes,
  );
  return bytes.subarray(0, length);
}

function log(prefix: string, payload: Uint8Array): void {
  const attributes = [
    { type: 4, value: encodeUint32(7) },
    { type: 10, value: Buffer.from(`${prefix}\0`) },
    { type: 9, value: payload },
  ];
  send(kernelEnd, encodeMessage({ type: 0x0400, body: Buffer.alloc(4), attributes }));
}

const SYN = 0x02;
const RST = 0x04;
const ACK = 0x10;

/** Everything that a sensor says until a probe of port 9 has come. */
async function told(judge: (sequence: number) => Exclude<Evidence, "claimed"> | undefined) {
  const lines: string[] = [];
  const done = Promise.withResolvers<void>();
  const sensor = new NflogSensor(
    sensorEnd,
    () => 5000,
    () => undefined,
    (reply, interfaceIndex, seenAtMs, hasService) => {
      const what = hasService ? "bait" : "reply";
      lines.push(`${what} on ${interfaceIndex} at ${seenAtMs}`);
      return judge(reply.tcpSequence);
    },
  );
  sensor.start(
    ({ port, kind, tcpFlags, header, interfaceIndex, evidence, startedHold, looksOpen }) => {
      // What names a tool is the SYN's header, and no other.
      expect(header === undefined).toBe(kind === "tcp-connect");
      expect(tcpFlags).toBe(SYN);
      const marks = `${startedHold ? " (hold)" : ""}${looksOpen ? " (open)" : ""}`;
      const proven = evidence === "claimed" ? "" : ` ${evidence}`;
      lines.push(`${kind} ${port} on ${interfaceIndex}${proven}${marks}`);
      if (port === 9) done.resolve();
    },
    ({ source, evidence, port, seenAtMs }) => {
      lines.push(`${formatWords(source)} is ${evidence} by ${port} at ${seenAtMs}`);
    },
  );
  await done.promise;
  await sensor.stop();
  return { lines, counts: sensor.counts() };
}

describe("NflogSensor", () => {
  it("delivers probes with the interface where they came in", async () => {
    log("probe", segment(9, SYN, 1));
    expect((await told(() => undefined)).lines).toEqual(["tcp-syn 9 on 7"]);
  });

  it("makes a proof of a reply that proves something, and no probe of any", async () => {
    log("reply", segment(23, RST, 100));
    log("reply", segment(24, RST, 200));
    log("probe", segment(9, SYN, 1));
    const { lines, counts } = await told((sequence) => (sequence === 200 ? "alive" : undefined));
    expect(lines).toEqual([
      "reply on 7 at 5000",
      "reply on 7 at 5000",
      "203.0.113.9 is alive by 24 at 5000",
      "tcp-syn 9 on 7",
    ]);
    expect(counts).toMatchObject({ probes: 1, malformed: 0 });
  });

  it("says which probes are answered as open ports do, and asks about none", async () => {
    log("open", segment(23, SYN, 1));
    log("trap", segment(24, SYN, 1));
    log("hold", segment(25, SYN, 1));
    log("probe", segment(9, SYN, 1));
    expect((await told(() => "proven")).lines).toEqual([
      "tcp-syn 23 on 7 (open)",
      "tcp-syn 24 on 7 (hold) (open)",
      "tcp-syn 25 on 7 (hold)",
      "tcp-syn 9 on 7",
    ]);
  });

  it("tells a completed handshake as a visit of its own, and the next probe as a claim", async () => {
    log("trap", segment(23, SYN, 1));
    log("reply", segment(23, ACK, 2));
    log("bait", segment(80, SYN, 1));
    log("probe", segment(9, SYN, 1));
    const { lines, counts } = await told((sequence) => (sequence === 2 ? "proven" : undefined));
    expect(lines).toEqual([
      "tcp-syn 23 on 7 (hold) (open)",
      "reply on 7 at 5000",
      "tcp-connect 23 on 7 proven",
      "bait on 7 at 5000",
      "tcp-syn 9 on 7",
    ]);
    expect(counts).toMatchObject({ probes: 3, malformed: 0 });
  });

  it("counts a reply that is no TCP segment, and asks nobody about it", async () => {
    log("reply", segment(23, RST, 100).subarray(0, 30));
    log("probe", segment(9, SYN, 1));
    const { lines, counts } = await told(() => "alive");
    expect(lines).toEqual(["tcp-syn 9 on 7"]);
    expect(counts).toMatchObject({ probes: 1, malformed: 1 });
  });
});
