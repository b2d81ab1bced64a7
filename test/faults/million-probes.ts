/** A million probes of a hundred thousand sources, and then questions after some of them. */
import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import type { Random } from "../../bench/traffic/random.ts";
import { forge } from "../support/forge.ts";
import type { Lab } from "../support/namespaces.ts";
import { waitFor } from "../support/wait-for.ts";
import type { Fault, Scope } from "./fault.ts";
import { askAll, inWords, WHY_AIM_MS } from "./history-questions.ts";
import { HistorySize, historyFilesOf, rowsOf } from "./history-size.ts";
import { Scene } from "./scene.ts";

const MEBIBYTE = 1024 * 1024;
const PROBES_A_SOURCE = 10;
/** The first of them is 10.1.0.1, so that 10.1.0.0/16 is full of them. */
const SOURCES = 100_000;
/** Sources of one round, which probe the same ports, drawn anew for each round. */
const ROUND = 2000;
/** What a busy machine takes without a loss, and few enough that every verdict is kept. */
const PER_SECOND = 2400;
/** In one of so many rounds the sources probe two ports alone: campaigns that are no scan. */
const UNDECIDED_EVERY = 10;
/** JOURNAL_SIZE: the default, which they do not reach, and its least, which they do. */
const SIZES_MEBIBYTES = [512, 16] as const;
/**
 * The files may be larger than JOURNAL_SIZE by what is written between two looks at it, and by the
 * write-ahead log.
 */
const SLACK_BYTES = 16 * MEBIBYTE;

/** Longest wait for what was sent to arrive. */
const PATIENCE_MS = 60_000;

const sourcesOf = ({ isQuick }: Scope) => (isQuick ? SOURCES / 10 : SOURCES);

/** The address of the n-th source. */
function addressOf(index: number): string {
  const place = 1 + index;
  return `10.${1 + (place >> 16)}.${(place >> 8) & 255}.${place & 255}`;
}

/** Ten ports; of some rounds two, five times each. Port 80 is served and 113 not watched. */
function portsOf(round: number, random: Random): number[] {
  const distinct = new Set<number>();
  const wanted = round % UNDECIDED_EVERY === 0 ? 2 : PROBES_A_SOURCE;
  while (distinct.size < wanted) distinct.add(random.integer(1024, 65_535));
  const ports = [...distinct];
  return Array.from({ length: PROBES_A_SOURCE }, (_, each) => ports[each % wanted] as number);
}

/** Sends all of it, and waits until the guard has it: every packet is a probe or that of a banned. */
async function flood(scene: Scene, sources: number, random: Random, size: HistorySize) {
  const { forger } = scene.network.hosts;
  const before = await scene.guard.status();
  let sent = 0;
  for (let round = 0; round * ROUND < sources; round += 1) {
    sent += await forge(forger.namespace, {
      from: addressOf(round * ROUND),
      sources: ROUND,
      to: scene.network.target.ipv4,
      ports: portsOf(round, random),
      perSecond: PER_SECOND,
    });
    size.look();
  }
  assert.equal(sent, sources * PROBES_A_SOURCE, "probes that the sender's kernel took");
  await waitFor("all probes at the guard", PATIENCE_MS, async () => {
    const { probes, dropped, lost, unlogged } = await scene.guard.status();
    assert.equal(lost, before.lost, "probes were lost on their way");
    assert.equal(unlogged, before.unlogged, "probes were beyond the log limit");
    return probes - before.probes + dropped - before.dropped >= sent;
  });
}

async function playOnce(scene: Scene, scope: Scope, sizeMebibytes: number): Promise<string> {
  const sources = sourcesOf(scope);
  const size = new HistorySize(scene.guard);
  await flood(scene, sources, scope.random, size);
  const times = await askAll(scene.guard, {
    campaign: addressOf(sources - 1),
    nobody: "192.0.2.77",
    block: "10.1.0.0/16",
  });
  size.look();

  assert.ok(size.total <= sizeMebibytes * MEBIBYTE + SLACK_BYTES, `${size.words}`);
  const rows = rowsOf(scene.guard);
  assert.equal(rows["request"], 1, "what a person asked for before the flood");
  for (const [question, { quickest }] of Object.entries(times)) {
    if (!question.startsWith("GET why")) continue;
    assert.ok(quickest <= WHY_AIM_MS, `${question}: ${quickest} ms at best`);
  }
  const [guard, broker] = (["guard", "broker"] as const).map((half) =>
    Math.round(scene.footprint(half).bytes / MEBIBYTE),
  );
  const kept = Object.entries(rows).map(([what, count]) => `${count} ${what}`);
  return `${sizeMebibytes}M: ${size.words}; rows: ${kept.join(", ")}; guard ${guard} MiB, broker ${broker} MiB resident; ${inWords(times)}`;
}

async function play(lab: Lab, scope: Scope): Promise<string> {
  const scene = await Scene.open(lab);
  const words: string[] = [];
  for (const sizeMebibytes of SIZES_MEBIBYTES) {
    await scene.guard.stop();
    for (const file of historyFilesOf(scene.guard)) rmSync(file, { force: true });
    await scene.restart({ config: { JOURNAL_SIZE: `${sizeMebibytes}M` } });
    await scene.mustBan("192.0.2.1");
    words.push(await playOnce(scene, scope, sizeMebibytes));
  }
  await scene.stillGuards();
  return words.join(". ");
}

export const MILLION_PROBES: Fault = {
  name: "million-probes",
  done: (scope) => {
    const sources = sourcesOf(scope);
    return `${sources * PROBES_A_SOURCE} probes of ${sources} sources, with JOURNAL_SIZE ${SIZES_MEBIBYTES.join("M and ")}M`;
  },
  promised: `no probe lost, the history below its size and ${SLACK_BYTES / MEBIBYTE} MiB, an answer to why within ${WHY_AIM_MS} ms, what people asked for kept`,
  limitMs: 3_600_000,
  play,
};
