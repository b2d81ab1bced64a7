import { describe, expect, it } from "vitest";
import { encodeUdp } from "../../../bench/traffic/packets.ts";
import { Random } from "../../../bench/traffic/random.ts";
import {
  forgedSyn,
  masscanSyn,
  miraiSyn,
  nmapRun,
  nmapSyns,
  stackSyn,
} from "../../../bench/traffic/senders.ts";
import { lookOf } from "../../../src/detectors/tool-looks.ts";
import { decodePacket } from "../../../src/packet/decode-packet.ts";
import { PacketHeader } from "../../../src/packet/packet-header.ts";
import { kindOfTcpFlags } from "../../../src/sensors/probe-kind.ts";

const OURS = "198.51.100.10";
const SCANNER = "203.0.113.66";
const ENDS = { source: SCANNER, destination: OURS, sourcePort: 40_000, destinationPort: 22 };

function lookOfPacket(bytes: Buffer): string {
  const header = new PacketHeader();
  expect(decodePacket(bytes, 0, bytes.length, header)).toBe("decoded");
  const isTcp = header.transport === "tcp";
  const probe = {
    ...{ source: header.source, destination: header.destination, header, seenAtMs: 0 },
    transport: isTcp ? ("tcp" as const) : ("udp" as const),
    port: header.destinationPort,
    sourcePort: header.sourcePort,
    kind: isTcp ? kindOfTcpFlags(header.tcpFlags) : ("udp" as const),
    tcpFlags: header.tcpFlags,
    ...({ evidence: "claimed", sensor: "capture-file", startedHold: false } as const),
    ...{ hasIpOptions: false, isFragment: false },
  };
  return lookOf(probe, header);
}

describe("packets of tools", () => {
  const random = new Random(1);
  const run = nmapRun(SCANNER, OURS, random);

  it.each([
    { tool: "nmap", packets: () => nmapSyns(run, [SCANNER, "192.0.2.1"], 22, random) },
    { tool: "masscan", packets: () => [masscanSyn(run, 22, random)] },
    { tool: "mirai", packets: () => [miraiSyn(run, 23, random)] },
    {
      tool: "connect",
      packets: () => [stackSyn(ENDS, "linux", 7), stackSyn(ENDS, "windows", 7)],
    },
    { tool: "unknown", packets: () => [forgedSyn(ENDS, random), encodeUdp(ENDS)] },
  ])("look like $tool to the product", ({ tool, packets }) => {
    expect(new Set(packets().map(lookOfPacket))).toEqual(new Set([tool]));
  });

  it("of nmap's decoys share all but the address and the time to live", () => {
    const [own, decoy] = nmapSyns(run, [SCANNER, "192.0.2.1"], 22, random).map((bytes) => {
      const header = new PacketHeader();
      decodePacket(bytes, 0, bytes.length, header);
      return header;
    });
    const shared = (header: PacketHeader | undefined) => [
      header?.tcpSequence,
      header?.sourcePort,
      header?.ipIdentification,
    ];
    expect(shared(decoy)).toEqual(shared(own));
    expect(decoy?.source).not.toEqual(own?.source);
  });
});
