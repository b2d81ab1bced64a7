import { describe, expect, it } from "vitest";
import { lookOf } from "../../src/detectors/tool-looks.ts";
import {
  DESTINATION,
  LINUX,
  SEGMENT_SIZE,
  type ToolPacket,
  toolProbe,
  WINDOWS,
} from "./tool-probes.ts";

const SYN = 0x02;
const FIN = 0x01;
const XMAS = 0x29;
const ACK = 0x10;
const UDP = undefined;

/** 0x6401 of the destination, 22 and 0x0304 of the sequence number. */
const MASSCAN_ID = 0x6401 ^ 22 ^ 0x0304;

function look(packet: ToolPacket) {
  const probe = toolProbe(packet);
  return lookOf(probe, probe.header);
}

describe("lookOf", () => {
  it.each<ToolPacket & { what: string; is: string }>([
    { what: "masscan's identification", is: "masscan", id: MASSCAN_ID, win: 1024 },
    { what: "the same, one off", is: "unknown", id: MASSCAN_ID + 1 },
    { what: "the same with Don't Fragment", is: "unknown", id: MASSCAN_ID, df: true },
    { what: "the same with options", is: "masscan", id: MASSCAN_ID, options: SEGMENT_SIZE },
    { what: "the same of a FIN", is: "unknown", id: MASSCAN_ID, flags: FIN },
    { what: "a sequence number that is us", is: "mirai", seq: DESTINATION, win: 5555 },
    { what: "the same with congestion bits", is: "mirai", seq: DESTINATION, flags: 0xc2 },
    { what: "the same, one off", is: "unknown", seq: DESTINATION + 1 },
    { what: "zmap's identification", is: "zmap", id: 54_321, win: 65_535 },
    {
      what: "the same with a segment size",
      is: "zmap",
      id: 54_321,
      win: 65_535,
      options: SEGMENT_SIZE,
    },
    { what: "the same, another window", is: "unknown", id: 54_321, win: 65_534 },
    { what: "the same with Don't Fragment", is: "unknown", id: 54_321, win: 65_535, df: true },
    { what: "zmap's identification over UDP", is: "zmap", flags: UDP, id: 54_321 },
    { what: "Windows' options from 255 hops", is: "zmap", win: 65_535, options: WINDOWS, ttl: 240 },
    { what: "the same at 129 hops", is: "zmap", win: 65_535, options: WINDOWS, ttl: 129 },
    { what: "the same at 128 hops", is: "unknown", win: 65_535, options: WINDOWS, ttl: 128 },
    { what: "Windows itself", is: "connect", win: 64_240, options: WINDOWS, ttl: 118, df: true },
    { what: "nmap's SYN", is: "nmap", win: 1024, options: SEGMENT_SIZE },
    { what: "nmap's SYN of old", is: "nmap", win: 3072 },
    { what: "the same, another window", is: "unknown", win: 1025, options: SEGMENT_SIZE },
    { what: "the same, a window too large", is: "unknown", win: 5120, options: SEGMENT_SIZE },
    {
      what: "the same with Don't Fragment",
      is: "unknown",
      win: 1024,
      options: SEGMENT_SIZE,
      df: true,
    },
    { what: "the same with both numbers", is: "unknown", win: 1024, options: SEGMENT_SIZE, ack: 1 },
    {
      what: "nmap's SYN over IPv6",
      is: "nmap",
      version: 6,
      win: 1024,
      options: SEGMENT_SIZE,
      ttl: 255,
    },
    { what: "nmap's SYN+FIN", is: "nmap", flags: 0x03, win: 1024, options: SEGMENT_SIZE },
    { what: "nmap's XMAS", is: "nmap", flags: XMAS, win: 1024 },
    {
      what: "XMAS with a segment size",
      is: "unknown",
      flags: XMAS,
      win: 1024,
      options: SEGMENT_SIZE,
    },
    { what: "nmap's ACK", is: "nmap", flags: ACK, win: 1024, seq: 0, ack: 99 },
    { what: "hping3's SYN", is: "hping3", win: 512, ack: 7 },
    { what: "hping3's XMAS", is: "hping3", flags: XMAS, win: 512, ack: 7 },
    { what: "the same, nothing acknowledged", is: "unknown", win: 512 },
    {
      what: "the same, a sequence number of 2^31",
      is: "unknown",
      win: 512,
      ack: 7,
      seq: 0x8000_0000,
    },
    { what: "the same, one less", is: "hping3", win: 512, ack: 7, seq: 0x7fff_ffff },
    { what: "the same, 2^31 acknowledged", is: "unknown", win: 512, ack: 0x8000_0000 },
    { what: "the same with options", is: "unknown", win: 512, ack: 7, options: SEGMENT_SIZE },
    { what: "Linux", is: "connect", options: LINUX, df: true, ttl: 64, win: 64_240 },
    { what: "Linux over IPv6", is: "connect", version: 6, options: LINUX, win: 64_800 },
    { what: "Linux's options without Don't Fragment", is: "unknown", options: LINUX },
    { what: "macOS, with 255 hops", is: "connect", options: LINUX, df: true, ttl: 255 },
    { what: "Windows' second try", is: "connect", options: "020405b4 0101 0402", df: true },
    { what: "IPv6 with 128 hops", is: "connect", version: 6, options: LINUX, ttl: 128 },
    { what: "IPv6 with 129 hops", is: "unknown", version: 6, options: LINUX, ttl: 129 },
    { what: "Linux's options of a FIN", is: "unknown", options: LINUX, df: true, flags: FIN },
    { what: "Linux's options, cut", is: "unknown", options: `${LINUX} 02`, df: true },
    { what: "a segment size alone", is: "unknown", options: SEGMENT_SIZE, df: true },
    { what: "an empty datagram", is: "unknown", flags: UDP, id: 0x1042 },
    { what: "nmap's U1", is: "nmap-os", flags: UDP, id: 0x1042, payload: 300 },
    { what: "the same, a byte less", is: "unknown", flags: UDP, id: 0x1042, payload: 299 },
    { what: "the same over IPv6", is: "unknown", version: 6, flags: UDP, id: 0x1042, payload: 300 },
    { what: "a SYN with nothing special", is: "unknown", flags: SYN },
  ])("takes $what for $is", ({ what: _, is, ...packet }) => {
    expect(look(packet)).toBe(is);
  });

  it.each([
    { probe: "T2", flags: 0x00, win: 128, options: "03030a01 02040109 080affffffff00000000 0402" },
    { probe: "T3", flags: 0x2b, win: 256, options: "03030a01 02040109 080affffffff00000000 0402" },
    { probe: "T4", flags: ACK, win: 1024, options: "03030a01 02040109 080affffffff00000000 0402" },
    {
      probe: "T5",
      flags: SYN,
      win: 31_337,
      options: "03030a01 02040109 080affffffff00000000 0402",
    },
    {
      probe: "T6",
      flags: ACK,
      win: 32_768,
      options: "03030a01 02040109 080affffffff00000000 0402",
    },
    {
      probe: "T7",
      flags: XMAS,
      win: 65_535,
      options: "03030f01 02040109 080affffffff00000000 0402",
    },
    { probe: "SEQ 1", flags: SYN, win: 1, options: "03030a01 020405b4 080affffffff00000000 0402" },
    {
      probe: "SEQ 2",
      flags: SYN,
      win: 63,
      options: "02040578 030300 0402 080affffffff00000000 00",
    },
    { probe: "SEQ 3", flags: SYN, win: 4, options: "080affffffff00000000 0101 030305 01 02040280" },
    { probe: "SEQ 4", flags: SYN, win: 4, options: "0402 080affffffff00000000 03030a 00" },
    { probe: "SEQ 5", flags: SYN, win: 16, options: "02040218 0402 080affffffff00000000 03030a00" },
    { probe: "SEQ 6", flags: SYN, win: 512, options: "02040109 0402 080affffffff00000000" },
    { probe: "ECN", flags: 0xc2, win: 3, options: "03030a01 020405b4 0402 0101" },
  ])("knows $probe of nmap's OS detection, and only with its window", ({ flags, win, options }) => {
    for (const version of [4, 6] as const) {
      expect(look({ version, flags, win, options })).toBe("nmap-os");
      expect(look({ version, flags, win: win + 7, options })).not.toBe("nmap-os");
    }
  });
});
