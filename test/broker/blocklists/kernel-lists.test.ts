import { describe, expect, it } from "vitest";
import { KernelLists } from "../../../src/broker/blocklists/kernel-lists.ts";
import { BlocklistReader } from "../../../src/broker/blocklists/read-blocklist.ts";
import { OperationalError } from "../../../src/errors.ts";
import type { ListedSet } from "../../../src/kernel/table-options.ts";
import { formatWords, parseWords } from "../../../src/net/address-words.ts";
import { mergeRows } from "../../../src/net/merge-rows.ts";
import type { PrefixRows } from "../../../src/net/prefix-rows.ts";

function mergedOf(...lines: readonly string[]): PrefixRows[] {
  const reader = new BlocklistReader("/list");
  reader.take(`${lines.join("\n")}\n`);
  const reading = reader.finish();
  if (reading.status !== "read") throw new Error(JSON.stringify(reading));
  return ([4, 6] as const).map((family) => mergeRows(family, [reading.list.rows[family]]));
}

/** Nobody gives it up. */
const NEVER = new AbortController().signal;

/** The kernel's sets, and what the rules ask. */
function open() {
  const sets = new Map<string, { elements: string[]; about: ListedSet }>();
  const log: string[] = [];
  const state = { asked: [] as string[], failsAt: undefined as string | undefined };
  const kernel = new KernelLists({
    nft: {
      run: (commands) => {
        const made = /^add set inet vedette (\S+) \{ type ipv([46])_addr; size (\d+); \}$/.exec(
          commands,
        );
        const name = made?.[1] ?? /^delete set inet vedette (\S+)\n$/.exec(commands)?.[1] ?? "";
        if (made === null) sets.delete(name);
        else {
          const family = made[2] === "4" ? 4 : 6;
          const about = { name, family, bits: 0, size: Number(made[3]) } as const;
          sets.set(name, { elements: [], about });
        }
        log.push(commands.trim().split(" ").slice(0, 2).join(" "));
        return { status: "ok", output: "" };
      },
    },
    writer: {
      add: (set, words, wordsEach) => {
        if (set === state.failsAt) return { status: "failed", errno: 12 };
        for (let at = 0; at < words.length; at += wordsEach) {
          const own = [...words.subarray(at, at + wordsEach)];
          const all = wordsEach === 1 ? [0, 0, 0xffff, ...own] : own;
          sets.get(set)?.elements.push(formatWords(Uint32Array.from(all)));
        }
        return { status: "done" };
      },
    },
    reader: {
      counters: () => new Map([["listed", 5]]),
      listedSets: () => [...sets.values()].map(({ about }) => about),
      hasAddress: (set, wanted) => sets.get(set)?.elements.includes(wanted) ?? false,
    },
    ask: (listed) => {
      log.push("ask");
      if (state.failsAt === "ask") throw new OperationalError("ERR_KERNEL", "refused");
      state.asked = listed.map(({ name }) => name);
    },
  });
  return { kernel, sets, log, state };
}

