import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatDropLine } from "../../src/broker/legacy/drop-line.ts";
import { decodeDropped } from "../../src/sensors/dropped-packet.ts";
import { bytesOf } from "../packet/hex.ts";

/** From 192.0.2.7 to 198.51.100.1. */
const V4 = "c0000207 c6336401";
/** From 2001:db8::7 to 2001:db8::1. */
const V6 = "20010db8 00000000 00000000 00000007 20010db8 00000000 00000000 00000001";
const MAPPED = "00000000 00000000 0000ffff c0000207";
/** From port 40000 to port 445, a SYN with all reserved bits and an urgent pointer. */
const SYN = "9c40 01bd 01020304 00000000 5f 02 0400 0000 0009";

const FULL_SOURCE = "2001:0db8:0000:0000:0000:0000:0000:0007";
const FULL_TARGET = "2001:0db8:0000:0000:0000:0000:0000:0001";

/** The line of the packet, as a system log would have it; undefined without one. */
function lineOf(...hex: string[]): string | undefined {
  const bytes = bytesOf(...hex);
  const fields = decodeDropped(bytes, 0, bytes.length);
  const place = { interfaceIndex: 2, linkHeader: "" };
  return (
    fields && formatDropLine({ ...fields, ...place }, "eth0").replace("IN=eth0 OUT= MAC= ", "")
  );
}

