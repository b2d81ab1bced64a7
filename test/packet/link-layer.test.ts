import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BROKEN_FRAME, findIpPacket, NOT_IP, UNKNOWN_LINK } from "../../src/packet/link-layer.ts";
import { bytesOf } from "./hex.ts";

const V4 = "45000014 00000000 40060000 c0000207 c6336401";
const V6 = "60000000 00003b40 20010db8";
const MACS = "020000000001 020000000002";
/** Sent to us, on Ethernet (ARPHRD_ETHER), with an address of six bytes. */
const SLL = "0000 0001 0006 0200000000010000";
/** Interface 2, on Ethernet, sent to us. */
const SLL2 = "0000 00000002 0001 00 06 0200000000010000";

const ETHERNET = 1;
const KNOWN = [0, ETHERNET, 12, 14, 101, 108, 113, 228, 229, 276];

/** What is found in the frame, which stands amid other bytes. */
function find(linkType: number, ...hex: string[]): number {
  const frame = bytesOf(...hex);
  const found = findIpPacket(
    linkType,
    bytesOf("4545", ...hex, "6060606060606060"),
    2,
    2 + frame.length,
  );
  return found < 0 ? found : found - 2;
}

describe("findIpPacket", () => {
  it.each([
    { what: "IPv4 in Ethernet", link: 1, hex: [MACS, "0800", V4], at: 14 },
    { what: "IPv6 in Ethernet", link: 1, hex: [MACS, "86dd", V6], at: 14 },
    { what: "IPv4 behind one tag", link: 1, hex: [MACS, "8100 0064 0800", V4], at: 18 },
    { what: "IPv6 behind two tags", link: 1, hex: [MACS, "88a8 0064 8100 0065 86dd", V6], at: 22 },
    {
      what: "IPv4 behind three tags, one of them old",
      link: 1,
      hex: [MACS, "9100 0001 88a8 0002 8100 0003 0800", V4],
      at: 26,
    },
    { what: "raw IPv4", link: 101, hex: [V4], at: 0 },
    { what: "raw IPv6", link: 101, hex: [V6], at: 0 },
    { what: "raw IP by BSD's number", link: 12, hex: [V6], at: 0 },
    { what: "raw IP by OpenBSD's number", link: 14, hex: [V4], at: 0 },
    { what: "IPv4 alone", link: 228, hex: [V4], at: 0 },
    { what: "IPv6 alone", link: 229, hex: [V6], at: 0 },
    { what: "a cooked IPv4", link: 113, hex: [SLL, "0800", V4], at: 16 },
    { what: "a cooked IPv6 with a tag", link: 113, hex: [SLL, "8100 0064 86dd", V6], at: 20 },
    // ARPHRD_IPGRE: its protocol types are those of Ethernet.
    {
      what: "a cooked IPv4 of a tunnel",
      link: 113,
      hex: ["0000 030a 0000 0000000000000000 0800", V4],
      at: 16,
    },
    { what: "a cooked IPv6, version 2", link: 276, hex: ["86dd", SLL2, V6], at: 20 },
    {
      what: "a cooked IPv4 with a tag, version 2",
      link: 276,
      hex: ["8100", SLL2, "0064 0800", V4],
      at: 24,
    },
    // AF_INET, big-endian and little-endian.
    { what: "a loopback IPv4", link: 0, hex: ["00000002", V4], at: 4 },
    { what: "a loopback IPv4 of a little-endian machine", link: 0, hex: ["02000000", V4], at: 4 },
    { what: "OpenBSD's loopback IPv4", link: 108, hex: ["00000002", V4], at: 4 },
    // AF_INET6 is 10, 23, 24, 28 or 30.
    { what: "Linux's loopback IPv6", link: 0, hex: ["0a000000", V6], at: 4 },
    { what: "Windows' loopback IPv6", link: 0, hex: ["17000000", V6], at: 4 },
    { what: "OpenBSD's loopback IPv6", link: 108, hex: ["00000018", V6], at: 4 },
    { what: "FreeBSD's loopback IPv6", link: 0, hex: ["1c000000", V6], at: 4 },
    { what: "Darwin's loopback IPv6", link: 0, hex: ["1e000000", V6], at: 4 },
  ])("finds $what at $at", ({ link, hex, at }) => {
    expect(find(link, ...hex)).toBe(at);
  });

  it.each([
    { what: "ARP", link: 1, hex: [MACS, "0806", "0001 0800"] },
    { what: "ARP behind a tag", link: 1, hex: [MACS, "8100 0064 0806", "0001 0800"] },
    // A length instead of a type: spanning tree.
    { what: "an 802.3 frame", link: 1, hex: [MACS, "0026", "424203"] },
    { what: "a frame with a type and nothing else", link: 1, hex: [MACS, "0806"] },
    { what: "cooked ARP", link: 113, hex: [SLL, "0806", "0001"] },
    // ARPHRD_NETLINK, ARPHRD_IEEE80211_RADIOTAP, ARPHRD_FRAD.
    { what: "netlink", link: 113, hex: ["0000 0338 0000 0000000000000000 0800", V4] },
    { what: "radiotap", link: 113, hex: ["0000 0323 0000 0000000000000000 0800", V4] },
    {
      what: "netlink in version 2",
      link: 276,
      hex: ["0800 0000 00000002 0338 00 00 0000000000000000", V4],
    },
    { what: "frame relay", link: 276, hex: ["0800 0000 00000002 0302 00 00 0000000000000000", V4] },
    // AF_ISO.
    { what: "another family", link: 0, hex: ["07000000", V4] },
    { what: "a family in neither order", link: 0, hex: ["02000002", V4] },
  ])("finds no IP in $what", ({ link, hex }) => {
    expect(find(link, ...hex)).toBe(NOT_IP);
  });

  it.each([
    { what: "nothing at all", link: 1, hex: [""] },
    { what: "an Ethernet header of 13 bytes", link: 1, hex: [MACS, "08"] },
    { what: "an Ethernet header alone", link: 1, hex: [MACS, "0800"] },
    { what: "a tag of three bytes", link: 1, hex: [MACS, "8100 0064 08"] },
    { what: "a tag alone", link: 1, hex: [MACS, "8100 0064 0800"] },
    { what: "IPv6 that calls itself IPv4", link: 1, hex: [MACS, "0800", V6] },
    { what: "IPv4 that calls itself IPv6", link: 1, hex: [MACS, "86dd", V4] },
    { what: "no raw packet", link: 101, hex: [""] },
    // Version 5.
    { what: "a raw packet of neither version", link: 101, hex: ["55000014"] },
    { what: "IPv6 where IPv4 is due", link: 228, hex: [V6] },
    { what: "IPv4 where IPv6 is due", link: 229, hex: [V4] },
    { what: "a cooked header of 15 bytes", link: 113, hex: [SLL, "08"] },
    { what: "a cooked header alone", link: 113, hex: [SLL, "0800"] },
    {
      what: "a cooked header of 19 bytes, version 2",
      link: 276,
      hex: ["0800 0000 00000002 0001 00 06 02000000000100"],
    },
    { what: "a family of three bytes", link: 0, hex: ["020000"] },
    { what: "a family alone", link: 0, hex: ["02000000"] },
  ])("calls $what broken", ({ link, hex }) => {
    expect(find(link, ...hex)).toBe(BROKEN_FRAME);
  });

  it("says of a link type that is not read that it is not", () => {
    // 127: radiotap.
    expect(find(127, V4)).toBe(UNKNOWN_LINK);
  });

  it("finds a packet inside the range or none, whatever the bytes are", () => {
    const frame = fc.uint8Array({ maxLength: 64 });
    fc.assert(
      fc.property(fc.constantFrom(...KNOWN), frame, fc.nat(), fc.nat(), (link, bytes, a, b) => {
        const end = a % (bytes.length + 1);
        const start = b % (end + 1);
        const found = findIpPacket(link, bytes, start, end);
        if (found < 0) return [NOT_IP, BROKEN_FRAME].includes(found);
        return found >= start && found < end;
      }),
    );
  });
});
