/**
 * Runs inside a namespace as root: makes two uplinks and rules that count what leaves by each,
 * opens raw sockets, and prints as JSON what an unprivileged child could do with them.
 */
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import type { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { openNftables } from "../../src/kernel/nftables.ts";
import { openRawSocket, RAW_MARK } from "../../src/kernel/raw-socket.ts";

/** Runs commands of ip(8), one a line. */
function configure(family: "-4" | "-6", lines: readonly string[]): void {
  execFileSync("ip", [family, "-batch", "-"], { input: `${lines.join("\n")}\n` });
}

// The default routes lead out of the first; the second has its own by the address sent from.
configure("-4", [
  "link add uplink1 type veth peer name far1",
  "link add uplink2 type veth peer name far2",
  ...["uplink1", "uplink2", "far1", "far2"].map((name) => `link set ${name} up`),
  "addr add 192.0.2.1/24 dev uplink1",
  "addr add 198.51.100.1/24 dev uplink2",
  "route add default via 192.0.2.254 dev uplink1",
  "rule add from 198.51.100.1 table 2",
  "route add default via 198.51.100.254 dev uplink2 table 2",
]);
configure("-6", [
  "addr add 2001:db8:1::1/64 dev uplink1 nodad",
  "addr add 2001:db8:2::1/64 dev uplink2 nodad",
  "route add default via 2001:db8:1::ff dev uplink1",
  "rule add from 2001:db8:2::1 table 2",
  "route add default via 2001:db8:2::ff dev uplink2 table 2",
]);

const COUNTED = "tcp flags == (syn | ack) counter name";
const nftables = openNftables();
const made = nftables.run(`
  add table inet vedette_test
  add counter inet vedette_test uplink1v4
  add counter inet vedette_test uplink1v6
  add counter inet vedette_test uplink2v4
  add counter inet vedette_test uplink2v6
  add chain inet vedette_test out { type filter hook output priority 0; }
  add rule inet vedette_test out tcp dport 9999 drop
  add rule inet vedette_test out meta mark != ${RAW_MARK} accept
  add rule inet vedette_test out oifname uplink1 ip saddr 192.0.2.1 ${COUNTED} uplink1v4
  add rule inet vedette_test out oifname uplink1 ip6 saddr 2001:db8:1::1 ${COUNTED} uplink1v6
  add rule inet vedette_test out oifname uplink2 ip saddr 198.51.100.1 ${COUNTED} uplink2v4
  add rule inet vedette_test out oifname uplink2 ip6 saddr 2001:db8:2::1 ${COUNTED} uplink2v6
`);
if (made.status === "failed") throw new Error(made.reason);

function descriptorOf(version: 4 | 6): number {
  const outcome = openRawSocket(version);
  if (outcome.status !== "open") throw new Error(`IPv${version}: ${outcome.status}`);
  return outcome.fd;
}

const child = spawn(
  process.execPath,
  [fileURLToPath(new URL("kernel-raw-socket-child.ts", import.meta.url))],
  {
    uid: 65_534,
    gid: 65_534,
    stdio: ["ignore", "pipe", "inherit", descriptorOf(4), descriptorOf(6)],
    env: {},
  },
);
const ended = once(child, "exit");
const printed = await text(child.stdout as Readable);
const [status] = await ended;
if (status !== 0) throw new Error(`the child ended with status ${status}`);

const listed = execFileSync("nft", ["-j", "list", "counters", "table", "inet", "vedette_test"], {
  encoding: "utf8",
});
const counters = (JSON.parse(listed) as { nftables: { counter?: Record<string, unknown> }[] })
  .nftables;
const left = Object.fromEntries(
  counters.flatMap(({ counter }) => (counter ? [[counter["name"], counter["packets"]]] : [])),
);
nftables.close();
process.stdout.write(JSON.stringify({ child: JSON.parse(printed), left }));
