/** What it costs to have more bans in force. */
import { join } from "node:path";
import { Scene } from "../../../test/faults/scene.ts";
import { manyBansAddress, writeManyBans } from "../../../test/support/many-bans.ts";
import { ask, change, timed, timedOften } from "../../live/ask.ts";
import { residentBytes } from "../../live/processes.ts";
import type { Subject } from "../subject.ts";

/** Longest that a guard may take to bring them back. Milliseconds. */
const BACK_MS = 600_000;

/** The ban that the others are copies of. */
const FIRST_BAN = "192.0.2.1";

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
      ],
    },
  ],
  words: `The journal is filled with the guard stopped, as copies of a ban by hand; then the guard starts,
into a kernel that has none of them, and brings them back. Every question is one of the API on its Unix
socket, with a connection of its own; a ban is answered when the kernel has it and the journal, too. The
list is at its full length from 1,000 bans on.`,
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
    const [guard = 0, broker = 0] = (["guard", "broker"] as const).map(
      (half) => residentBytes([scene.guard.pid(half) ?? 0]) / 1e6,
    );
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
    };
  },
};
