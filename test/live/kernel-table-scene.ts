/**
 * Runs inside a namespace as root: builds our table from docs/table.nft and prints as JSON what the
 * reader sees of it, before and after others have touched it.
 */
import { readFileSync } from "node:fs";
import { openNftables } from "../../src/kernel/nftables.ts";
import { TableReader } from "../../src/kernel/table-reader.ts";
import { type IpAddress, parseIpAddress } from "../../src/net/ip-address.ts";

const nftables = openNftables();
const reader = new TableReader();
const address = (text: string) => parseIpAddress(text) as IpAddress;

function run(commands: string): void {
  const outcome = nftables.run(commands);
  if (outcome.status === "failed") throw new Error(outcome.reason);
}

const absent = {
  fingerprint: reader.fingerprint() ?? null,
  counters: reader.counters()?.size ?? null,
  held: reader.countElements("held4", 10),
  stands: reader.hasAddress("banned4", address("192.0.2.7")),
  group: reader.logGroup() ?? null,
  bits: reader.ipv6PrefixBits() ?? null,
};

run(readFileSync("docs/table.nft", "utf8"));
const built = reader.fingerprint();
run("add element inet vedette banned4 { 192.0.2.7 timeout 1h }");
run("add element inet vedette banned6 { 2001:db8:: }");
run("add element inet vedette bannet4 { 198.51.100.0/24 timeout 1h }");
run("add element inet vedette bannet4 { 198.51.99.0/24, 203.0.113.0/25 }");
run("add element inet vedette held4 { 192.0.2.1, 192.0.2.2, 192.0.2.3 }");
const standing = {
  group: reader.logGroup(),
  bits: reader.ipv6PrefixBits(),
  counters: [...(reader.counters()?.keys() ?? [])].sort(),
  banned4: ["192.0.2.7", "192.0.2.8"].map((text) => reader.hasAddress("banned4", address(text))),
  banned6: ["2001:db8::", "2001:db8::1"].map((t) => reader.hasAddress("banned6", address(t))),
  bannet4: ["198.51.100.0", "198.51.100.255", "198.51.101.0"].map((text) =>
    reader.hasAddress("bannet4", address(text)),
  ),
  held: [2, 3, 4].map((limit) => reader.countElements("held4", limit)),
  heldAgain: reader.countElements("held4", 10),
  intervals: ["bannet4", "bannet6"].map((set) => reader.countElements(set, 10)),
  nowhere: reader.countElements("nowhere4", 10),
};
const addresses = (set: string) => {
  const found: string[] = [];
  const pages = reader.readAddresses(set);
  const take = (bytes: Buffer, expiresMs: number | undefined): void => {
    found.push(`${bytes.toString("hex")} ${expiresMs === undefined ? "for good" : "timed"}`);
  };
  while (pages.next(take));
  pages.close();
  return found.sort();
};
const banned = { four: addresses("banned4"), six: addresses("banned6"), no: addresses("none4") };
const fingerprints = {
  sameAfterElements: reader.fingerprint() === built,
  otherAfterRule: differsAfter("add rule inet vedette answer accept"),
  sameAfterForeignTable: !differsAfter("add table inet other"),
  otherAfterFlush: differsAfter("flush chain inet vedette sense"),
  goneAfterFlush: goneAfter("flush ruleset"),
};

function differsAfter(commands: string): boolean {
  const before = reader.fingerprint();
  run(commands);
  return reader.fingerprint() !== before;
}

function goneAfter(commands: string): boolean {
  run(commands);
  return reader.fingerprint() === undefined;
}

reader.close();
nftables.close();
process.stdout.write(JSON.stringify({ absent, standing, banned, fingerprints }));
