/** An hour of a busy host in a few minutes: probes, bans that run out, questions over the API. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { ApiOperator } from "../../src/cli/api-client.ts";
import { forge } from "../support/forge.ts";
import type { Half } from "../support/guard.ts";
import { waitFor } from "../support/wait-for.ts";
import type { Fault, Scope } from "./fault.ts";
import { Flood } from "./flood.ts";
import { Scene } from "./scene.ts";

const HALVES = ["guard", "broker"] as const satisfies readonly Half[];
/** One turn stands for a minute of the hour, and takes a few seconds. */
const TURNS = 60;
const WARM_TURNS = 15;
const quickly = ({ isQuick }: Scope) => (isQuick ? 4 : 1);
/** In one turn: forged probes, from as many senders; that makes 360,000 in the hour. */
const PROBES = 6000;
/** In one turn: bans by hand, which run out in the turns that follow. */
const BANS = 10;
const BAN_SECONDS = 3;
/** In one turn: forged senders that probe enough to be convicted. */
const SCANNERS = 10;
const SCANNED_PORTS = [1001, 1002, 1003, 1004, 1005, 1006];
/** In one turn: questions over the API, each for the state and for a page of bans. */
const QUESTIONS = 6;
/**
 * Most that a half may grow from the turns before to the last: the least of five readings each,
 * because memory that is collected late comes and goes.
 */
const GROWTH_MEBIBYTES = 16;
const GROWTH_DESCRIPTORS = 4;
const READINGS = 5;

interface Reading {
  readonly mebibytes: number;
  readonly descriptors: number;
}

function leastOf(readings: readonly Reading[]): Reading {
  return {
    mebibytes: Math.min(...readings.map(({ mebibytes }) => mebibytes)),
    descriptors: Math.min(...readings.map(({ descriptors }) => descriptors)),
  };
}

export const STEADY_LOAD: Fault = {
  name: "steady-load",
  done: (scope) => {
    const turns = TURNS / quickly(scope);
    return `after a warm-up ${turns * PROBES} probes of as many senders, ${turns * BANS} bans by hand and up to ${turns * SCANNERS} of scanners that run out, ${turns * QUESTIONS * 2} questions over the API`;
  },
  promised: `guard and broker grow by less than ${GROWTH_MEBIBYTES} MiB and ${GROWTH_DESCRIPTORS + 1} descriptors`,
  limitMs: 1_800_000,
  play: async (lab, scope) => {
    const scene = await Scene.open(lab);
    const operator = new ApiOperator(join(scene.guard.folder, "run/api.sock"), 30_000);
    const { forger } = scene.network.hosts;
    const readings = { guard: [] as Reading[], broker: [] as Reading[] };
    await using flood = new Flood(scene);
    let asked = 0;
    const turn = async (place: number) => {
      const bans = Array.from({ length: BANS }, (_, each) => `172.16.${place}.${each + 1}`);
      for (const address of bans) {
        const { status } = await operator.ban({ address, for_seconds: BAN_SECONDS });
        assert.equal(status, "applied", `the ban of ${address}`);
      }
      await forge(forger.namespace, {
        from: `172.20.${place}.1`,
        sources: SCANNERS,
        to: scene.network.target.ipv4,
        ports: SCANNED_PORTS,
        perSecond: 200,
      });
      for (let question = 0; question < QUESTIONS; question += 1) {
        await operator.status();
        await operator.bans(1000, undefined);
        asked += 2;
      }
      await waitFor("the probes of the turn", 120_000, () => flood.packets >= (place + 1) * PROBES);
      for (const half of HALVES) {
        const { bytes, descriptors } = scene.footprint(half);
        readings[half].push({ mebibytes: bytes / 1024 / 1024, descriptors });
      }
    };
    const warmTurns = Math.ceil(WARM_TURNS / quickly(scope));
    const turns = TURNS / quickly(scope);
    for (let place = 0; place < warmTurns + turns; place += 1) await turn(place);
    await flood.stop();
    const { probes, verdicts } = await operator.status();
    await waitFor("the end of all bans that were made", 300_000, async () => {
      return (await operator.status()).banned === 0;
    });
    await scene.stillGuards();

    const words = HALVES.map((half) => {
      const before = leastOf(readings[half].slice(warmTurns - 1, warmTurns - 1 + READINGS));
      const after = leastOf(readings[half].slice(-READINGS));
      const grown = Math.round(after.mebibytes - before.mebibytes);
      const descriptors = after.descriptors - before.descriptors;
      assert.ok(grown < GROWTH_MEBIBYTES, `the ${half} grew by ${grown} MiB`);
      assert.ok(descriptors <= GROWTH_DESCRIPTORS, `${half}: ${descriptors} descriptors more`);
      const from = Math.round(before.mebibytes);
      return `${half} from ${from} to ${from + grown} MiB, ${descriptors} descriptors more`;
    });
    return `${words.join("; ")}; ${probes} probes, ${verdicts} verdicts, ${asked} questions; all bans ran out`;
  },
};
