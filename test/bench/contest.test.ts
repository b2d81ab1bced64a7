import { describe, expect, it } from "vitest";
import { play } from "../../bench/contest.ts";
import type { EngineEntry } from "../../bench/engines/engine.ts";
import type { Scenario } from "../../bench/scenario.ts";
import { encodeTcp } from "../../bench/traffic/packets.ts";

const OURS = ["198.51.100.10", "2001:db8:1::10"];
const FAST = "203.0.113.1";
const SLOW = "203.0.113.2";
const HONEST = "192.0.2.1";
const STRANGER = "192.0.2.2";

/** "address@ms" of each packet. */
function scenario(trace: string, truth: Partial<Scenario> = {}): Scenario {
  const packets = trace.split(" ").map((step) => {
    const [source = "", ms] = step.split("@");
    const destination = (source.includes(":") ? OURS[1] : OURS[0]) as string;
    const ends = { source, destination, sourcePort: 1, destinationPort: 1 };
    return { bytes: encodeTcp({ ...ends, flags: 2 }), atEpochMs: Number(ms) };
  });
  return {
    ...{ id: "made", kind: "scan", title: "", ours: OURS, services: [], packets },
    scanners: [FAST, SLOW],
    innocents: [HONEST],
    ...truth,
  };
}

/** Convicts whoever sends his `limit`th packet, `delayMs` later. */
const counting = (limit: number, delayMs = 0): EngineEntry => ({
  name: "counting",
  rule: "",
  make: (onConviction) => {
    const counts = new Map<string, number>();
    return {
      observe: ({ peer, atEpochMs }) => {
        const count = (counts.get(peer) ?? 0) + 1;
        counts.set(peer, count);
        if (count === limit) onConviction(peer, atEpochMs + delayMs);
      },
      end: () => {},
    };
  },
});

describe("play", () => {
  it("counts packets and seconds of the scanner alone, the convicting packet included", () => {
    const only = { scanners: [FAST] };
    const trace = `${HONEST}@0 ${FAST}@1000 ${HONEST}@1500 ${FAST}@2000 ${FAST}@9000`;
    expect(play(counting(2), scenario(trace, only))).toMatchObject({
      scanners: 1,
      found: 1,
      packets: 2,
      seconds: 1,
    });
  });

  it("takes the time that the engine says", () => {
    const trace = `${FAST}@1000 ${FAST}@2000`;
    expect(play(counting(2, 500), scenario(trace, { scanners: [FAST] })).seconds).toBe(1.5);
  });

  it("says the median of those that were found, and how many that are", () => {
    const trace = `${FAST}@0 ${FAST}@1000 ${SLOW}@1000`;
    expect(play(counting(2), scenario(trace))).toMatchObject({ scanners: 2, found: 1, packets: 2 });
    const both = `${FAST}@0 ${SLOW}@0 ${FAST}@1000 ${SLOW}@9000`;
    expect(play(counting(2), scenario(both))).toMatchObject({ found: 2, packets: 2, seconds: 1 });
  });

  it("tells the innocent from those of whom nobody knows", () => {
    const outcome = play(counting(1), scenario(`${HONEST}@0 ${STRANGER}@1`));
    expect(outcome).toMatchObject({
      found: 0,
      packets: undefined,
      innocents: 1,
      falseConvictions: 1,
      convictedInnocents: [HONEST],
      others: 1,
    });
  });

  it("holds what was convicted before the scan began for a mistake, and counts from there", () => {
    const truth = { scanners: [FAST], innocents: [FAST], scanBeginsAtEpochMs: 5000 };
    const trace = `${FAST}@0 ${FAST}@4999 ${FAST}@5000 ${FAST}@6000`;
    expect(play(counting(2), scenario(trace, truth))).toMatchObject({
      ...{ found: 1, packets: undefined, seconds: undefined, falseConvictions: 1 },
    });
    expect(play(counting(4), scenario(trace, truth))).toMatchObject({
      ...{ found: 1, packets: 2, seconds: 1, falseConvictions: 0, others: 0 },
    });
  });

  it("takes the addresses of a /64 for one sender", () => {
    const trace = "2001:db8:2::1@0 2001:db8:2::2@1000 2001:db8:2::2@2000";
    const truth = { scanners: ["2001:db8:2::"], innocents: [] };
    expect(play(counting(2), scenario(trace, truth))).toMatchObject({
      found: 1,
      packets: 3,
      seconds: 2,
    });
  });
});
