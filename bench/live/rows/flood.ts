/**
 * Forged SYNs from random sources to one unused port: what becomes of them, and what they cost.
 *
 * First as fast as the machine makes them (hping3), which also fills the guard's tables; then at
 * 10,000 a second from ever other sources, below Vedette's NFLOG_RATE; then as fast again, which is
 * what is told of the fast one. Sender and guard share the machine, so a guard that takes less CPU
 * time gets more packets.
 */
import { forge } from "../../../test/support/forge.ts";
import { HostileMachine } from "../hostile-machine.ts";
import { type Ledger, ledgerOf } from "../ledger.ts";
import type { Measure, Numbers, Row } from "../row.ts";
import type { Standing } from "../standing.ts";

const PORT = 11;
const SECONDS = 2;
const STEADY_PER_SECOND = 10_000;
const STEADY_FIRST_SOURCE = "10.0.0.1";

/** hping3 ends a little later than it was told. Milliseconds. */
const PATIENCE_MS = 30_000;

/** What `timeout` says when it has ended its command. */
const ENDED_BY_TIMEOUT = 124;

/** Both halves together, as tests have it for each. MB. */
const FLAT_MB = 25;

function measuresOf(pace: string, words: string): readonly Measure[] {
  const cost = { isMoreBetter: false, isPaired: false };
  const fact = { isMoreBetter: null, isPaired: false };
  return [
    {
      ...{ id: `flood.${pace}.arrived`, title: `forged SYNs, ${words}: those that arrived` },
      ...{ unit: "a second", ...fact },
    },
    {
      ...{ id: `flood.${pace}.seen`, title: `forged SYNs, ${words}: given to the guard` },
      ...{ unit: "%", isMoreBetter: true, isPaired: false },
    },
    {
      ...{ id: `flood.${pace}.limited`, title: `forged SYNs, ${words}: counted as over its limit` },
      ...{ unit: "%", ...fact },
    },
    {
      ...{ id: `flood.${pace}.lost`, title: `forged SYNs, ${words}: counted as lost` },
      ...{ unit: "packets", ...cost },
      bar: { bound: "at most", value: 0, isOfEachRound: true },
    },
    {
      ...{ id: `flood.${pace}.unaccounted`, title: `forged SYNs, ${words}: in none of its counts` },
      ...{ unit: "packets", ...cost },
      bar: { bound: "at most", value: 0, isOfEachRound: true },
    },
    {
      ...{ id: `flood.${pace}.cpu`, title: `CPU time a forged SYN that it was given, ${words}` },
      ...{ unit: "µs", ...cost },
      bar: { bound: "at most", value: 2 },
    },
    {
      ...{ id: `flood.${pace}.growth`, title: `growth of its memory (RSS), forged SYNs ${words}` },
      ...{ unit: "MB", ...cost },
      bar: { bound: "at most", value: FLAT_MB },
    },
    {
      ...{ id: `flood.${pace}.written`, title: `its log and files grew, forged SYNs ${words}` },
      ...{ unit: "kB", ...cost },
    },
  ];
}

export const FLOOD: Row = {
  name: "flood",
  measures: [
    ...measuresOf("fast", "as fast as can be"),
    ...measuresOf("steady", "10,000/s"),
    {
      id: "flood.first-growth",
      title: "growth of its memory (RSS) by the first flood, which fills its tables",
      unit: "MB",
      isMoreBetter: false,
      isPaired: false,
    },
    {
      id: "flood.bans",
      title: "sources shut out by the forged SYNs",
      unit: "sources",
      isMoreBetter: false,
      isPaired: false,
    },
    {
      id: "flood.long-bans",
      title: "sources shut out by the forged SYNs for more than a minute",
      unit: "sources",
      isMoreBetter: false,
      isPaired: false,
      bar: { bound: "at most", value: 0, isOfEachRound: true },
    },
  ],
  async measure({ contestant, tools, guard }) {
    if (guard.pids().length === 0) return {};
    await using machine = await HostileMachine.raise(contestant, tools);
    const { standing } = machine;
    const first = await send(machine, () => floodFast(standing));
    const steady = await send(machine, () => floodSteadily(standing));
    const fast = await send(machine, () => floodFast(standing));
    const shut = await standing.guard.shutOut?.();
    return {
      ...numbersOf("fast", fast),
      ...numbersOf("steady", steady),
      "flood.first-growth": first.ledger.grownBytes / 1e6,
      ...(shut && { "flood.bans": shut.sources, "flood.long-bans": shut.forLong }),
    };
  },
};

interface Sent {
  readonly ledger: Ledger;
  readonly seconds: number;
}

async function send(machine: HostileMachine, flood: () => Promise<number>): Promise<Sent> {
  const before = await machine.look();
  const seconds = await flood();
  await machine.settle(before);
  return { ledger: ledgerOf(before, await machine.look()), seconds };
}

function numbersOf(pace: string, { ledger, seconds }: Sent): Numbers {
  const { seenPercent, limitedPercent, lost, unaccounted, cpuMicroseconds } = ledger;
  const told = {
    arrived: ledger.arrived / seconds,
    seen: seenPercent,
    limited: limitedPercent,
    lost,
    unaccounted,
    cpu: cpuMicroseconds,
    growth: ledger.grownBytes / 1e6,
    written: ledger.writtenBytes / 1e3,
  };
  const known = Object.entries(told).filter(
    (each): each is [string, number] => each[1] !== undefined,
  );
  return Object.fromEntries(known.map(([name, value]) => [`flood.${pace}.${name}`, value]));
}

/** @returns for how many seconds. */
async function floodFast({ network: { hosts, target } }: Standing): Promise<number> {
  const hping = ["hping3", "-q", "-S", "--rand-source", "--flood", "-p", String(PORT)];
  const words = ["-s", "INT", String(SECONDS), ...hping, target.ipv4];
  const ended = await hosts.client.namespace.exec("timeout", words, PATIENCE_MS);
  if (ended.status === ENDED_BY_TIMEOUT) return SECONDS;
  throw new Error(`hping3 does not flood: ${ended.status}\n${ended.stderr}`);
}

async function floodSteadily({ network: { hosts, target } }: Standing): Promise<number> {
  const sent = await forge(hosts.client.namespace, {
    from: STEADY_FIRST_SOURCE,
    sources: STEADY_PER_SECOND * SECONDS,
    to: target.ipv4,
    ports: [PORT],
    perSecond: STEADY_PER_SECOND,
  });
  return sent / STEADY_PER_SECOND;
}