describe("KernelLists", () => {
  it("writes each length into a set of its own, and has the rules ask them", async () => {
    const { kernel, sets, state } = open();
    await kernel.replace(mergedOf("192.0.2.7", "11.0.0.0/12", "2001:db8::/32"), NEVER);
    expect(Object.fromEntries([...sets].map(([name, { elements }]) => [name, elements]))).toEqual({
      listed4_12_1: ["11.0.0.0"],
      listed4_32_1: ["192.0.2.7"],
      listed6_32_1: ["2001:db8::"],
    });
    expect(state.asked).toEqual(["listed4_12_1", "listed4_32_1", "listed6_32_1"]);
    expect(kernel.isIntact()).toBe(true);
    expect(kernel.dropped()).toBe(5);
  });

  it("writes blocks as longer ones where that spares packets a question", async () => {
    const { kernel, sets } = open();
    expect(await kernel.replace(mergedOf("192.0.2.7", "198.51.100.0/30"), NEVER)).toBe(5);
    expect([...sets.keys()]).toEqual(["listed4_32_1"]);
    expect(sets.get("listed4_32_1")?.elements).toEqual([
      ...["192.0.2.7", "198.51.100.0", "198.51.100.1", "198.51.100.2", "198.51.100.3"],
    ]);
  });

  it("asks eight questions at most, even where that takes many elements", async () => {
    const { kernel, sets } = open();
    // Each length so often that none can be written as the next but one.
    const lines = Array.from({ length: 10 }, (_, index) => index + 32).flatMap((bits) =>
      Array.from({ length: 300 }, (_, at) => `20${bits}:${(at * 2).toString(16)}::/${bits * 2}`),
    );
    await kernel.replace(mergedOf("2001:db8::/17", ...lines), NEVER);
    expect(sets.size).toBeLessThanOrEqual(8);
    for (const { elements, about } of sets.values()) expect(elements).toHaveLength(about.size);
  });

  it("lets go of the load before when the rules have gone over, and not earlier", async () => {
    const { kernel, sets, log, state } = open();
    await kernel.replace(mergedOf("192.0.2.7"), NEVER);
    await kernel.replace(mergedOf("192.0.2.8"), NEVER);
    expect(log).toEqual(["add set", "ask", "add set", "ask", "delete set"]);
    expect([...sets.keys()]).toEqual(["listed4_32_2"]);
    expect(state.asked).toEqual(["listed4_32_2"]);
    await kernel.replace(mergedOf("# nobody"), NEVER);
    expect(sets.size).toBe(0);
    expect(state.asked).toEqual([]);
  });

  it("leaves rules alone that ask nothing, where nothing is listed", async () => {
    const { kernel, log } = open();
    expect(await kernel.replace(mergedOf("# nobody"), NEVER)).toBe(0);
    expect(log).toEqual([]);
  });

  it.each(["listed4_32_2", "ask"])("keeps the load before when %s fails", async (failsAt) => {
    const { kernel, sets, state } = open();
    await kernel.replace(mergedOf("192.0.2.7"), NEVER);
    state.failsAt = failsAt;
    await expect(kernel.replace(mergedOf("192.0.2.8"), NEVER)).rejects.toThrow(OperationalError);
    expect([...sets.keys()]).toEqual(["listed4_32_1"]);
    expect(state.asked).toEqual(["listed4_32_1"]);
    expect(kernel.isIntact()).toBe(true);
  });

  it("asks nothing of the kernel any more once it is given up", async () => {
    const { kernel, log, state } = open();
    await kernel.replace(mergedOf("192.0.2.7"), NEVER);
    const stopping = new AbortController();
    const lines = Array.from({ length: 5000 }, (_, at) => `9.0.${at >> 7}.${(at & 127) * 2}`);
    const replaced = kernel.replace(mergedOf(...lines), stopping.signal);
    stopping.abort();
    await expect(replaced).rejects.toThrow("given up");
    expect(log).toEqual(["add set", "ask", "add set"]);
    expect(state.asked).toEqual(["listed4_32_1"]);
  });

  it("sees that a set was emptied", async () => {
    const { kernel, sets } = open();
    await kernel.replace(mergedOf("192.0.2.7", "2001:db8::7"), NEVER);
    sets.get("listed6_128_1")?.elements.splice(0);
    expect(kernel.isIntact()).toBe(false);
  });

  it("finds every listed address by its sets, and no other", async () => {
    const { kernel, sets } = open();
    const lines = ["192.0.2.64/27", "192.0.2.7", "192.0.2.128/26", "192.0.2.200/31"];
    const merged = mergedOf(...lines, ...Array.from({ length: 12 }, (_, i) => `9.0.0.0/${20 + i}`));
    await kernel.replace(merged, NEVER);
    for (let low = 0; low < 256; low += 1) {
      const words = parseWords(`192.0.2.${low}`) as Uint32Array;
      const isWanted = merged.some((rows) => [...rows.covering(words)].length > 0);
      const isFound = [...sets].some(([name, { elements }]) => {
        const bits = Number(/_(\d+)_/.exec(name)?.[1]);
        const mask = (0xffff_ffff << (32 - bits)) >>> 0;
        const key = Uint32Array.of(0, 0, 0xffff, ((words[3] as number) & mask) >>> 0);
        return name.startsWith("listed4") && elements.includes(formatWords(key));
      });
      expect(isFound, `192.0.2.${low}`).toBe(isWanted);
    }
  });
});
