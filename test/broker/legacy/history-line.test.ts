import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  formatHistoryLine,
  type HistoryRecord,
  parseHistoryLine,
} from "../../../src/broker/legacy/history-line.ts";
import { type AddressWords, formatWords } from "../../../src/net/address-words.ts";
import { address } from "../fakes.ts";

/** fail2ban's stock filter, with what it puts in place of <HOST>, less the names it would resolve. */
const STOCK_FILTER = /\/(?<host>[0-9a-fA-F.:]+) Port: [0-9]+ (TCP|UDP) Blocked$/;

const record: HistoryRecord = {
  address: address("192.0.2.7"),
  host: "192.0.2.7",
  port: 11,
  transport: "tcp",
  sinceEpochMs: 1_795_354_999_000,
};

const words: fc.Arbitrary<AddressWords> = fc.oneof(
  fc.uint32Array({ minLength: 4, maxLength: 4 }),
  fc.nat(0xffffffff).map((last) => Uint32Array.of(0, 0, 0xffff, last)),
);

const records: fc.Arbitrary<HistoryRecord> = fc
  .record({
    words,
    port: fc.nat(65_535),
    transport: fc.constantFrom("tcp" as const, "udp" as const),
    seconds: fc.nat(99_999_999_999),
  })
  .map(({ words: own, port, transport, seconds }) => {
    const source = formatWords(own);
    return { address: source, host: source, port, transport, sinceEpochMs: seconds * 1000 };
  });

describe("formatHistoryLine", () => {
  it.each([
    {
      change: {},
      line: "1795354999 - 11/22/2026 13:43:19 Host: 192.0.2.7/192.0.2.7 Port: 11 TCP Blocked",
    },
    {
      change: { host: "a-b.example.org", transport: "udp" as const, port: 65_535 },
      line: "1795354999 - 11/22/2026 13:43:19 Host: a-b.example.org/192.0.2.7 Port: 65535 UDP Blocked",
    },
    {
      change: { address: address("2001:db8::7"), host: "2001:db8::7", port: 0 },
      line: "1795354999 - 11/22/2026 13:43:19 Host: 2001:db8::7/2001:db8::7 Port: 0 TCP Blocked",
    },
  ])("writes $line", ({ change, line }) => {
    expect(formatHistoryLine({ ...record, ...change }, 0)).toBe(line);
  });

  it.each([
    { what: "another source", host: "x/198.51.100.1 Port: 1 TCP Blocked" },
    { what: "another line", host: "x\n1 - 01/01/2026 00:00:00 Host: a/198.51.100.1" },
    { what: "nothing", host: "" },
    { what: "254 letters", host: "x".repeat(254) },
  ])("puts the address in place of a name that holds $what", ({ host }) => {
    const line = formatHistoryLine({ ...record, host }, 0);
    expect(line).toContain(" Host: 192.0.2.7/192.0.2.7 Port: 11 ");
    expect(STOCK_FILTER.exec(line)?.groups?.["host"]).toBe("192.0.2.7");
  });

  it("keeps a name of 253 letters", () => {
    const host = "x".repeat(253);
    expect(formatHistoryLine({ ...record, host })).toContain(` ${host}/192.0.2.7 `);
  });

  it("is found by fail2ban's stock filter, with its source, whatever the record", () => {
    fc.assert(
      fc.property(records, fc.string(), (each, host) => {
        const line = formatHistoryLine({ ...each, host });
        expect(STOCK_FILTER.exec(line)?.groups?.["host"]).toBe(each.address);
        expect(line).toMatch(/^\d+ - /);
      }),
    );
  });
});

describe("parseHistoryLine", () => {
  it("reads back every line that is written", () => {
    fc.assert(
      fc.property(records, (each) => {
        expect(parseHistoryLine(formatHistoryLine(each))).toEqual(each);
      }),
    );
  });

  it("takes the address and leaves the name", () => {
    const line =
      "1795354999 - 11/22/2026 13:43:19 Host: evil.example.org/192.0.2.7 Port: 11 TCP Blocked";
    expect(parseHistoryLine(line)).toEqual(record);
  });

  it.each([
    "",
    "1795354999 - 11/22/2026 13:43:19 Host: 192.0.2.7/192.0.2.7 Port: 11 TCP Block",
    "1795354999 - 11/22/2026 13:43:19 Host: 192.0.2.7/192.0.2.7 Port: 11 TCP Blocked ",
    "1795354999 - 11/22/2026 13:43:19 Host: 192.0.2.7/192.0.2.256 Port: 11 TCP Blocked",
    "1795354999 - 11/22/2026 13:43:19 Host: 192.0.2.7/192.0.2.7 Port: 65536 TCP Blocked",
    "1795354999 - 11/22/2026 13:43:19 Host: 192.0.2.7/192.0.2.7 Port: 11 ICMP Blocked",
    "179535499917953549 - 11/22/2026 13:43:19 Host: 192.0.2.7/192.0.2.7 Port: 11 TCP Blocked",
    `1795354999 - 11/22/2026 13:43:19 Host: ${"x".repeat(500)}/192.0.2.7 Port: 11 TCP Blocked`,
    "1 - 11/22/2026 13:43:19 Host: 192.0.2.7/192.0.2.7 Po1 - 11/22/2026 13:43:19 Host: 192.0.2.8/192.0.2.8 Port: 11 TCP Blocked",
  ])("takes %j for damaged", (line) => {
    expect(parseHistoryLine(line)).toBeUndefined();
  });
});
