import { describe, expect, it } from "vitest";
import { PROBE_KINDS } from "../../src/model/probe.ts";
import { formatKind, kindOfTcpFlags } from "../../src/sensors/probe-kind.ts";

const BITS = { F: 0x01, S: 0x02, R: 0x04, P: 0x08, A: 0x10, U: 0x20, E: 0x40, C: 0x80 };
const flagsOf = (letters: string): number =>
  [...letters].reduce((flags, letter) => flags | BITS[letter as keyof typeof BITS], 0);

describe("kindOfTcpFlags", () => {
  // One letter a flag: FIN SYN RST PSH ACK URG ECE CWR.
  it.each([
    { flags: "", kind: "tcp-null" },
    { flags: "S", kind: "tcp-syn" },
    { flags: "SEC", kind: "tcp-syn" },
    { flags: "F", kind: "tcp-fin" },
    { flags: "FPU", kind: "tcp-xmas" },
    { flags: "FPUS", kind: "tcp-xmas" },
    { flags: "FA", kind: "tcp-maimon" },
    { flags: "A", kind: "tcp-ack" },
    { flags: "AE", kind: "tcp-ack" },
    { flags: "EC", kind: "tcp-null" },
    { flags: "FS", kind: "tcp-odd" },
    { flags: "FP", kind: "tcp-odd" },
    { flags: "FU", kind: "tcp-odd" },
    { flags: "PU", kind: "tcp-odd" },
    { flags: "FPUA", kind: "tcp-odd" },
    { flags: "FPUR", kind: "tcp-odd" },
    { flags: "SP", kind: "tcp-odd" },
    { flags: "PA", kind: "tcp-odd" },
    { flags: "FPA", kind: "tcp-odd" },
    { flags: "SA", kind: "tcp-odd" },
    { flags: "R", kind: "tcp-odd" },
    { flags: "RA", kind: "tcp-odd" },
    { flags: "FSRPAU", kind: "tcp-odd" },
  ])("calls [$flags] $kind", ({ flags, kind }) => {
    expect(kindOfTcpFlags(flagsOf(flags))).toBe(kind);
  });

  it("ignores the congestion bits of every octet", () => {
    for (let flags = 0; flags < 256; flags += 1) {
      expect(kindOfTcpFlags(flags)).toBe(kindOfTcpFlags(flags & 0x3f));
    }
  });
});

describe("formatKind", () => {
  it("has a name of its own for each kind", () => {
    expect(PROBE_KINDS.map(formatKind)).toEqual([
      "connect",
      "SYN",
      "NULL",
      "FIN",
      "XMAS",
      "Maimon",
      "ACK",
      "odd flags",
      "UDP",
      "ping",
      "ICMP timestamp",
      "ICMP address mask",
      "IP protocol",
    ]);
  });
});
