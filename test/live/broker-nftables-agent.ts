/**
 * Runs inside a namespace as root: an executor on the real libnftables, driven line by line.
 *
 * Each line read is `{"call", "args"}`; each line written is what the call returned.
 */
import { createInterface } from "node:readline";
import { NftablesExecutor } from "../../src/broker/executors/nftables.ts";
import { listBans } from "../../src/broker/executors/set-listing.ts";
import { KernelTrust } from "../../src/broker/kernel-trust.ts";
import { TrustedSet } from "../../src/broker/trusted-set.ts";
import { systemClock } from "../../src/clock.ts";
import { ElementWriter } from "../../src/kernel/element-writer.ts";
import { openNftables } from "../../src/kernel/nftables.ts";
import { TableReader } from "../../src/kernel/table-reader.ts";
import { type Prefix, parsePrefix } from "../../src/net/prefix.ts";

/** A ban as the test writes it. */
export interface AgentBan {
  readonly text: string;
  readonly timeoutMs: number | null;
}

/** Our sets and counters, without any rule. */
const TABLE = `table inet vedette {
  counter holds { }
  set banned4 { type ipv4_addr; flags timeout; size 1048576; }
  set banned6 { type ipv6_addr; flags timeout; size 1048576; }
  set bannet4 { type ipv4_addr; flags interval,timeout; }
  set bannet6 { type ipv6_addr; flags interval,timeout; }
  set trusted4 { type ipv4_addr; flags interval; }
  set trusted6 { type ipv6_addr; flags interval; }
  set single6 { type ipv6_addr; flags interval; }
  set held4 { type ipv4_addr; flags dynamic,timeout; size 65536; timeout 60s; }
  set held6 { type ipv6_addr; flags dynamic,timeout; size 65536; timeout 60s; }
}
`;

const nft = openNftables();
const reader = new TableReader();
const trusted = new TrustedSet();
trusted.replace([]);
const kernelTrust = new KernelTrust(nft, reader);

function prefix(text: string): Prefix {
  const parsed = parsePrefix(text);
  if (parsed === undefined) throw new Error(`not a prefix: ${text}`);
  return parsed;
}

const newExecutor = () =>
  new NftablesExecutor(
    { ipv6PrefixBits: 64 },
    {
      nft,
      elements: new ElementWriter(),
      reader,
      trusted,
      sharedIpv6: () => [],
      clock: systemClock,
    },
  );
let executor = newExecutor();

const orders = (bans: readonly AgentBan[]) =>
  bans.map(({ text, timeoutMs }) => ({ prefix: prefix(text), timeoutMs }));

/** What a test may ask for. */
const calls = {
  ban: (bans: readonly AgentBan[]) => executor.ban(orders(bans)),
  restore: (bans: readonly AgentBan[]) => executor.restore(orders(bans)),
  unban: (texts: readonly string[]) => executor.unban(texts.map(prefix)),
  measure: () => executor.measure(),
  list: () => listBans(nft, 64),
  /** As after a restart of the whole guard: nothing is remembered. */
  startAnew: () => {
    executor = newExecutor();
    return null;
  },
  trust: (texts: readonly string[]) => {
    kernelTrust.write(texts.map(prefix), [prefix("fe80::/10")], false);
    return null;
  },
  run: (commands: string) => nft.run(commands),
  /** Bans one address; the milliseconds that it takes, looked up included. */
  timeBan: (text: string) => {
    const startedAtMs = systemClock.monotonicMs();
    executor.ban(orders([{ text, timeoutMs: 60_000 }]));
    return systemClock.monotonicMs() - startedAtMs;
  },
};

export type AgentCalls = typeof calls;

nft.run(TABLE);
for await (const line of createInterface({ input: process.stdin })) {
  const { call, args } = JSON.parse(line) as { call: keyof AgentCalls; args: readonly never[] };
  const act = calls[call] as (...args: readonly never[]) => unknown;
  process.stdout.write(`${JSON.stringify(act(...args))}\n`);
}
