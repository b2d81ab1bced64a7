/** What it costs to have more campaigns in the journal. */

import { statSync } from "node:fs";
import { join } from "node:path";
import { historyFilesOf } from "../../../test/faults/history-size.ts";
import { Scene } from "../../../test/faults/scene.ts";
import { oldCampaignSource, writeOldCampaigns } from "../../../test/support/old-campaigns.ts";
import { ask, timedOften } from "../../live/ask.ts";
import { formatNumber } from "../../live/report-table.ts";
import {
  type CurvePoint,
  curveOf,
  formatEnds,
  formatRange,
  from,
  slopeOf,
  upTo,
} from "../curve.ts";
import type { Subject } from "../subject.ts";

/** As many as are asked for at once. */
const PAGE = 1000;

/** In brackets, where there is something to tell. */
function describe(points: readonly CurvePoint[]): string {
  return points.length < 2 ? "" : ` (${formatEnds(points, "ms")})`;
}

export const CAMPAIGNS: Subject = {
  name: "campaigns",
  title: "Campaigns in the journal",
  sizeTitle: "campaigns",
  x: "logarithmic",
  sizes: [100, 1000, 10_000, 100_000, 300_000],
  quickSizes: [100, 10_000],
  groups: [
    {
      title: "time of an answer, ms",
      y: "logarithmic",
      curves: [
        { id: "why", title: "a source (GET /v1/why)" },
        { id: "page", title: "the first 1,000 (GET /v1/campaigns)" },
        { id: "address", title: "those of a /24 (?address=)" },
        { id: "status", title: "GET /v1/status" },
      ],
    },
    {
      title: "history on disk, MB",
      y: "logarithmic",
      curves: [{ id: "disk", title: "file and write-ahead log" }],
    },
  ],
  words: `The history is filled with the guard stopped, by the code that the guard itself writes it with: a
campaign every 20 s, of a source of its own, three in four of them scans. Every question is one of the API
on its Unix socket, with a connection of its own.`,
  bends(points) {
    const [page, address, disk] = ["page", "address", "disk"].map((id) => curveOf(points, id)) as [
      CurvePoint[],
      CurvePoint[],
      CurvePoint[],
    ];
    const flat = ["why", "status"].flatMap((id) => curveOf(points, id));
    const slope = slopeOf(disk);
    return [
      `A page of campaigns is at most ${PAGE.toLocaleString("en")} of them, each with its whole story: it costs more with every
campaign until it is full${describe(upTo(page, PAGE))}. From there on the same number of stories is read, of a file
that is larger${describe(from(page, PAGE))}. A /24 has 256 addresses, and here a campaign each: that list
is full with so many${describe(address)}.`,
      `A source is found by an index, and the status asks nothing of the history${flat.length === 0 ? "" : `: ${formatRange(flat, "ms")} at every size`}.
The files grow with every campaign${slope === undefined || slope <= 0 ? "" : `, ${formatNumber(slope * 1e6)} bytes each`}; JOURNAL_SIZE ends that at 512 MiB, by which the
oldest go. The first point is above that line, because tables and indexes have a page each before they
have a row.`,
    ];
  },
  async measure(lab, size, { questions }) {
    const scene = await Scene.open(lab);
    await scene.guard.stop();
    writeOldCampaigns(scene.guard, size);
    await scene.restart();
    const socket = join(scene.guard.folder, "run/api.sock");
    const often = (pathOf: (source: string) => string) =>
      timedOften(questions, (turn) =>
        ask(socket, { path: pathOf(oldCampaignSource((turn * 7919) % size)) }),
      );
    const bytes = historyFilesOf(scene.guard)
      .slice(0, 2)
      .reduce((sum, path) => sum + (statSync(path, { throwIfNoEntry: false })?.size ?? 0), 0);
    return {
      why: await often((source) => `/v1/why?address=${source}`),
      page: await often(() => "/v1/campaigns?limit=1000"),
      address: await often((source) => `/v1/campaigns?address=${source.replace(/\d+$/, "0/24")}`),
      status: await often(() => "/v1/status"),
      disk: [bytes / 1e6],
    };
  },
};
