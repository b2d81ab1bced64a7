import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Fingerprints } from "../../src/detectors/fingerprints.ts";
import type { Probe } from "../../src/model/probe.ts";
import { DESTINATION, LINUX, masscanProbe, SEGMENT_SIZE, toolProbe } from "./tool-probes.ts";

const SLOT = 1;

/** A fresh sequence number, and a fresh port, for each probe that is made. */
let count = 0;
const fresh = () => Math.imul(++count, 0x9e37_79b1) >>> 0;
const port = () => 1000 + (++count % 60_000);

const nmap = (seq: number) => toolProbe({ port: port(), seq, win: 1024, options: SEGMENT_SIZE });
const connect = (seq = fresh()) =>
  toolProbe({ port: port(), seq, win: 64_240, df: true, ttl: 64, options: LINUX });
const osProbe = () =>
  toolProbe({ port: 1, win: 3, flags: 0xc2, seq: fresh(), options: "03030a01020405b404020101" });

/** One letter a probe of a trace. */
const PROBES: Readonly<Record<string, () => Probe>> = {
  m: () => masscanProbe(port(), fresh()),
  n: () => nmap(0x2b05_41a7),
  // The next try: the same bits changed in both halves of the sequence number.
  N: () => nmap(0x2b05_41a7 ^ 0x0101_0101),
  // Changed in one half alone.
  x: () => nmap(0x2b05_41a7 ^ 0x0001_0000),
  o: osProbe,
  z: () => toolProbe({ port: port(), seq: fresh(), id: 54_321, win: 65_535 }),
  h: () => toolProbe({ port: port(), seq: fresh() >>> 1, ack: 7, win: 512 }),
  i: () => toolProbe({ port: 23, seq: DESTINATION, win: 7777 }),
  c: connect,
  C: () => connect(77),
  "?": () => toolProbe({ port: port(), seq: fresh() }),
  u: () => toolProbe({ port: port(), flags: undefined }),
  l: () => ({ ...toolProbe(), kind: "tcp-connect", sensor: "tcp-listener", header: undefined }),
};

function toolAfter(trace: string, sut = new Fingerprints(2)): string | undefined {
  for (const letter of trace) sut.observe(SLOT, (PROBES[letter] as () => Probe)());
  return sut.toolOf(SLOT);
}

describe("Fingerprints", () => {
  it.each([
    { what: "nothing", trace: "", tool: undefined },
    { what: "one probe of masscan", trace: "m", tool: undefined },
    { what: "two of masscan", trace: "mm", tool: "masscan" },
    { what: "two of zmap", trace: "zz", tool: "zmap" },
    { what: "two of hping3", trace: "hh", tool: "hping3" },
    { what: "two of Mirai, which are the same", trace: "ii", tool: "mirai" },
    { what: "one of nmap", trace: "n", tool: undefined },
    { what: "two of nmap with one sequence number", trace: "nn", tool: "nmap" },
    { what: "two of nmap with related ones", trace: "nN", tool: "nmap" },
    { what: "two that look like nmap's, without relation", trace: "nx", tool: undefined },
    { what: "two of nmap's OS detection", trace: "oo", tool: "nmap" },
    { what: "a scan of nmap with OS detection", trace: "noN", tool: "nmap" },
    { what: "OS detection before the scan", trace: "on", tool: "nmap" },
    { what: "two of a stack", trace: "cc", tool: "connect" },
    { what: "two of a stack with one sequence number", trace: "CC", tool: undefined },
    { what: "two without a pattern", trace: "??", tool: undefined },
    { what: "a chance look and a plain probe", trace: "m?m?m?", tool: undefined },
    { what: "two tools by turns", trace: "mcmcmcmc", tool: undefined },
    { what: "two tools, one after the other", trace: "mmc", tool: undefined },
    { what: "the second going on", trace: "mmccc", tool: "connect" },
    { what: "a stray probe among many", trace: "mmmmc", tool: "masscan" },
    { what: "six strays after a long scan", trace: `${"m".repeat(99)}??????`, tool: "masscan" },
    { what: "seven strays after a long scan", trace: `${"m".repeat(99)}???????`, tool: undefined },
    { what: "six of another tool", trace: `${"m".repeat(99)}cccccc`, tool: "masscan" },
    { what: "eight of another tool", trace: `${"m".repeat(99)}cccccccc`, tool: undefined },
    { what: "nine of another tool", trace: `${"m".repeat(99)}ccccccccc`, tool: "connect" },
    { what: "UDP between", trace: "mumuuuu", tool: "masscan" },
    { what: "listeners' connections alone", trace: "llll", tool: undefined },
    { what: "listeners' connections between", trace: "cllllc", tool: "connect" },
  ])("$what ($trace) -> $tool", ({ trace, tool }) => {
    expect(toolAfter(trace)).toBe(tool);
  });

  it.each([
    { what: "a stack", probe: connect() },
    { what: "nmap", probe: nmap(1) },
    { what: "masscan", probe: masscanProbe(22, fresh()) },
  ])("takes a retransmission of $what for no second probe", ({ probe }) => {
    const sut = new Fingerprints(2);
    for (let n = 0; n < 5; n += 1) sut.observe(SLOT, probe);
    expect(sut.toolOf(SLOT)).toBeUndefined();
  });

  it("keeps the slots apart", () => {
    const sut = new Fingerprints(2);
    toolAfter("mm", sut);
    expect(sut.toolOf(0)).toBeUndefined();
  });

  it("forgets what was in a slot when another source begins there", () => {
    const sut = new Fingerprints(2);
    toolAfter("nnnn", sut);
    sut.begin(SLOT);
    expect(sut.toolOf(SLOT)).toBeUndefined();
    expect(toolAfter("x", sut)).toBeUndefined();
  });

  it("names nothing in 100,000 probes whose numbers are by chance", () => {
    const sut = new Fingerprints(2);
    let named = 0;
    for (let n = 0; n < 100_000; n += 1) {
      const random = fresh();
      sut.observe(SLOT, toolProbe({ port: port(), seq: fresh(), id: random >>> 16, win: 8192 }));
      if (sut.toolOf(SLOT) !== undefined) named += 1;
    }
    expect(named).toBe(0);
  });

  it("names a tool after any trace only when it sent two at least", () => {
    const letters = fc.constantFrom(...Object.keys(PROBES));
    fc.assert(
      fc.property(fc.array(letters, { maxLength: 40 }), (trace) => {
        const tool = toolAfter(trace.join(""));
        const looks: Record<string, RegExp> = {
          ...{ masscan: /m/g, nmap: /[nNxo]/g, zmap: /z/g, hping3: /h/g },
          ...{ mirai: /i/g, connect: /[cC]/g },
        };
        if (tool === undefined) return;
        expect(trace.join("").match(looks[tool] as RegExp)?.length).toBeGreaterThanOrEqual(2);
      }),
    );
  });
});
