/** Asks a guard after its past, as programs and as people do, and takes the time. */
import assert from "node:assert/strict";
import { join } from "node:path";
import type { CampaignView } from "../../src/api/contract.ts";
import { askApi } from "../support/api.ts";
import type { Guard } from "../support/guard.ts";

export interface Asked {
  /** A source that has a campaign. */
  readonly campaign: string;
  /** One that nobody has heard of. */
  readonly nobody: string;
  /** A prefix with many sources. */
  readonly block: string;
}

/**
 * The quickest answer of the API to why, whoever is asked about. Milliseconds. What the others take
 * longer is what else the machine has to do.
 */
export const WHY_AIM_MS = 100;

/** How often each question is asked. */
const TIMES = 15;
/** Campaigns on each page of the list. */
const PAGE = 1000;

/** How long each of one question took. Milliseconds. */
export interface Times {
  readonly quickest: number;
  readonly median: number;
  readonly longest: number;
}

async function timed(act: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await act();
  return performance.now() - began;
}

function timesOf(all: readonly number[]): Times {
  const sorted = all.toSorted((a, b) => a - b);
  const rounded = (index: number) => Math.round((sorted[index] ?? 0) * 10) / 10;
  return {
    quickest: rounded(0),
    median: rounded(Math.floor(sorted.length / 2)),
    longest: rounded(sorted.length - 1),
  };
}

/** The quickest, the median and the longest of each. */
export function inWords(times: Readonly<Record<string, Times>>): string {
  return Object.entries(times)
    .map(([name, { quickest, median, longest }]) => `${name} ${quickest}-${median}-${longest} ms`)
    .join(", ");
}

/** @returns how long each took, by its name. */
export async function askAll(guard: Guard, asked: Asked): Promise<Record<string, Times>> {
  const socket = join(guard.folder, "run/api.sock");
  const times: Record<string, Times> = {};
  const repeat = async (name: string, count: number, act: () => Promise<unknown>) => {
    const all: number[] = [];
    for (let turn = 0; turn < count; turn += 1) all.push(await timed(act));
    times[name] = timesOf(all);
  };
  for (const [name, address] of Object.entries(asked)) {
    await repeat(`GET why ${name}`, TIMES, async () => {
      assert.ok(await askApi(socket, `/v1/why?address=${address}`), `why ${address}`);
    });
    await repeat(`vedette why ${name}`, 5, () => guard.ask("why", address));
  }
  const pages: number[] = [];
  let after = "";
  let seen = 0;
  for (;;) {
    let page: CampaignView[] = [];
    pages.push(
      await timed(async () => {
        page = (await askApi(socket, `/v1/campaigns?limit=${PAGE}${after}`)) as CampaignView[];
      }),
    );
    seen += page.length;
    if (page.length < PAGE) break;
    after = `&after=${page.at(-1)?.id}`;
  }
  times[`${pages.length} pages, ${seen} campaigns`] = timesOf(pages);
  times["first page"] = timesOf(pages.slice(0, 1));
  times["last full page"] = timesOf(pages.slice(-2, -1));
  await repeat("GET history of a kind", TIMES, () => askApi(socket, "/v1/history?kind=request"));
  await repeat("vedette report", 3, () => guard.ask("report"));
  return times;
}