// The expected lines are what linux/net/netfilter/nf_log_syslog.c writes for these bytes.
describe("decodeDropped", () => {
  it.each<{ what: string; hex: string[]; line: string }>([
    {
      what: "a SYN that must not be fragmented",
      hex: ["45 b9 0028 1234 4000 34 06 0000", V4, SYN],
      line:
        "SRC=192.0.2.7 DST=198.51.100.1 LEN=40 TOS=0x18 PREC=0xA0 TTL=52 ID=4660 DF " +
        "PROTO=TCP SPT=40000 DPT=445 WINDOW=1024 RES=0x3c SYN URGP=9 ",
    },
    {
      what: "a SYN behind IP options",
      // IHL 6: one word of no-operation before the transport header.
      hex: ["46 00 002c 0000 0000 34 06 0000", V4, "01010101", SYN],
      line:
        "SRC=192.0.2.7 DST=198.51.100.1 LEN=44 TOS=0x00 PREC=0x00 TTL=52 ID=0 " +
        "PROTO=TCP SPT=40000 DPT=445 WINDOW=1024 RES=0x3c SYN URGP=9 ",
    },
    {
      what: "UDP, by the header's own length although the copy is shorter",
      hex: ["45 00 05dc 0001 0000 40 11 0000", V4, "9c40 0035 05c8 0000"],
      line:
        "SRC=192.0.2.7 DST=198.51.100.1 LEN=1500 TOS=0x00 PREC=0x00 TTL=64 ID=1 " +
        "PROTO=UDP SPT=40000 DPT=53 LEN=1480 ",
    },
    {
      what: "an echo request",
      hex: ["45 00 001c 0001 0000 40 01 0000", V4, "08 00 0000 0102 0003"],
      line:
        "SRC=192.0.2.7 DST=198.51.100.1 LEN=28 TOS=0x00 PREC=0x00 TTL=64 ID=1 " +
        "PROTO=ICMP TYPE=8 CODE=0 ID=258 SEQ=3 ",
    },
    {
      what: "a timestamp request",
      hex: ["45 00 0028 0001 0000 40 01 0000", V4, "0d 00 0000 0102 0003", "00".repeat(12)],
      line:
        "SRC=192.0.2.7 DST=198.51.100.1 LEN=40 TOS=0x00 PREC=0x00 TTL=64 ID=1 " +
        "PROTO=ICMP TYPE=13 CODE=0 ",
    },
    {
      what: "a ping that ends within its header",
      hex: ["45 00 0019 0001 0000 40 01 0000", V4, "08 00 0000 01"],
      line:
        "SRC=192.0.2.7 DST=198.51.100.1 LEN=25 TOS=0x00 PREC=0x00 TTL=64 ID=1 " +
        "PROTO=ICMP INCOMPLETE [5 bytes] ",
    },
    {
      what: "a first fragment that ends within the TCP header",
      hex: ["45 00 001c 0001 2000 40 06 0000", V4, "9c40 01bd 01020304"],
      line:
        "SRC=192.0.2.7 DST=198.51.100.1 LEN=28 TOS=0x00 PREC=0x00 TTL=64 ID=1 MF " +
        "PROTO=TCP INCOMPLETE [8 bytes] ",
    },
    {
      what: "a later fragment",
      hex: ["45 00 001c 0001 0001 40 06 0000", V4, "0000000050020400"],
      line: "SRC=192.0.2.7 DST=198.51.100.1 LEN=28 TOS=0x00 PREC=0x00 TTL=64 ID=1 FRAG:1 PROTO=TCP ",
    },
    {
      what: "another protocol",
      hex: ["45 00 0018 0001 0000 40 2f 0000", V4, "00000800"],
      line: "SRC=192.0.2.7 DST=198.51.100.1 LEN=24 TOS=0x00 PREC=0x00 TTL=64 ID=1 PROTO=47 ",
    },
    {
      what: "a SYN by IPv6",
      hex: ["6 03 a b c d e 0014 06 40".replaceAll(" ", ""), V6, SYN],
      line:
        `SRC=${FULL_SOURCE} DST=${FULL_TARGET} LEN=60 TC=3 HOPLIMIT=64 FLOWLBL=703710 ` +
        "PROTO=TCP SPT=40000 DPT=445 WINDOW=1024 RES=0x3c SYN URGP=9 ",
    },
    {
      what: "UDP behind destination options",
      hex: ["60000000 0010 3c 40", V6, "11 00 0104 00000000", "9c40 0035 0008 0000"],
      line:
        `SRC=${FULL_SOURCE} DST=${FULL_TARGET} LEN=56 TC=0 HOPLIMIT=64 FLOWLBL=0 ` +
        "PROTO=UDP SPT=40000 DPT=53 LEN=8 ",
    },
    {
      what: "an ICMPv6 echo request",
      hex: ["60000000 0008 3a 40", V6, "80 00 0000 0102 0003"],
      line:
        `SRC=${FULL_SOURCE} DST=${FULL_TARGET} LEN=48 TC=0 HOPLIMIT=64 FLOWLBL=0 ` +
        "PROTO=ICMPv6 TYPE=128 CODE=0 ID=258 SEQ=3 ",
    },
    {
      what: "ICMP where it is not at home",
      hex: ["60000000 0008 01 40", V6, "08 00 0000 0102 0003"],
      line: `SRC=${FULL_SOURCE} DST=${FULL_TARGET} LEN=48 TC=0 HOPLIMIT=64 FLOWLBL=0 PROTO=1 `,
    },
    {
      what: "padding behind a packet that ends within the UDP header",
      hex: ["45 00 0018 0001 0000 40 11 0000", V4, "9c400035", "00000000 00000000"],
      line:
        "SRC=192.0.2.7 DST=198.51.100.1 LEN=24 TOS=0x00 PREC=0x00 TTL=64 ID=1 " +
        "PROTO=UDP INCOMPLETE [4 bytes] ",
    },
  ])("tells of $what", ({ hex, line }) => {
    expect(lineOf(...hex)).toBe(line);
  });

  it.each<{ what: string; hex: string[] }>([
    { what: "nothing", hex: [] },
    { what: "neither IPv4 nor IPv6", hex: ["50 00 0014 0001 0000 40 06 0000", V4] },
    { what: "half an IPv4 header", hex: ["45 00 0014 0001 0000 40 06 0000", "c0000207 c633"] },
    { what: "half an IPv6 header", hex: ["60000000 0014 06 40", "20010db8"] },
    {
      what: "an IPv4 source in IPv6",
      hex: ["60000000 0014 06 40", MAPPED, V6.slice(36), SYN],
    },
    {
      what: "IPv4 on both sides in IPv6",
      hex: ["60000000 0014 06 40", MAPPED, MAPPED, SYN],
    },
  ])("has no line for $what", ({ hex }) => {
    expect(lineOf(...hex)).toBeUndefined();
  });

  it("never throws, reads nothing past the end, and has one visible line, whatever the bytes", () => {
    const heads = ["45", "4f", "60", "6f"].map((digits) => Number.parseInt(digits, 16));
    const packets = fc
      .tuple(fc.constantFrom(...heads), fc.uint8Array({ maxLength: 120 }))
      .map(([head, rest]) => Uint8Array.of(head, ...rest));
    fc.assert(
      fc.property(packets, fc.uint8Array({ maxLength: 60 }), (packet, behind) => {
        const longer = Uint8Array.of(...packet, ...behind);
        const fields = decodeDropped(packet, 0, packet.length);
        expect(decodeDropped(longer, 0, packet.length)).toEqual(fields);
        if (fields === undefined) return;
        const line = formatDropLine({ ...fields, interfaceIndex: 0, linkHeader: "" }, "");
        expect(line).toMatch(/^[\x20-\x7e]+$/);
        expect(line).not.toMatch(/undefined|NaN/);
      }),
      { numRuns: 2000 },
    );
  });
});
