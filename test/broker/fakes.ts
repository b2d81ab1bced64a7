/** Hand-written stand-ins for what the broker talks to: a clock, the kernel's sets, a stream. */
import { Duplex } from "node:stream";
import { addCommand } from "../../src/broker/executors/set-commands.ts";
import type { Clock } from "../../src/clock.ts";
import type { AddressPages } from "../../src/kernel/table-reader.ts";
import type { DroppedPacket } from "../../src/model/dropped-packet.ts";
import { formatWords, wordsOf } from "../../src/net/address-words.ts";
import { type IpAddress, parseIpAddress } from "../../src/net/ip-address.ts";
import { type Prefix, parsePrefix, prefixContains } from "../../src/net/prefix.ts";

/** A clock that stands still until it is told to go on. */
export class FakeClock implements Clock {
  nowMs = 1_000_000;

  /** Wall time is monotonic time plus this. */
  epochOffsetMs = Date.UTC(2026, 0, 1);

  monotonicMs(): number {
    return this.nowMs;
  }

  epochMs(): number {
    return this.nowMs + this.epochOffsetMs;
  }

  advance(ms: number): void {
    this.nowMs += ms;
  }
}

/** @throws when the text is none: a mistake in a test. */
export function prefix(text: string): Prefix {
  const parsed = parsePrefix(text);
  if (parsed === undefined) throw new Error(`not a prefix: ${text}`);
  return parsed;
}

/** @throws when the text is none: a mistake in a test. */
export function address(text: string): IpAddress {
  const parsed = parseIpAddress(text);
  if (parsed === undefined) throw new Error(`not an address: ${text}`);
  return parsed;
}

type RunOutcome =
  | { readonly status: "ok"; readonly output: string }
  | { readonly status: "failed"; readonly reason: string };

/**
 * The sets of the table, as far as our commands reach them. One run is one transaction; a command
 * of any other shape than ours is refused, so that injected text shows.
 */
export class FakeNft {
  readonly sets = new Map<string, Map<string, string>>();
  readonly runs: string[] = [];
  /** "SET ADDRESS" of each look-up by netlink. */
  readonly lookUps: string[] = [];
  /** Elements that the kernel refuses to take. */
  readonly refused = new Set<string>();
  /** Elements that vanish at once. */
  readonly lost = new Set<string>();
  isTableGone = false;
  /** Readings of addresses that nobody has closed. */
  openPages = 0;
  packets: Readonly<Record<string, number>> = {};

  elements(set: string): string[] {
    return [...(this.sets.get(set)?.keys() ?? [])];
  }

  /** " timeout 60s" as it was given; "" for good. */
  timeoutOf(set: string, element: string): string | undefined {
    return this.sets.get(set)?.get(element);
  }

  run(commands: string): RunOutcome {
    this.runs.push(commands);
    if (this.isTableGone) return { status: "failed", reason: "Error: No such file or directory" };
    const draft = new Map([...this.sets].map(([name, elements]) => [name, new Map(elements)]));
    for (const line of commands.split("\n").filter((each) => each !== "")) {
      const fault = this.#apply(line, draft);
      if (fault !== undefined) return { status: "failed", reason: `Error: ${fault}\n${line}` };
    }
    this.sets.clear();
    for (const [name, elements] of draft) this.sets.set(name, elements);
    for (const elements of this.sets.values()) for (const each of this.lost) elements.delete(each);
    return { status: "ok", output: "" };
  }

  // What the kernel does and answers by netlink.

  add(
    set: string,
    words: Uint32Array,
    wordsEach: 1 | 4,
    timeoutsMs: readonly (number | null)[] = [],
  ): { readonly status: "done" } | { readonly status: "failed"; readonly errno: number } {
    const elements = Array.from({ length: words.length / wordsEach }, (_, index) => {
      const own = words.slice(index * wordsEach, (index + 1) * wordsEach);
      const text = formatWords(wordsEach === 4 ? own : Uint32Array.of(0, 0, 0xffff, own[0] ?? 0));
      return { text, timeoutMs: timeoutsMs[index] ?? null };
    });
    const { status } = this.run(addCommand(set, elements));
    return status === "ok" ? { status: "done" } : { status, errno: 2 };
  }

  counters(): ReadonlyMap<string, number> | undefined {
    return this.isTableGone ? undefined : new Map(Object.entries(this.packets));
  }

  hasAddress(set: string, wanted: IpAddress): boolean {
    this.lookUps.push(`${set} ${wanted}`);
    if (this.isTableGone) return false;
    const elements = this.elements(set);
    return /^(?:bannet|trusted|single)/.test(set)
      ? elements.some((each) => prefixContains(prefix(each), wanted))
      : elements.includes(wanted);
  }

