/**
 * Tries in a private network what a guard needs of the kernel: first piece by piece, so that what is
 * missing has a name, and then the very table that the configuration makes.
 *
 * The machine's own network is not touched; the kernel loads the modules that are asked for, as it
 * does for a guard.
 */

import { OperationalError } from "../../errors.ts";
import { buildTable } from "../../kernel/table.ts";
import type { TableOptions } from "../../kernel/table-options.ts";
import { SENSE_PRIORITY } from "../../kernel/table-sense.ts";
import { buildSets } from "../../kernel/table-sets.ts";
import { PrivateMachine } from "../private-network/private-machine.ts";
import type { MissingFeature, Reading } from "./facts.ts";

/** In nft's words, below `add table inet trial` and a chain `in` at input. */
const PIECES: readonly (readonly [what: string, commands: string])[] = [
  ["sets whose elements run out", "add set inet trial a { type ipv4_addr; flags timeout; }"],
  [
    "sets that rules fill",
    "add set inet trial b { type ipv4_addr; flags dynamic,timeout; size 16; timeout 60s; }\n" +
      "add rule inet trial in add @b { ip saddr timeout 9s }",
  ],
  [
    "sets of prefixes that run out (nft_set_rbtree, nft_set_pipapo)",
    "add set inet trial c { type ipv4_addr; flags interval,timeout; }\n" +
      "add set inet trial d { type inet_proto . inet_service; flags interval; }",
  ],
  ["the socket expression (nft_socket)", "add rule inet trial in socket transparent <= 1 accept"],
  ["the fib expression (nft_fib_inet)", "add rule inet trial in fib daddr type != local accept"],
  [
    "limits and counters (nft_limit)",
    "add counter inet trial e\n" +
      'add rule inet trial in limit rate 9/second burst 5 packets counter name "e" drop',
  ],
  [
    "logging to a group (nft_log, nfnetlink_log)",
    "add rule inet trial in log group 9 snaplen 160 queue-threshold 16",
  ],
  ["the reject statement (nft_reject_inet)", "add rule inet trial in reject"],
  [
    "the notrack statement (nft_ct)",
    "add chain inet trial out { type filter hook output priority raw; }\n" +
      "add rule inet trial out notrack",
  ],
];

const CHAIN = `add table inet trial\nadd chain inet trial in { type filter hook input priority ${SENSE_PRIORITY}; }`;

/** @returns unread where no private network can be made. */
export async function readFeatures(
  table: TableOptions,
): Promise<Reading<readonly MissingFeature[]>> {
  let machine: PrivateMachine | undefined;
  try {
    machine = await PrivateMachine.open();
    return { status: "read", value: await tryAll(machine, table) };
  } catch (error) {
    if (!(error instanceof OperationalError)) throw error;
    return { status: "unread", reason: error.message };
  } finally {
    await machine?.close();
  }
}

async function tryAll(machine: PrivateMachine, table: TableOptions): Promise<MissingFeature[]> {
  const missing: MissingFeature[] = [];
  for (const [what, commands] of PIECES) {
    const reason = await tryCommands(machine, `${CHAIN}\n${commands}\ndelete table inet trial`);
    if (reason !== undefined) missing.push({ what, reason });
  }
  // As a guard's start does it: the sets in one transaction, the rules in another.
  if (missing.length === 0) {
    const what = "all that the rules of this configuration ask for";
    const reason =
      (await tryCommands(machine, buildSets(table).join("\n"))) ??
      (await tryCommands(machine, buildTable(table)));
    if (reason !== undefined) missing.push({ what, reason });
  }
  const log = await tryLog(machine, table.nflogGroup);
  if (log !== undefined) missing.push({ what: "a reader of logged packets", reason: log });
  const raw = await machine.ask("raw", { version: 4 });
  if (raw !== null) missing.push({ what: "raw sockets (CAP_NET_RAW)", reason: raw });
  return missing;
}

/** @returns why the kernel did not take them; the first line is the reason, the rest quotes. */
async function tryCommands(machine: PrivateMachine, commands: string): Promise<string | undefined> {
  const outcome = await machine.ask("nft", { commands });
  return outcome.status === "ok" ? undefined : (outcome.reason.split("\n", 1)[0] ?? "");
}

async function tryLog(machine: PrivateMachine, group: number): Promise<string | undefined> {
  try {
    await machine.ask("nflog", { group });
    return undefined;
  } catch (error) {
    if (!(error instanceof OperationalError)) throw error;
    return error.message;
  }
}
