/**
 * Runs one engine over one scenario and holds what it convicts against the truth.
 */
import { wordsOf } from "../src/net/address-words.ts";
import { type IpAddress, parseIpAddress } from "../src/net/ip-address.ts";
import { firstAddressOf } from "../src/net/prefix.ts";
import { SourceKeys } from "../src/net/source-keys.ts";
import type { EngineEntry } from "./engines/engine.ts";
import type { Scenario } from "./scenario.ts";
import { Onlooker } from "./sight.ts";

/** What an engine made of a scenario. */
export interface Outcome {
  readonly engine: string;
  /** Scanners, and how many of them were convicted, before they began to scan included. */
  readonly scanners: number;
  readonly found: number;
  /**
   * Packets that a convicted scanner had sent when it was convicted, the convicting one included,
   * and seconds since its first: the median over those convicted since they scan. Undefined: nobody was.
   */
  readonly packets: number | undefined;
  readonly seconds: number | undefined;
  /** Innocents, and how many of them were convicted. */
  readonly innocents: number;
  readonly falseConvictions: number;
  /** Convicted innocents, as text, the first ten in their order. */
  readonly convictedInnocents: readonly string[];
  /** Convicted senders that are neither scanners nor innocent. */
  readonly others: number;
}

interface Sender {
  packets: number;
  readonly firstAtEpochMs: number;
}

interface Convicted {
  readonly packets: number;
  readonly seconds: number;
}

const LISTED_INNOCENTS = 10;

/** Who is one sender is settled as everywhere: an IPv6 /64, written as its first address. */
const KEYS = new SourceKeys({ ipv6PrefixBits: 64 });

/** @returns what became of it. Deterministic, as far as the engine is. */
export function play(entry: EngineEntry, scenario: Scenario): Outcome {
  const { scanBeginsAtEpochMs = Number.NEGATIVE_INFINITY } = scenario;
  const senders = new Map<string, Sender>();
  const early = new Set<string>();
  const convicted = new Map<string, Convicted>();
  const onConviction = (source: string, atEpochMs: number): void => {
    const name = senderOf(source);
    const sender = senders.get(name);
    if (atEpochMs < scanBeginsAtEpochMs) early.add(name);
    else if (!convicted.has(name) && sender !== undefined) {
      const seconds = (atEpochMs - sender.firstAtEpochMs) / 1000;
      convicted.set(name, { packets: sender.packets, seconds });
    }
  };
  const engine = entry.make(onConviction, scenario);
  const onlooker = new Onlooker(scenario);
  for (const packet of scenario.packets) {
    const sight = onlooker.look(packet);
    if (sight === undefined) continue;
    const isCounted = sight.direction === "in" && sight.atEpochMs >= scanBeginsAtEpochMs;
    if (isCounted) count(senders, senderOf(sight.peer), sight.atEpochMs);
    engine.observe(sight);
  }
  engine.end();
  return outcomeOf(entry.name, scenario, convicted, early);
}

function count(senders: Map<string, Sender>, name: string, atEpochMs: number): void {
  const sender = senders.get(name);
  if (sender === undefined) senders.set(name, { packets: 1, firstAtEpochMs: atEpochMs });
  else sender.packets += 1;
}

function outcomeOf(
  engine: string,
  { scanners, innocents }: Scenario,
  convicted: ReadonlyMap<string, Convicted>,
  early: ReadonlySet<string>,
): Outcome {
  const found = scanners.filter((scanner) => convicted.has(scanner) || early.has(scanner));
  const timed = scanners.flatMap((scanner) => convicted.get(scanner) ?? []);
  const known = new Set([...scanners, ...innocents]);
  const isScanner = new Set(scanners);
  const wronged = innocents.filter(
    (innocent) => early.has(innocent) || (convicted.has(innocent) && !isScanner.has(innocent)),
  );
  return {
    engine,
    scanners: scanners.length,
    found: found.length,
    packets: medianOf(timed.map(({ packets }) => packets)),
    seconds: medianOf(timed.map(({ seconds }) => seconds)),
    innocents: innocents.length,
    falseConvictions: wronged.length,
    convictedInnocents: wronged.slice(0, LISTED_INNOCENTS),
    others: [...convicted.keys()].filter((name) => !known.has(name)).length,
  };
}

/** @returns the middle one, the lower of two; undefined of none. */
function medianOf(values: readonly number[]): number | undefined {
  return values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) / 2)];
}

function senderOf(address: string): string {
  if (!address.includes(":")) return address;
  const parsed = parseIpAddress(address) as IpAddress;
  return firstAddressOf(KEYS.prefixOf(wordsOf(parsed)));
}
