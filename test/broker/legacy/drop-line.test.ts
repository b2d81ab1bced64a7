import { describe, expect, it } from "vitest";
import { formatDropLine } from "../../../src/broker/legacy/drop-line.ts";
import type { DroppedPacket, DroppedTcp } from "../../../src/model/dropped-packet.ts";
import { address } from "../fakes.ts";

const syn: DroppedTcp = {
  protocol: "tcp",
  sourcePort: 40_000,
  destinationPort: 445,
  window: 1024,
  reservedBits: 0,
  flags: 0x02,
  urgentPointer: 0,
};

const packet: DroppedPacket = {
  interfaceIndex: 2,
  linkHeader: "0200000000010200000000020800",
  source: address("192.0.2.7"),
  destination: address("198.51.100.1"),
  lengthBytes: 44,
  trafficClass: 0,
  ttlHops: 52,
  identification: 4711,
  fragmentField: 0,
  flowLabel: 0,
  transport: syn,
};

const other = (number: number, incompleteBytes: number | null = null) =>
  ({ protocol: "other", number, incompleteBytes }) as const;

const MAC = "MAC=02:00:00:00:00:01:02:00:00:00:00:02:08:00";

function tcpPart(change: Partial<DroppedTcp>): string {
  const line = formatDropLine({ ...packet, transport: { ...syn, ...change } }, "eth0");
  return line.slice(line.indexOf("WINDOW="));
}

describe("formatDropLine", () => {
  it.each<{ what: string; change: Partial<DroppedPacket>; line: string }>([
    {
      what: "a SYN",
      change: {},
      line:
        `IN=eth0 OUT= ${MAC} SRC=192.0.2.7 DST=198.51.100.1 LEN=44 TOS=0x00 PREC=0x00 TTL=52 ` +
        "ID=4711 PROTO=TCP SPT=40000 DPT=445 WINDOW=1024 RES=0x00 SYN URGP=0 ",
    },
    {
      what: "a UDP packet that must not be fragmented, without a link header",
      change: {
        linkHeader: "",
        fragmentField: 0x4000,
        trafficClass: 0xb8,
        lengthBytes: 28,
        transport: { protocol: "udp", sourcePort: 53, destinationPort: 137, lengthBytes: 8 },
      },
      line:
        "IN=eth0 OUT= MAC= SRC=192.0.2.7 DST=198.51.100.1 LEN=28 TOS=0x18 PREC=0xA0 TTL=52 " +
        "ID=4711 DF PROTO=UDP SPT=53 DPT=137 LEN=8 ",
    },
    {
      what: "a later fragment of a protocol without ports",
      change: { fragmentField: 0xe0b9, transport: other(47) },
      line:
        `IN=eth0 OUT= ${MAC} SRC=192.0.2.7 DST=198.51.100.1 LEN=44 TOS=0x00 PREC=0x00 TTL=52 ` +
        "ID=4711 CE DF MF FRAG:185 PROTO=47 ",
    },
    {
      what: "a SYN by IPv6, addresses in full",
      change: {
        source: address("2001:db8::7"),
        destination: address("2001:db8:1::1"),
        lengthBytes: 64,
        trafficClass: 3,
        flowLabel: 1_048_575,
      },
      line:
        `IN=eth0 OUT= ${MAC} SRC=2001:0db8:0000:0000:0000:0000:0000:0007 ` +
        "DST=2001:0db8:0001:0000:0000:0000:0000:0001 LEN=64 TC=3 HOPLIMIT=52 FLOWLBL=1048575 " +
        "PROTO=TCP SPT=40000 DPT=445 WINDOW=1024 RES=0x00 SYN URGP=0 ",
    },
  ])("writes $what as the kernel does", ({ change, line }) => {
    expect(formatDropLine({ ...packet, ...change }, "eth0")).toBe(line);
  });

  it.each<{ what: string; source: string; transport: DroppedPacket["transport"]; text: string }>([
    {
      what: "an echo request",
      source: "192.0.2.7",
      transport: { protocol: "icmp", type: 8, code: 0, echo: { identifier: 9, sequence: 1 } },
      text: "PROTO=ICMP TYPE=8 CODE=0 ID=9 SEQ=1 ",
    },
    {
      what: "an ICMPv6 error",
      source: "2001:db8::7",
      transport: { protocol: "icmp", type: 1, code: 4, echo: null },
      text: "PROTO=ICMPv6 TYPE=1 CODE=4 ",
    },
    {
      what: "a later fragment of TCP",
      source: "192.0.2.7",
      transport: other(6),
      text: "PROTO=TCP ",
    },
    {
      what: "a first fragment within the TCP header",
      source: "192.0.2.7",
      transport: other(6, 8),
      text: "PROTO=TCP INCOMPLETE [8 bytes] ",
    },
    {
      what: "a UDP header cut short",
      source: "2001:db8::7",
      transport: other(17, 0),
      text: "PROTO=UDP INCOMPLETE [0 bytes] ",
    },
    {
      what: "ICMP where it is not at home",
      source: "2001:db8::7",
      transport: other(1),
      text: "PROTO=1 ",
    },
  ])("ends the line of $what as the kernel does", ({ source, transport, text }) => {
    const line = formatDropLine({ ...packet, source: address(source), transport }, "eth0");
    expect(line.slice(line.indexOf("PROTO="))).toBe(text);
  });

  it.each([
    { flags: 0, text: "WINDOW=1024 RES=0x00 URGP=0 " },
    { flags: 0xff, text: "WINDOW=1024 RES=0x00 CWR ECE URG ACK PSH RST SYN FIN URGP=0 " },
    { flags: 0x29, text: "WINDOW=1024 RES=0x00 URG PSH FIN URGP=0 " },
  ])("names the flags of $flags in the kernel's order", ({ flags, text }) => {
    expect(tcpPart({ flags })).toBe(text);
  });

  it.each([
    { reservedBits: 1, text: "RES=0x04" },
    { reservedBits: 15, text: "RES=0x3c" },
  ])(
    "shows the reserved bits $reservedBits where the kernel has them",
    ({ reservedBits, text }) => {
      expect(tcpPart({ reservedBits, urgentPointer: 9 })).toBe(`WINDOW=1024 ${text} SYN URGP=9 `);
    },
  );

  it.each([
    { name: "", text: "IN= OUT= " },
    { name: "br-0 x\n", text: "IN=br-0?x? OUT= " },
    { name: "a-name-of-16-let", text: "IN=a-name-of-16-le OUT= " },
  ])("has no room in $name for another field", ({ name, text }) => {
    expect(formatDropLine(packet, name).startsWith(text)).toBe(true);
  });
});
