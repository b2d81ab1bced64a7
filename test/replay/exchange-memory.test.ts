import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ExchangeMemory, type FlowEnds } from "../../src/replay/exchange-memory.ts";

const DAY_MS = 86_400_000;
const HALF_WRAP_MS = 2 ** 31;
const WRAP_MS = 2 ** 32;

const port = fc.nat(65_535);
const ipv4 = fc.nat(0xffff_ffff).map((word) => Uint32Array.of(0, 0, 0xffff, word));
const flows = fc.record({
  source: ipv4,
  sourcePort: port,
  destination: ipv4,
  destinationPort: port,
});

const flow: FlowEnds = {
  source: Uint32Array.of(0, 0, 0xffff, 0xc0000207),
  sourcePort: 40_000,
  destination: Uint32Array.of(0, 0, 0xffff, 0xc633640a),
  destinationPort: 443,
};

function opposite({ source, sourcePort, destination, destinationPort }: FlowEnds): FlowEnds {
  return {
    ...{ source: destination, sourcePort: destinationPort },
    ...{ destination: source, destinationPort: sourcePort },
  };
}

describe("ExchangeMemory", () => {
  it.each([
    { what: "at once", atMs: 1000, recalled: 7 },
    { what: "at the end of its time", atMs: 61_000, recalled: 7 },
    { what: "a millisecond later", atMs: 61_001, recalled: undefined },
    { what: "before it was remembered", atMs: 900, recalled: 7 },
    { what: "a month later", atMs: 30 * DAY_MS, recalled: undefined },
    { what: "after half of 32 bits", atMs: 1000 + HALF_WRAP_MS, recalled: undefined },
    { what: "a moment before 32 bits", atMs: 900 + WRAP_MS, recalled: undefined },
    { what: "after 32 bits", atMs: 1000 + WRAP_MS, recalled: undefined },
  ])("recalls what was sent $what: $recalled", ({ atMs, recalled }) => {
    const memory = new ExchangeMemory();
    for (const beganAtMs of [0, HALF_WRAP_MS, WRAP_MS - 2000, 1_767_225_600_000]) {
      memory.remember(flow, 7, beganAtMs + 1000);
      expect(memory.recall(flow, beganAtMs + atMs, 60_000)).toBe(recalled);
      expect(memory.recallOpposite(opposite(flow), beganAtMs + atMs, 60_000)).toBe(recalled);
    }
  });

  it.each([
    { earlyMs: 60_000, recalled: 7 },
    { earlyMs: 60_001, recalled: undefined },
  ])("recalls within 60 s what is $earlyMs ms too early: $recalled", ({ earlyMs, recalled }) => {
    const memory = new ExchangeMemory();
    for (const atMs of [0, WRAP_MS - 30_000, WRAP_MS]) {
      memory.remember(flow, 7, atMs + earlyMs);
      expect(memory.recall(flow, atMs, 60_000)).toBe(recalled);
    }
  });

  it("knows a flow of IPv4 by its numbers as by its words", () => {
    const memory = new ExchangeMemory();
    fc.assert(
      fc.property(flows, fc.nat(0xffff_ffff), (ends, value) => {
        memory.remember(ends, value, 0);
        const { source, sourcePort, destination, destinationPort } = opposite(ends);
        const [from, to] = [source[3] as number, destination[3] as number];
        expect(memory.recallOppositeIpv4(from, sourcePort, to, destinationPort, 0, 1)).toBe(value);
      }),
    );
  });

  it("tells apart flows of IPv6 that differ in one word", () => {
    const memory = new ExchangeMemory();
    const ends = { ...flow, source: Uint32Array.of(0x20010db8, 1, 2, 3) };
    memory.remember(ends, 7, 0);
    expect(memory.recall(ends, 0, 1)).toBe(7);
    for (let index = 0; index < 4; index += 1) {
      const source = ends.source.map((word, at) => (at === index ? word + 1 : word));
      expect(memory.recall({ ...ends, source }, 0, 1)).toBe(undefined);
    }
  });

  it("forgets what it has recalled last, when told to", () => {
    const memory = new ExchangeMemory();
    memory.remember(flow, 7, 0);
    memory.recall(flow, 0, 1);
    memory.forgetRecalled();
    expect(memory.recall(flow, 0, 1)).toBe(undefined);
  });
});
