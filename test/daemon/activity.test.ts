import { beforeEach, describe, expect, it } from "vitest";
import { Activity } from "../../src/daemon/activity.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { probe } from "./stages.ts";

const SOURCE = "198.51.100.7";
const APPLIED = { status: "applied" } as const;

let clock: FakeClock;
let activity: Activity;
beforeEach(() => {
  clock = new FakeClock();
  activity = new Activity(clock);
});

const see = (port: number, more: object = {}) =>
  activity.observe({ ...probe(SOURCE, port, clock.monotonicMs()), ...more });
const probesAMinute = () => activity.view().minutes.map(({ probes }) => probes);

describe("Activity", () => {
  it("has sixty minutes, empty at first, the running one last", () => {
    const { minutes } = activity.view();
    expect(minutes).toHaveLength(60);
    expect(minutes.every(({ probes, verdicts, bans }) => probes + verdicts + bans === 0)).toBe(
      true,
    );
    const times = minutes.map(({ at }) => Date.parse(at));
    expect((times[59] as number) - (times[0] as number)).toBe(59 * 60_000);
  });

  it("counts a probe in its minute, and forgets it when an hour is over", () => {
    see(22);
    see(22);
    expect(probesAMinute().at(-1)).toBe(2);
    clock.advance(60_000);
    see(22);
    expect(probesAMinute().slice(-2)).toEqual([2, 1]);
    clock.advance(58 * 60_000);
    expect(probesAMinute()[0]).toBe(2);
    clock.advance(60_000);
    expect(probesAMinute()[0]).toBe(1);
    see(23);
    expect(probesAMinute().at(-1)).toBe(1);
  });

  it("tells ports by their number of probes, tcp and udp apart, and 32 at the most", () => {
    for (let port = 1000; port < 1040; port += 1) see(port);
    for (const times of [1, 2, 3]) for (let each = 0; each < times; each += 1) see(52 + times);
    see(55, { transport: "udp" });
    const { ports } = activity.view();
    expect(ports).toHaveLength(32);
    expect(ports.slice(0, 2)).toEqual([
      { transport: "tcp", port: 55, probes: 3 },
      { transport: "tcp", port: 54, probes: 2 },
    ]);
  });

  it("has no port for what has none", () => {
    see(8, { transport: "icmp" });
    expect(activity.view().ports).toEqual([]);
    expect(probesAMinute().at(-1)).toBe(1);
  });

  it.each([
    { port: 0, first: 0, last: 63 },
    { port: 1023, first: 960, last: 1023 },
    { port: 1024, first: 1024, last: 2047 },
    { port: 65_535, first: 64_512, last: 65_535 },
  ])("warms the band $first-$last by port $port", ({ port, first, last }) => {
    see(port);
    const { heat } = activity.view();
    expect(heat).toHaveLength(79);
    expect(heat.filter(({ probes }) => probes > 0)).toEqual([{ first, last, probes: 1 }]);
  });

  it("counts the bands of each minute, of both transports, in rows as the minutes lie", () => {
    see(22);
    clock.advance(60_000);
    see(22);
    see(53, { transport: "udp" });
    see(65_535);
    const { grid, minutes, heat } = activity.view();
    expect(grid.minutes).toEqual(minutes.map(({ at }) => at));
    expect(grid.bands).toEqual(heat.map(({ first, last }) => ({ first, last })));
    expect(grid.counts).toHaveLength(60);
    expect(grid.counts.slice(0, 58).every((row) => row.length === 0)).toBe(true);
    const [before, now] = grid.counts.slice(58) as [number[], number[]];
    expect(before).toEqual([1, ...new Array(78).fill(0)]);
    expect(now).toEqual([2, ...new Array(77).fill(0), 1]);
  });

  it.each([
    { port: 63, band: 0 },
    { port: 64, band: 1 },
    { port: 1023, band: 15 },
    { port: 1024, band: 16 },
    { port: 2047, band: 16 },
    { port: 2048, band: 17 },
    { port: 65_535, band: 78 },
  ])("counts port $port in band $band of its minute, and in no other", ({ port, band }) => {
    see(port);
    const row = activity.view().grid.counts.at(-1) as number[];
    expect(row.map((probes, at) => ({ at, probes })).filter(({ probes }) => probes > 0)).toEqual([
      { at: band, probes: 1 },
    ]);
    const { first, last } = activity.view().grid.bands[band] as { first: number; last: number };
    expect(port >= first && port <= last).toBe(true);
  });

  it("forgets the bands of a minute when an hour is over, and counts none for pings", () => {
    see(22);
    clock.advance(59 * 60_000);
    expect(activity.view().grid.counts[0]).not.toEqual([]);
    clock.advance(60_000);
    expect(activity.view().grid.counts.every((row) => row.length === 0)).toBe(true);
    see(8, { transport: "icmp" });
    expect(activity.view().grid.counts.at(-1)).toEqual([]);
    see(80);
    expect(activity.view().grid.counts.at(-1)?.[1]).toBe(1);
  });

  it("keeps ports for one window more, and no longer", () => {
    see(22);
    clock.advance(300_000);
    see(23);
    expect(activity.view().ports.map(({ port }) => port)).toEqual([22, 23]);
    clock.advance(299_999);
    expect(activity.view().ports.map(({ port }) => port)).toEqual([22, 23]);
    clock.advance(1);
    expect(activity.view().ports.map(({ port }) => port)).toEqual([23]);
  });

  it("forgets both windows after a long silence", () => {
    see(22);
    clock.advance(600_000);
    const { ports, ports_since: since } = activity.view();
    expect(ports).toEqual([]);
    expect(Date.parse(since)).toBe(clock.epochMs() - 300_000);
  });

  it("counts verdicts by tool, and bans that were made, but none that was lengthened", () => {
    activity.verdict({ tool: "nmap" } as never);
    activity.verdict({ tool: "nmap" } as never);
    activity.verdict({} as never);
    activity.outcome({ act: "ban" } as never, APPLIED, []);
    activity.outcome({ act: "ban", raisedFrom: "claimed" } as never, APPLIED, []);
    activity.outcome({ act: "ban" } as never, { status: "refused", reason: "" }, []);
    activity.outcome({ act: "unban" } as never, APPLIED, []);
    const { tools, minutes } = activity.view();
    expect(tools).toEqual([
      { tool: "nmap", verdicts: 2 },
      { tool: null, verdicts: 1 },
    ]);
    expect(minutes.at(-1)).toMatchObject({ verdicts: 3, bans: 1 });
  });
});
