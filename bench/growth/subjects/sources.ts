/** What it costs to remember more sources. */

import { Scene } from "../../../test/faults/scene.ts";
import { forge } from "../../../test/support/forge.ts";
import { waitFor } from "../../../test/support/wait-for.ts";
import { cpuSeconds, residentBytes } from "../../live/processes.ts";
import { formatNumber } from "../../live/report-table.ts";
import { curveOf, formatEnds, formatRange, isRising, slopeOf, upTo } from "../curve.ts";
import type { Subject } from "../subject.ts";

/** As it is by default. */
const MAX_SOURCES = 65_536;

/** What a machine of two processors takes without a loss, beside whoever sends. */
const FILL_PER_SECOND = 5000;
/** Of the probes whose cost is counted. */
const PER_SECOND = 2000;
/** Sent before anything is measured: a guard that has compiled little is slower, and smaller. */
const WARM_UP_PROBES = 10_000;
const ARRIVAL_MS = 60_000;
/** One port for all: one contact convicts nobody, and nobody is banned. */
const PORT = 1001;
/** The first of them; the last is below 11.0.0.0. */
const FIRST = "10.1.0.1";

/** Sends a probe of each source, again and again. @returns when the guard has all of them. */
async function probe(scene: Scene, sources: number, repeats: number, perSecond: number) {
  const { guard, network } = scene;
  const before = await guard.status();
  const sent = await forge(network.hosts.forger.namespace, {
    ...{ from: FIRST, sources, to: network.target.ipv4, ports: [PORT], repeats, perSecond },
  });
  await waitFor(`${sent} probes at the guard`, ARRIVAL_MS, async () => {
    const { probes, lost, unlogged } = await guard.status();
    const missing = lost - before.lost + unlogged - before.unlogged;
    if (missing > 0) throw new Error(`${missing} probes were lost: the machine is too busy`);
    return probes - before.probes >= sent;
  });
  return sent;
}

export const SOURCES: Subject = {
  name: "sources",
  title: "Sources that have probed",
  sizeTitle: "sources",
  x: "logarithmic",
  sizes: [1, 1000, 10_000, 65_536, 131_072],
  quickSizes: [1, 1000, 10_000],
  groups: [
    {
      title: "resident memory, MB",
      y: "linear",
      curves: [
        { id: "guard", title: "guard" },
        { id: "broker", title: "broker" },
      ],
    },
    {
      title: "CPU time of both, µs a probe",
      y: "linear",
      curves: [
        {
          id: "probe",
          title: `a known source's next probe, ${PER_SECOND.toLocaleString("en")} a second`,
        },
      ],
    },
  ],
  words: `Each source sends one SYN to an unused port, under a forged address, and
${WARM_UP_PROBES.toLocaleString("en")} more come in turn, so that the guard has run for a while; then memory is read. For
the second figure ${PER_SECOND.toLocaleString("en")} more probes a second come from these sources in turn, and what both processes
use meanwhile is divided by them, with all that they do by time alone. What the kernel's sets use is in
neither.`,
  bends(points) {
    const guard = curveOf(points, "guard");
    const probe = curveOf(points, "probe");
    const within = upTo(guard, MAX_SOURCES);
    const slope = slopeOf(within);
    return [
      `A source is a slot in typed arrays, which are taken whole when the guard starts, so they are part
of the first point. What comes with the sources beside them is what the guard remembers elsewhere of who
probed lately, and what its garbage collection has left${slope === undefined ? "" : `: ${formatEnds(within, "MB")} sources, ${formatNumber(slope * 1e6)} bytes for each`}.
MAX_SOURCES is ${MAX_SOURCES.toLocaleString("en")}: beyond it the least convincing source is forgotten, and nothing more is kept. The
broker has no record of them; its line is its own garbage collection.`,
      `A source stands in one of eight slots that a keyed hash picks, however many there are, so a probe
costs the same${probe.length === 0 ? "" : `: here ${formatRange(probe, "µs")}`}. ${
        isRising(probe)
          ? "That it rises with the sources all the same has no reason in the number of steps: more memory is touched in no order."
          : "It does not rise in the order of the sizes; what differs is the machine, and by how much what both processes do by time alone weighs."
      }`,
    ];
  },
  async measure(lab, size, { seconds }) {
    const scene = await Scene.open(lab);
    await probe(scene, size, 1, FILL_PER_SECOND);
    const warming = Math.min(size, WARM_UP_PROBES);
    await probe(scene, warming, Math.floor(WARM_UP_PROBES / warming), FILL_PER_SECOND);
    const pids = (["guard", "broker"] as const).map((half) => scene.guard.pid(half) ?? 0);
    const [guard = 0, broker = 0] = pids.map((pid) => residentBytes([pid]) / 1e6);
    const total = PER_SECOND * seconds;
    const sources = Math.min(size, total);
    const before = cpuSeconds(pids);
    const sent = await probe(scene, sources, Math.floor(total / sources), PER_SECOND);
    const probeUs = ((cpuSeconds(pids) - before) * 1e6) / sent;
    return { guard: [guard], broker: [broker], probe: [probeUs] };
  },
};
