/**
 * Runs inside a namespace as root: changes a ruleset through libnftables and prints as JSON what
 * the library, the kernel's generation number and child processes show.
 */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { RulesetGeneration } from "../../src/kernel/generation.ts";
import { openNftables } from "../../src/kernel/nftables.ts";

const nftables = openNftables();
const generation = new RulesetGeneration();

/** The commands' outcome, and by how much they raised the generation number. */
function change(commands: string) {
  const before = generation.read() ?? Number.NaN;
  const outcome = nftables.run(commands);
  return { outcome, raisedBy: (generation.read() ?? Number.NaN) - before };
}

function unprivileged(statement: string): string {
  const kernel = new URL("../../src/kernel/", import.meta.url).href;
  const script = `
    const { openNftables } = await import("${kernel}nftables.ts");
    const { RulesetGeneration } = await import("${kernel}generation.ts");
    try { console.log(${statement}); } catch (error) { console.log(error.code); }
  `;
  return spawnSync(process.execPath, ["--input-type=module", "--eval", script], {
    uid: 65_534,
    gid: 65_534,
    encoding: "utf8",
  }).stdout.trim();
}

const thousand = Array.from(
  { length: 1000 },
  (_, index) => `10.0.${index >> 8}.${index & 255} timeout 1h`,
).join(", ");

const observed = {
  make: change(`
    add table inet vedette_test
    add set inet vedette_test banned4 { type ipv4_addr; flags timeout; }
    add chain inet vedette_test gate
  `),
  add: change("add element inet vedette_test banned4 { 192.0.2.7 timeout 1h }"),
  get: change("get element inet vedette_test banned4 { 192.0.2.7 }"),
  rule: change("add rule inet vedette_test gate tcp dport 22 counter drop"),
  list: nftables.run("list table inet vedette_test", { isStateless: true, isTerse: true }),
  json: nftables.runJson("list set inet vedette_test banned4", { isStateless: true }),
  remove: change("delete element inet vedette_test banned4 { 192.0.2.7 }"),
  removeAgain: change("delete element inet vedette_test banned4 { 192.0.2.7 }"),
  halfWrong: change(`
    add element inet vedette_test banned4 { 192.0.2.8 }
    add element inet vedette_test nowhere4 { 192.0.2.9 }
  `),
  getAfterHalfWrong: nftables.run("get element inet vedette_test banned4 { 192.0.2.8 }"),
  thousand: change(`add element inet vedette_test banned4 { ${thousand} }`),
  longReason: nftables.run(`add element inet vedette_test nowhere4 { ${thousand} }`),
  second: openNftables().run("get element inet vedette_test banned4 { 10.0.3.231 }"),
  foreignChange: foreignChange(),
  inherited: inheritedSockets(),
  unprivileged: {
    nftables: unprivileged("openNftables().run('list tables')"),
    generation: unprivileged("new RulesetGeneration().read()"),
  },
};

/** What the watcher is for: somebody else's `nft` raises the number too. */
function foreignChange(): number {
  const before = generation.read() ?? Number.NaN;
  spawnSync("nft", ["flush", "ruleset"]);
  return (generation.read() ?? Number.NaN) - before;
}

/** How many netlink sockets this namespace has, all of them ours, and how many a child holds. */
function inheritedSockets() {
  const [, ...lines] = readFileSync("/proc/net/netlink", "utf8").trim().split("\n");
  const rows = lines.map((line) => line.trim().split(/\s+/));
  // Port 0 is the kernel's own end; the inode is the last column.
  const own = rows.filter(([, , port]) => port !== "0").map((row) => `socket:[${row.at(-1)}]`);
  const child = spawnSync("sh", ["-c", "readlink /proc/$$/fd/*"], { encoding: "utf8" });
  return {
    ownSockets: own.length,
    inChild: child.stdout.split("\n").filter((link) => own.includes(link)).length,
  };
}

nftables.close();
nftables.close();
generation.close();
process.stdout.write(JSON.stringify(observed));
