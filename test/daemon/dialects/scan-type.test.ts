import { describe, expect, it } from "vitest";
import { formatScanType } from "../../../src/daemon/dialects/scan-type.ts";

const NULL = "TCP NULL scan";
const SYN = "TCP SYN/Normal scan";
const FIN = "TCP FIN scan";
const XMAS = "TCP XMAS scan";

function unknown(syn: 0 | 1, fin: 0 | 1, ack: 0 | 1, psh: 0 | 1, urg: 0 | 1, rst: 0 | 1): string {
  return (
    `Unknown Type: TCP Packet Flags: SYN: ${syn} FIN: ${fin} ACK: ${ack} PSH: ${psh} ` +
    `URG: ${urg} RST: ${rst}`
  );
}

describe("formatScanType", () => {
  it.each([
    { what: "nothing", flags: 0x00, text: NULL, text2x: NULL },
    { what: "ECE alone", flags: 0x40, text: NULL, text2x: unknown(0, 0, 0, 0, 0, 0) },
    { what: "CWR alone", flags: 0x80, text: NULL, text2x: unknown(0, 0, 0, 0, 0, 0) },
    { what: "FIN", flags: 0x01, text: FIN, text2x: FIN },
    { what: "FIN and ECE", flags: 0x41, text: FIN, text2x: FIN },
    { what: "SYN", flags: 0x02, text: SYN, text2x: SYN },
    { what: "SYN, ECE and CWR", flags: 0xc2, text: SYN, text2x: SYN },
    { what: "FIN, PSH and URG", flags: 0x29, text: XMAS, text2x: XMAS },
    { what: "the same and SYN", flags: 0x2b, text: XMAS, text2x: XMAS },
    { what: "the same and ACK", flags: 0x39, text: unknown(0, 1, 1, 1, 1, 0) },
    { what: "PSH and URG", flags: 0x28, text: unknown(0, 0, 0, 1, 1, 0) },
    { what: "SYN and FIN", flags: 0x03, text: unknown(1, 1, 0, 0, 0, 0) },
    { what: "FIN and ACK (Maimon)", flags: 0x11, text: unknown(0, 1, 1, 0, 0, 0) },
    { what: "ACK", flags: 0x10, text: unknown(0, 0, 1, 0, 0, 0) },
    { what: "RST", flags: 0x04, text: unknown(0, 0, 0, 0, 0, 1) },
    { what: "all", flags: 0xff, text: unknown(1, 1, 1, 1, 1, 1) },
  ])("$what: $text", ({ flags, text, text2x = text }) => {
    expect(formatScanType(flags, "no-control-flag")).toBe(text);
    expect(formatScanType(flags, "no-bit-at-all")).toBe(text2x);
  });
});