  countElements(set: string, limit: number): number {
    return this.isTableGone ? 0 : Math.min(limit, this.elements(set).length);
  }

  /** Two at a time, as they stand when they are asked for. */
  readAddresses(set: string): AddressPages {
    this.openPages++;
    const given = new Set<string>();
    return {
      next: (take) => {
        const left = [...(this.isTableGone ? [] : (this.sets.get(set) ?? []))].filter(
          ([text]) => !given.has(text),
        );
        for (const [text, timeout] of left.slice(0, 2)) {
          given.add(text);
          const words = [...wordsOf(address(text))].slice(text.includes(":") ? 0 : 3);
          const bytes = Buffer.alloc(words.length * 4);
          for (const [index, word] of words.entries()) bytes.writeUInt32BE(word, index * 4);
          take(bytes, timeout === "" ? undefined : secondsOf(timeout) * 1000);
        }
        return left.length > 2;
      },
      close: () => {
        this.openPages -= 1;
      },
    };
  }

  runJson(
    commands: string,
  ):
    | { readonly status: "ok"; readonly output: unknown }
    | { readonly status: "failed"; readonly reason: string } {
    this.runs.push(commands);
    if (this.isTableGone) return { status: "failed", reason: "Error: No such file or directory" };
    const set = /^list set inet vedette (\w+)$/.exec(commands)?.[1] ?? "";
    const elem = [...(this.sets.get(set) ?? [])].map(([text, timeout]) => {
      const [addr, len] = text.split("/");
      const val = len === undefined ? text : { prefix: { addr, len: Number(len) } };
      if (timeout === "") return val;
      return { elem: { val, expires: secondsOf(timeout) } };
    });
    return { status: "ok", output: { nftables: [{ metainfo: {} }, { set: { name: set, elem } }] } };
  }

  #apply(line: string, sets: Map<string, Map<string, string>>): string | undefined {
    const flush = /^flush set inet vedette (\w+)$/.exec(line);
    if (flush !== null) {
      sets.delete(flush[1] ?? "");
      return undefined;
    }
    const match = /^(add|delete) element inet vedette (\w+) \{ ([^{}]+) \}$/.exec(line);
    if (match === null) return `syntax error: ${line}`;
    const [, act, set = "", body = ""] = match;
    const elements = sets.get(set) ?? new Map<string, string>();
    sets.set(set, elements);
    const texts = body.split(", ");
    for (const each of texts) {
      const parts =
        /^((?:(?:tcp|udp) \. )?[0-9a-f.:/]+(?: \. \d+)?)( timeout (?:\d+d)?(?:\d+s)?)?$/.exec(each);
      const [, text = "", timeout = ""] = parts ?? [];
      if (parts === null) return `syntax error: ${each}`;
      if (act === "add" && this.refused.has(text)) return "interval overlaps with an existing one";
      if (act === "add") elements.set(text, elements.get(text) ?? timeout);
      else if (!elements.has(text)) return "No such file or directory";
      else elements.delete(text);
    }
    return undefined;
  }
}

/** " timeout 1d60s". */
function secondsOf(timeout: string): number {
  const [, days = "0", seconds = "0"] = /(?:(\d+)d)?(?:(\d+)s)?$/.exec(timeout) ?? [];
  return Number(days) * 86_400 + Number(seconds);
}

/** Two ends of a stream; what is written to one is read from the other. */
export function streamPair(): [Duplex, Duplex] {
  const ends: Duplex[] = [];
  for (const other of [1, 0]) {
    ends.push(
      new Duplex({
        read() {},
        write(chunk: Buffer, _encoding, done) {
          ends[other]?.push(chunk);
          done();
        },
        final(done) {
          ends[other]?.push(null);
          done();
        },
        destroy(error, done) {
          ends[other]?.push(null);
          done(error);
        },
      }),
    );
  }
  return ends as [Duplex, Duplex];
}

/** Fulfilled when everything that is under way between two ends has arrived. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

/** What the default of PROOF allows, and what one source is. */
export const RULES = {
  limits: { claimed: 60_000, alive: 14_400_000, proven: "for-good" },
  ipv6PrefixBits: 64,
} as const;

/** A packet of GRE that a ban has dropped. */
export const DROPPED_PACKET: DroppedPacket = {
  interfaceIndex: 0,
  linkHeader: "",
  source: address("192.0.2.7"),
  destination: address("198.51.100.1"),
  lengthBytes: 40,
  trafficClass: 0,
  ttlHops: 64,
  identification: 0,
  fragmentField: 0,
  flowLabel: 0,
  transport: { protocol: "other", number: 47, incompleteBytes: null },
};
