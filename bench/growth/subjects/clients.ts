/** What it costs that more clients listen to what happens. */
import { setTimeout as pause } from "node:timers/promises";
import { Scene } from "../../../test/faults/scene.ts";
import { forge } from "../../../test/support/forge.ts";
import { Listeners, MOST_LISTENERS, SECOND_DOOR } from "../../live/listeners.ts";
import { cpuSeconds } from "../../live/processes.ts";
import { formatNumber } from "../../live/report-table.ts";
import { type CurvePoint, curveOf, formatEnds, formatRange, slopeOf } from "../curve.ts";
import type { Subject } from "../subject.ts";

/** A scan from many addresses, which gives the listeners all that is told in a second. */
const PER_SECOND = 500;
const PORTS = [1001, 1002, 1003, 1004, 1005];

function describe(scan: readonly CurvePoint[], slope: number | undefined): string {
  if (slope === undefined) return "";
  const ends = `${formatEnds(scan, "%")} clients`;
  return slope > 0 ? ` (${ends}, ${formatNumber(slope)} % of a core for each)` : ` (${ends})`;
}

export const CLIENTS: Subject = {
  name: "clients",
  title: "Clients that listen to GET /v1/events",
  sizeTitle: "clients",
  x: "linear",
  sizes: [0, 1, 4, 8, 16, 24, MOST_LISTENERS],
  quickSizes: [0, MOST_LISTENERS],
  groups: [
    {
      title: "CPU time of the guard process, % of a core",
      y: "linear",
      curves: [
        { id: "idle", title: "nothing happens" },
        { id: "scan", title: `${PER_SECOND} probes a second` },
      ],
    },
    {
      title: "from a ban's request until it is heard, ms",
      y: "linear",
      curves: [
        { id: "delay", title: "nothing else happens" },
        { id: "scan-delay", title: `${PER_SECOND} probes a second` },
      ],
    },
  ],
  words: `The clients are one process beside the guard, and not counted. The probes come from forged
addresses, five each, so that campaigns, verdicts and bans are told as fast as they are told at all. More
than ${MOST_LISTENERS} are not served: 16 on the Unix socket and 16 on the TCP door, and one more is answered 503.`,
  bends(points) {
    const scan = curveOf(points, "scan");
    const slope = slopeOf(scan);
    const delays = ["delay", "scan-delay"].flatMap((id) => curveOf(points, id));
    return [
      `An event becomes text once, whoever listens, and at most 16 campaigns and 16 other events are
told in a second, however many happen; a client more is one write more for each of them. What the guard
uses under the scan is therefore nearly all the scan's${describe(scan, slope)}. A ban is told to
one after the other in the same turn of the event loop, so that the last one hears of it hardly later
than the first${delays.length === 0 ? "" : ` (${formatRange(delays, "ms")} with any number of clients)`}.`,
    ];
  },
  async measure(lab, size, { seconds, questions }) {
    const scene = await Scene.open(lab, { config: SECOND_DOOR });
    const { hosts, target } = scene.network;
    const pid = scene.guard.pid("guard") ?? 0;
    const listeners = size === 0 ? undefined : await Listeners.open(scene.guard, size);
    const cost = async (act: () => Promise<unknown>) => {
      const before = cpuSeconds([pid]);
      const beginsAtMs = performance.now();
      await act();
      return (100_000 * (cpuSeconds([pid]) - before)) / (performance.now() - beginsAtMs);
    };
    const scan = (round: number) =>
      forge(hosts.forger.namespace, {
        from: `10.${round}.0.1`,
        sources: (PER_SECOND * seconds) / PORTS.length,
        ...{ to: target.ipv4, ports: PORTS, perSecond: PER_SECOND },
      });
    const addresses = Array.from({ length: questions }, (_, turn) => `192.0.2.${100 + turn}`);
    const idle = await cost(() => pause(seconds * 1000));
    const delay = await listeners?.delaysMs(addresses);
    const scanned = await cost(() => scan(1));
    // For as long as the bans take: each is 0.2 s and more.
    let isHeard = listeners === undefined;
    const hearing = listeners?.delaysMs(addresses).finally(() => {
      isHeard = true;
    });
    for (let round = 2; !isHeard; round += 1) await scan(round);
    const scanDelay = await hearing;
    await listeners?.close();
    return {
      ...{ idle: [idle], scan: [scanned] },
      ...(delay === undefined ? {} : { delay }),
      ...(scanDelay === undefined ? {} : { "scan-delay": scanDelay }),
    };
  },
};
