import { describe, expect, it } from "vitest";
import { Emitters } from "../../src/detectors/emitters.ts";
import { formatWords, wordsOf } from "../../src/net/address-words.ts";
import type { IpAddress } from "../../src/net/ip-address.ts";
import { SEGMENT_SIZE, type ToolPacket, toolProbe } from "./tool-probes.ts";

/** nmap's SYN; `from` is the last octet of the source. */
function syn(from: number, more: ToolPacket & { seenAtMs?: number; to?: string } = {}) {
  const { seenAtMs = 0, to = "198.51.100.1", ...packet } = more;
  return {
    ...toolProbe({ win: 1024, options: SEGMENT_SIZE, ...packet }),
    source: wordsOf(`192.0.2.${from}` as IpAddress),
    destination: wordsOf(to as IpAddress),
    seenAtMs,
  };
}

const sourcesOf = (sut: Emitters, emitter: number | undefined) =>
  sut.sourcesOf(emitter ?? -1).map((words) => formatWords(words).replace("192.0.2.", ""));

describe("Emitters", () => {
  it.each<{ what: string; second: Parameters<typeof syn>[1]; isOne: boolean }>([
    { what: "the same packet at once", second: {}, isOne: true },
    { what: "the same packet a second later", second: { seenAtMs: 1000 }, isOne: true },
    { what: "a millisecond too late", second: { seenAtMs: 1001 }, isOne: false },
    { what: "a second earlier, out of order", second: { seenAtMs: -1000 }, isOne: true },
    { what: "another TTL, as decoys have", second: { ttl: 59 }, isOne: true },
    { what: "another sequence number", second: { seq: 7 }, isOne: false },
    { what: "another source port", second: { sourcePort: 7 }, isOne: false },
    { what: "another identification", second: { id: 7 }, isOne: false },
    { what: "another port", second: { port: 7 }, isOne: false },
    { what: "another of our addresses", second: { to: "198.51.100.2" }, isOne: false },
    { what: "UDP", second: { flags: undefined }, isOne: false },
  ])("calls two sources one emitter: $what -> $isOne", ({ second, isOne }) => {
    const sut = new Emitters();
    expect(sut.observe(syn(1))).toBeUndefined();
    const emitter = sut.observe(syn(2, second));
    expect(sourcesOf(sut, emitter)).toEqual(isOne ? ["1", "2"] : []);
  });

  it("says nothing of one source that repeats itself", () => {
    const sut = new Emitters();
    expect([syn(1), syn(1), syn(1)].map((probe) => sut.observe(probe))).toEqual([
      ...[undefined, undefined, undefined],
    ]);
  });

  it.each([
    { what: "a sequence number of 0", packet: { seq: 0 } },
    { what: "UDP", packet: { flags: undefined } },
  ])("does not compare what tells nothing: $what", ({ packet }) => {
    const sut = new Emitters();
    sut.observe(syn(1, packet));
    expect(sut.observe(syn(2, packet))).toBeUndefined();
  });

  it("compares the acknowledgements of ACK scans", () => {
    const sut = new Emitters();
    const packet = { flags: 0x10, seq: 0, ack: 99 };
    sut.observe(syn(1, packet));
    expect(sut.observe(syn(2, packet))).toBe(0);
  });

  it("knows a scan with decoys as one emitter over all its ports", () => {
    const sut = new Emitters();
    const emitters = new Set<number | undefined>();
    for (let port = 1; port <= 500; port += 1) {
      for (const from of [50, 51, 52, 1]) {
        emitters.add(sut.observe(syn(from, { port, id: port * 77, seenAtMs: port })));
      }
    }
    expect(emitters).toEqual(new Set([undefined, 0]));
    expect(sourcesOf(sut, 0)).toEqual(["50", "51", "52", "1"]);
  });

  it("makes two emitters one when a packet shows it, and each source stands there once", () => {
    const sut = new Emitters();
    const share = (port: number, ...from: number[]) =>
      from.map((source) => sut.observe(syn(source, { port }))).at(-1);
    expect(share(1, 1, 2)).toBe(0);
    expect(share(2, 3, 4)).toBe(1);
    expect(share(3, 4, 2)).toBe(0);
    expect(share(4, 3, 5)).toBe(0);
    expect(sourcesOf(sut, 0)).toEqual(["1", "2", "3", "4", "5"]);
    expect(sourcesOf(sut, 1)).toEqual([]);
  });

  it("remembers 128 sources of an emitter, and 64 emitters", () => {
    const sut = new Emitters();
    for (let from = 1; from <= 130; from += 1) sut.observe(syn(from));
    expect(sut.sourcesOf(0)).toHaveLength(128);
    for (let pair = 0; pair < 64; pair += 1) {
      expect(sut.sourcesOf(0)).toHaveLength(128);
      const port = 1000 + pair;
      sut.observe({ ...syn(0, { port }), source: Uint32Array.of(0, 0, 0xffff, 2 * pair) });
      sut.observe({ ...syn(0, { port }), source: Uint32Array.of(0, 0, 0xffff, 2 * pair + 1) });
    }
    expect(sut.sourcesOf(0)).toEqual([]);
    expect(sut.sourcesOf(1)).toHaveLength(2);
    expect(sut.sourcesOf(64)).toHaveLength(2);
  });

  it("forgets packets in a flood, and takes no stranger's for them", () => {
    const sut = new Emitters();
    sut.observe(syn(1));
    const probe = syn(3);
    let mistaken = 0;
    for (let port = 0; port < 0x10000; port += 1) {
      if (sut.observe({ ...probe, port, sourcePort: port }) !== undefined) mistaken += 1;
    }
    expect(mistaken).toBe(0);
    expect(sut.observe(syn(2))).toBeUndefined();
  });

  it("knows the others of a source's machine, and who sent a packet first", () => {
    const sut = new Emitters();
    const company = (from: number) => sut.companyOf(syn(from).source).map((words) => words[3]);
    sut.observe(syn(1));
    sut.observe(syn(2));
    expect(formatWords(sut.partner)).toBe("192.0.2.1");
    expect([company(1), company(2), company(3)]).toEqual([
      ...[[0xc000_0201, 0xc000_0202], [0xc000_0201, 0xc000_0202], []],
    ]);
  });

  it("takes hardly longer for a probe when it remembers much", () => {
    /** Copies of one packet under ever new addresses. */
    const flood = (sut: Emitters): number => {
      const forged = { ...syn(0, { port: 1000 }), source: Uint32Array.of(0, 0, 0xffff, 0) };
      const startedMs = performance.now();
      for (let count = 0; count < 20_000; count += 1) {
        forged.source[3] = 0xc612_0000 + count;
        sut.observe(forged);
      }
      return performance.now() - startedMs;
    };
    const full = new Emitters();
    for (let pair = 0; pair < 64; pair += 1) {
      for (let from = 0; from < 128; from += 1) {
        const source = Uint32Array.of(0, 0, 0xffff, pair * 128 + from);
        full.observe({ ...syn(0, { port: 1000 + pair }), source });
      }
    }
    flood(new Emitters());
    // Side by side, because the machine may be busy. To look 8,192 sources through for each probe
    // would take a hundred times as long.
    expect(flood(full)).toBeLessThan(20 * flood(new Emitters()));
  });

  it("takes no connection of a listener", () => {
    const sut = new Emitters();
    sut.observe({ ...syn(1), header: undefined });
    expect(sut.observe({ ...syn(2), header: undefined })).toBeUndefined();
  });
});
