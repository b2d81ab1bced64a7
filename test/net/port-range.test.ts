import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatPorts, PortSet, parsePortSet } from "../../src/net/port-range.ts";

const anyPort = fc.integer({ min: 0, max: 65_535 });
const portsOf = (text: string): number[] => {
  const parsing = parsePortSet(text);
  if (parsing.status === "invalid") throw new Error(parsing.faults.join("; "));
  return [...parsing.ports];
};

describe("parsePortSet", () => {
  it.each([
    { text: "", ports: [] },
    { text: "  ", ports: [] },
    { text: "1", ports: [1] },
    { text: "65535", ports: [65_535] },
    { text: "1,11,20-25, 80", ports: [1, 11, 20, 21, 22, 23, 24, 25, 80] },
    { text: "80, 20 - 22", ports: [20, 21, 22, 80] },
    { text: "22-22", ports: [22] },
    { text: "22,20-23,22", ports: [20, 21, 22, 23] },
    { text: ",22,,80,", ports: [22, 80] },
    { text: "0022", ports: [22] },
  ])("reads $text", ({ text, ports }) => {
    expect(portsOf(text)).toEqual(ports);
  });

  it("reads the whole range, and ends there", () => {
    expect(portsOf("1-65535,65535")).toHaveLength(65_535);
  });

  it.each([
    { text: "0", piece: '"0"' },
    { text: "0-5", piece: '"0-5"' },
    { text: "65536", piece: '"65536"' },
    { text: "80-65536", piece: '"80-65536"' },
    { text: "abc", piece: '"abc"' },
    { text: "-5", piece: '"-5"' },
    { text: "5-", piece: '"5-"' },
    { text: "1-2-3", piece: '"1-2-3"' },
    { text: "22 80", piece: '"22 80"' },
    { text: "2.5", piece: '"2.5"' },
    { text: "0x16", piece: '"0x16"' },
    { text: "\u001b[1m", piece: '"\\u001b[1m"' },
  ])("names the bad piece of $text and what is expected", ({ text, piece }) => {
    expect(parsePortSet(`22,${text},80`)).toEqual({
      status: "invalid",
      faults: [`${piece}: expected a port from 1 to 65535, or a range such as 20-25`],
    });
  });

  it("tells every fault, not the first", () => {
    expect(parsePortSet("25-20,ssh,22")).toEqual({
      status: "invalid",
      faults: [
        '"25-20": expected the lower port first',
        '"ssh": expected a port from 1 to 65535, or a range such as 20-25',
      ],
    });
  });

  it("takes port 0 only where that is allowed", () => {
    expect(parsePortSet("0-1", { allowZero: true })).toMatchObject({ status: "ok" });
    expect(parsePortSet("-1", { allowZero: true })).toEqual({
      status: "invalid",
      faults: ['"-1": expected a port from 0 to 65535, or a range such as 20-25'],
    });
    expect(parsePortSet("0", { allowZero: false })).toMatchObject({ status: "invalid" });
  });
});

describe("PortSet", () => {
  it.each([
    { port: 0, isIn: true },
    { port: 1, isIn: false },
    { port: 31, isIn: true },
    { port: 32, isIn: true },
    { port: 65_534, isIn: false },
    { port: 65_535, isIn: true },
    { port: -1, isIn: false },
    { port: 65_536, isIn: false },
  ])("has $port: $isIn", ({ port, isIn }) => {
    expect(new PortSet([0, 31, 32, 65_535]).has(port)).toBe(isIn);
  });

  it.each([-1, 65_536, 1.5, Number.NaN])("throws on %d, which is no port", (port) => {
    expect(() => new PortSet([port])).toThrow(RangeError);
  });

  it("yields the ends of runs as ranges", () => {
    const set = new PortSet([65_535, 65_534, 0, 22]);
    expect([...set.ranges()]).toEqual([
      { first: 0, last: 0 },
      { first: 22, last: 22 },
      { first: 65_534, last: 65_535 },
    ]);
  });

  it("joins and takes away as sets of numbers do", () => {
    const ports = fc.array(fc.oneof(anyPort, fc.nat(40)), { maxLength: 30 });
    fc.assert(
      fc.property(ports, ports, (a, b) => {
        const union = new PortSet(a).union(new PortSet(b));
        const without = new PortSet(a).without(new PortSet(b));
        const both = new Set([...a, ...b]);
        const left = new Set(a.filter((port) => !b.includes(port)));
        expect(new Set(union)).toEqual(both);
        expect(union.size).toBe(both.size);
        expect(new Set(without)).toEqual(left);
        expect(without.size).toBe(left.size);
      }),
      { numRuns: 50 },
    );
  });
});

describe("formatPorts", () => {
  it.each([
    { ports: [], text: "" },
    { ports: [80], text: "80" },
    { ports: [80, 25, 24, 23, 22, 21, 20, 80], text: "20-25,80" },
    { ports: [22, 23], text: "22-23" },
    { ports: [22, 24], text: "22,24" },
    { ports: [65_535, 0], text: "0,65535" },
  ])("$ports -> $text", ({ ports, text }) => {
    expect(formatPorts(ports)).toBe(text);
    expect(formatPorts(new PortSet(ports))).toBe(text);
  });

  it("is undone by parsePortSet", () => {
    fc.assert(
      fc.property(fc.uniqueArray(anyPort), (ports) => {
        const parsing = parsePortSet(formatPorts(ports), { allowZero: true });
        const found = parsing.status === "ok" ? [...parsing.ports] : parsing.faults;
        expect(found).toEqual(ports.sort((a, b) => a - b));
      }),
      { numRuns: 50 },
    );
  });
});
