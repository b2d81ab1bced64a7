/**
 * What so many bans in force cost: ordinary new connections, one ban more, one less, a list, a start.
 *
 * Vedette's are brought in by its journal, as after a restart of a machine: all but one are copies of
 * a ban that it has made. It is asked over its socket, as its commands do, so their start is in no
 * time; an answer is given when the kernel and the journal have the change, and a list is of the
 * newest 1,000. PortSentry's are the rules that its command would have made; adding, removing and
 * listing are runs of iptables, the start of a program included (some milliseconds). Beyond 1,000 of
 * them it takes no part: loading and traffic would take minutes.
 *
 * With a million of them memory is read once more, after as many forged sources as the guard keeps
 * in mind have sent a probe each: the most that its defaults let it use.
 */
import { forge } from "../../../test/support/forge.ts";
import { waitFor } from "../../../test/support/wait-for.ts";
import type { BanningGuard } from "../contestants/contestant.ts";
import { proportionalBytes, residentBytes } from "../processes.ts";
import type { Measure, Numbers, Row } from "../row.ts";
import { raiseMachine, type Standing } from "../standing.ts";
import { spreadOf } from "../statistics.ts";
import { pace } from "./web.ts";

/** Of a network for documentation (RFC 5737), so that it is nobody of the machine's network. */
const addressOf = (place: number) => `192.0.2.${place}`;

/** Changes of which the median is told. */
const CHANGES = 9;

/** The row in which everything is at its most. */
const MOST = 1_000_000;

const LOAD_BAR_MS = 10_000;
/** 160 MiB. */
const MEMORY_BAR_MB = (160 * 2 ** 20) / 1e6;

/** MAX_SOURCES, as it is by default. */
const SOURCES = 65_536;
const FIRST_SOURCE = "10.0.0.1";
/** No trap: one contact of each convicts nobody. */
const PORT = 15;
/** What a machine of two processors takes without a loss, beside whoever sends. */
const SOURCES_PER_SECOND = 5000;
/** Longest wait until the guard has looked at all of them. Milliseconds. */
const ARRIVAL_MS = 60_000;

function measuresOf(name: string, bans: number): readonly Measure[] {
  const words = `${bans.toLocaleString("en")} bans`;
  const isMost = bans === MOST;
  const cost = { isMoreBetter: false, isPaired: false };
  return [
    {
      ...{ id: `${name}.pace`, title: `new connections (wrk), with ${words}`, unit: "a second" },
      ...{ isMoreBetter: true, isPaired: true },
      ...(isMost && { bar: { bound: "at least", value: 0.98, isOfRatio: true } }),
    },
    { id: `${name}.add`, title: `one ban more, with ${words}`, unit: "ms", ...cost },
    { id: `${name}.remove`, title: `one ban less, with ${words}`, unit: "ms", ...cost },
    { id: `${name}.list`, title: `a list of bans, with ${words}`, unit: "ms", ...cost },
    {
      ...{ id: `${name}.load`, title: `from the start until ${words} stand`, unit: "ms", ...cost },
      ...(isMost && { bar: { bound: "below", value: LOAD_BAR_MS } }),
    },
    {
      ...{
        id: `${name}.memory`,
        title: `resident memory (RSS), with ${words}`,
        unit: "MB",
        ...cost,
      },
    },
    ...(isMost ? fullMeasures(name, words) : []),
  ];
}

function fullMeasures(name: string, words: string): readonly Measure[] {
  const full = `with ${words} and ${SOURCES.toLocaleString("en")} tracked sources`;
  const cost = { unit: "MB", isMoreBetter: false, isPaired: false };
  return [
    {
      id: `${name}.full-proportional`,
      title: `memory with shared pages divided (PSS), both processes, ${full}`,
      bar: { bound: "at most", value: MEMORY_BAR_MB },
      ...cost,
    },
    { id: `${name}.full-resident`, title: `resident memory (RSS), ${full}`, ...cost },
  ];
}

function bansRow(name: string, bans: number, length: Pick<Row, "isLong" | "aboutSeconds">): Row {
  return {
    name,
    ...length,
    measures: measuresOf(name, bans),
    async measure(standing, settings): Promise<Numbers> {
      const { contestant, tools } = standing;
      if (bans > settings.mostBans) return {};
      // No guard is what others are compared with; it has no bans.
      if (contestant.id === "none") {
        return { [`${name}.pace`]: await pace(standing, settings.seconds, CLOSE) };
      }
      const { startWithBans, mostBans = 0 } = contestant;
      if (startWithBans === undefined || bans > mostBans) return {};
      let banning: BanningGuard | undefined;
      const start: typeof contestant.start = async (lab, machine) => {
        banning = await startWithBans(lab, machine, tools, bans);
        return banning.running;
      };
      await using machine = await raiseMachine({ ...contestant, start }, tools);
      if (banning === undefined) throw new Error("no guard with bans");
      const paceNow = await pace(machine, settings.seconds, CLOSE);
      return {
        [`${name}.pace`]: paceNow,
        [`${name}.add`]: await timed((place) => banning?.ban(addressOf(place))),
        [`${name}.list`]: await timed(() => banning?.list()),
        [`${name}.remove`]: await timed((place) => banning?.unban(addressOf(place))),
        [`${name}.load`]: banning.loadMs,
        [`${name}.memory`]: residentBytes(banning.running.pids()) / 1e6,
        ...(bans === MOST && (await fullMemory(name, machine))),
      };
    },
  };
}

/** Has the guard keep as many sources in mind as it does. @returns what both processes use then. */
async function fullMemory(name: string, { network, guard }: Standing): Promise<Numbers> {
  const before = (await guard.packets()) ?? 0;
  const sent = await forge(network.hosts.client.namespace, {
    from: FIRST_SOURCE,
    sources: SOURCES,
    ...{ to: network.target.ipv4, ports: [PORT], perSecond: SOURCES_PER_SECOND },
  });
  await waitFor(`${sent} probes at the guard`, ARRIVAL_MS, async () => {
    return ((await guard.packets()) ?? 0) - before >= sent;
  });
  const pids = guard.pids();
  return {
    [`${name}.full-proportional`]: proportionalBytes(pids) / 1e6,
    [`${name}.full-resident`]: residentBytes(pids) / 1e6,
  };
}

const CLOSE = ["-H", "Connection: close"];

/** @returns the median of some times. Milliseconds. */
async function timed(act: (place: number) => Promise<void> | undefined): Promise<number> {
  const tookMs: number[] = [];
  for (let place = 1; place <= CHANGES; place += 1) {
    const beganAtMs = performance.now();
    await act(place);
    tookMs.push(performance.now() - beganAtMs);
  }
  return spreadOf(tookMs)?.median ?? 0;
}

export const NO_BANS = bansRow("bans-0", 0, { isLong: true });
export const THOUSAND_BANS = bansRow("bans-1k", 1000, { isLong: true });
export const MANY_BANS = bansRow("bans-100k", 100_000, { isLong: true, aboutSeconds: 8 });
export const MILLION_BANS = bansRow("bans-1m", MOST, { isLong: true, aboutSeconds: 20 });
