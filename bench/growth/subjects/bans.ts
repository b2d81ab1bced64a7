/** What it costs to have more bans in force. */
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { Scene } from "../../../test/faults/scene.ts";
import { manyBansAddress, writeManyBans } from "../../../test/support/many-bans.ts";
import { ask, change, timed, timedOften } from "../../live/ask.ts";
import { residentBytes } from "../../live/processes.ts";
import { formatNumber } from "../../live/report-table.ts";
import {
  type CurvePoint,
  curveOf,
  endsOf,
  formatEnds,
  formatRange,
  from,
  slopeOf,
  upTo,
} from "../curve.ts";
import type { GrowthPoint } from "../results.ts";
import type { Subject } from "../subject.ts";

/** Longest that a guard may take to bring them back. Milliseconds. */
const BACK_MS = 600_000;

/** The ban that the others are copies of. */
const FIRST_BAN = "192.0.2.1";

/** Until memory is read again: what a start has left behind is collected by then. Milliseconds. */
const LATER_MS = 15_000;

/** Of a list that is asked for without a limit. */
const PAGE = 1000;

function bendOfList(list: readonly CurvePoint[]): string {
  const [growing, full] = [upTo(list, PAGE), from(list, PAGE)];
  const words = [
    growing.length > 1 ? `${formatEnds(growing, "ms")} bans` : "",
    full.length > 1 ? `${formatRange(full, "ms")} from there on` : "",
  ].filter((each) => each !== "");
  return `A list is a page of at most ${PAGE.toLocaleString("en")} bans, found by an index: it costs more with every ban until
the page is full, and then no more${words.length === 0 ? "" : ` (${words.join(", ")})`}.`;
}

function bendOfOthers(flat: readonly CurvePoint[]): string {
  return `Adding, removing and asking do not bend: the kernel's sets of addresses are hash tables, and
the journal finds a ban by an index${flat.length === 0 ? "" : ` (${formatRange(flat, "ms")} at every size)`}.`;
}

/** The start of the programs is all there is to a start with few bans. */
function bendOfStart(start: readonly CurvePoint[]): string {
  const ends = endsOf(start);
  const slope = slopeOf(start);
  if (ends === undefined || slope === undefined || slope <= 0) return "";
  const [{ value }] = ends;
  return `A start with few bans is the start of the two programs (${formatNumber(value)} ms at ${ends[0].size.toLocaleString("en")}); each ban adds
${formatNumber(slope * 1000)} µs, for which the journal reads it, the broker checks it and the kernel takes it, 500 at a time.
The curve bends where both weigh the same, at about ${Number((value / slope).toPrecision(1)).toLocaleString("en")} bans.`;
}

function bendOfMemory(points: readonly GrowthPoint[]): string {
  const back = ["guard", "broker"].map((id) => curveOf(points, id).at(-1)?.value);
  const later = ["guard-later", "broker-later"].map((id) => curveOf(points, id).at(-1)?.value);
  const values = [...back, ...later];
  const isKnown = values.every((value) => value !== undefined);
  const [guard, broker, guardLater, brokerLater] = values.map((value) => formatNumber(value ?? 0));
  const size = points.at(-1)?.size.toLocaleString("en");
  return `Neither half keeps a ban in its own memory: the kernel has it, whose sets are not counted here, and
the journal. What rises with the bans is what bringing them back leaves behind, until it is collected${
    isKnown
      ? `:
${LATER_MS / 1000} s after ${size} bans were back, the guard had ${guardLater} MB instead of ${guard}, and the broker ${brokerLater} MB
instead of ${broker}`
      : ""
  }.`;
}

export const BANS: Subject = {
  name: "bans",
  title: "Bans in force",
  sizeTitle: "bans",
  x: "logarithmic",
  sizes: [100, 1000, 10_000, 100_000, 1_000_000],
  quickSizes: [100, 10_000],
  groups: [
    {
      title: "time, ms",
      y: "logarithmic",
      curves: [
        { id: "add", title: "add one (POST /v1/bans)" },
        { id: "remove", title: "remove one (DELETE /v1/bans)" },
        { id: "list", title: "list the first page of 1,000 (GET /v1/bans)" },
        { id: "why", title: "ask about one (GET /v1/why)" },
        { id: "start", title: "start, until all are back" },
      ],
    },
    {
      title: "resident memory, MB",
      y: "linear",
      curves: [
        { id: "guard", title: "guard" },
        { id: "broker", title: "broker" },
        { id: "guard-later", title: `guard, ${LATER_MS / 1000} s later` },
        { id: "broker-later", title: `broker, ${LATER_MS / 1000} s later` },
      ],
    },
  ],
  words: `The journal is filled with the guard stopped, as copies of a ban by hand; then the guard starts,
into a kernel that has none of them, and brings them back. Every question is one of the API on its Unix
socket, with a connection of its own; a ban is answered when the kernel has it and the journal, too.
Memory is read when the bans are back, and once more ${LATER_MS / 1000} s later.`,
  bends(points) {
    const [start, list] = ["start", "list"].map((id) => curveOf(points, id)) as [
      CurvePoint[],
      CurvePoint[],
    ];
    const flat = ["add", "remove", "why"].flatMap((id) => curveOf(points, id));
    return [bendOfList(list), bendOfOthers(flat), bendOfStart(start), bendOfMemory(points)];
  },
  async measure(lab, size, { questions }) {
    const scene = await Scene.open(lab);
    await scene.mustBan(FIRST_BAN);
    await scene.guard.stop();
    writeManyBans(scene.guard, size - 1);
    await scene.network.target.namespace.run("nft", ["flush", "ruleset"]);
    const start = await timed(() => scene.restart({}, BACK_MS));
    const { banned } = await scene.guard.status();
    if (banned !== size) throw new Error(`${banned} of ${size} bans are in force`);
    const socket = join(scene.guard.folder, "run/api.sock");
    const memory = () =>
      (["guard", "broker"] as const).map(
        (half) => residentBytes([scene.guard.pid(half) ?? 0]) / 1e6,
      );
    const [guard = 0, broker = 0] = memory();
    await pause(LATER_MS);
    const [guardLater = 0, brokerLater = 0] = memory();
    const other = (turn: number) => `192.0.2.${100 + turn}`;
    const known = (turn: number) => manyBansAddress((turn * 7919) % (size - 1));
    return {
      add: await timedOften(questions, (turn) => change(socket, "ban", other(turn))),
      remove: await timedOften(questions, (turn) => change(socket, "unban", other(turn))),
      list: await timedOften(questions, () => ask(socket, { path: "/v1/bans" })),
      why: await timedOften(questions, (turn) =>
        ask(socket, { path: `/v1/why?address=${known(turn)}` }),
      ),
      ...{ start: [start], guard: [guard], broker: [broker] },
      ...{ "guard-later": [guardLater], "broker-later": [brokerLater] },
    };
  },
};
