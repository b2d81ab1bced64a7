/**
 * Measures how long blocklists of so many lines take to be in force, and what they cost:
 *
 *   unshare -n node scripts/measure-blocklists.ts LINES [SHARE OF PREFIXES, 0 to 1]
 *
 * Needs root, and runs in the network namespace that unshare has made: it builds a table of its own.
 * The lines are random addresses, and prefixes of /16 to /31 for the share that is asked for.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { KernelLists } from "../src/broker/blocklists/kernel-lists.ts";
import { readBlocklist } from "../src/broker/blocklists/read-blocklist.ts";
import { ElementWriter } from "../src/kernel/element-writer.ts";
import { openNftables } from "../src/kernel/nftables.ts";
import { TableReader } from "../src/kernel/table-reader.ts";
import { TABLE } from "../src/kernel/table-sets.ts";
import { mergeRows } from "../src/net/merge-rows.ts";

const [linesText = "1000000", shareText = "0"] = process.argv.slice(2);
const lines = Number(linesText);
const share = Number(shareText);

const folder = mkdtempSync(join(tmpdir(), "blocklists-"));
const path = join(folder, "list");
const nftables = openNftables();
nftables.run(`add table ${TABLE}`);
const reader = new TableReader();

/** Marsaglia's xorshift, so that every run has the same lines. */
let state = 2_463_534_242;
function random(): number {
  state ^= state << 13;
  state ^= state >>> 17;
  state ^= state << 5;
  return state >>> 0;
}

function randomLine(): string {
  // 11.0.0.0 to 99.255.255.255: nothing private, and nothing that is left out.
  const address = `${11 + (random() % 89)}.${random() & 255}.${random() & 255}.${random() & 255}`;
  return random() / 2 ** 32 < share ? `${address}/${16 + (random() % 16)}` : address;
}

async function timed<Result>(what: string, act: () => Result | Promise<Result>): Promise<Result> {
  const cpu = process.cpuUsage();
  const startedAtMs = performance.now();
  const result = await act();
  const { user, system } = process.cpuUsage(cpu);
  const wallMs = performance.now() - startedAtMs;
  const cpuMs = (user + system) / 1000;
  process.stdout.write(`${what}: ${wallMs.toFixed(0)} ms, of CPU ${cpuMs.toFixed(0)} ms\n`);
  return result;
}

/** Kernel memory in slabs and in vmalloc. Bytes. */
function kernelBytes(): number {
  const text = readFileSync("/proc/meminfo", "utf8");
  const of = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(text)?.[1]);
  return (of("Slab") + of("VmallocUsed")) * 1024;
}

try {
  writeFileSync(path, `${Array.from({ length: lines }, randomLine).join("\n")}\n`, { mode: 0o644 });
  const memoryBefore = process.memoryUsage().arrayBuffers;
  const kernelBefore = kernelBytes();
  // The longest time in which nothing else was done, while the sets are filled.
  let longestMs = 0;
  let lastMs = performance.now();
  const pulse = setInterval(() => {
    longestMs = Math.max(longestMs, performance.now() - lastMs);
    lastMs = performance.now();
  }, 1);
  const reading = await timed("read and parsed", () => readBlocklist(path));
  if (reading.status !== "read") throw new Error(JSON.stringify(reading));
  const merged = await timed("merged", () =>
    ([4, 6] as const).map((family) => mergeRows(family, [reading.list.rows[family]])),
  );
  const kernel = new KernelLists({
    nft: nftables,
    writer: new ElementWriter(),
    reader,
    ask: () => {},
  });
  const elements = await timed("in the kernel", () =>
    kernel.replace(merged, new AbortController().signal),
  );
  clearInterval(pulse);
  const mebibytes = (bytes: number) => (bytes / 2 ** 20).toFixed(0);
  const blocks = merged.reduce((sum, { length }) => sum + length, 0);
  process.stdout.write(
    `${lines} lines, ${blocks} blocks, ${elements} elements in ${reader.listedSets().length} sets\n` +
      `longest turn of the event loop: ${longestMs.toFixed(0)} ms\n` +
      `memory: ${mebibytes(process.memoryUsage().arrayBuffers - memoryBefore)} MiB of the process at the end, ` +
      `${mebibytes(kernelBytes() - kernelBefore)} MiB of the kernel\n`,
  );
} finally {
  rmSync(folder, { recursive: true });
}
process.exit();
