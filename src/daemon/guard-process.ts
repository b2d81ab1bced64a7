/**
 * The guard's process: reads hostile packets, judges, remembers, and may do nothing itself.
 *
 * Started by the broker's process with its sockets as inherited descriptors and a channel on
 * descriptor 3. It gives up root before it reads anything. When the channel closes, it ends:
 * without a broker it can do nothing. Every module is imported before privileges are dropped,
 * because the program's files may lie where only root can read.
 */
import { Socket } from "node:net";
import { BrokerClient } from "../broker/client.ts";
import type { BrokerEvent } from "../broker/protocol.ts";
import { OperationalError } from "../errors.ts";
import {
  endWithParent,
  forbidDumping,
  forbidNewPrivileges,
  type LimitOutcome,
} from "../kernel/process-limits.ts";
import { Guard } from "./guard.ts";
import type { Hello } from "./guard-stages.ts";
import { dropPrivileges } from "./privileges.ts";

/** Descriptor of the channel to the broker. */
const CHANNEL_FD = 3;

/** Reads "UID GID PID": who the guard becomes, and the process that has started it. */
function readArguments(): { readonly uid: number; readonly gid: number; readonly parent: number } {
  const [uid = Number.NaN, gid = Number.NaN, parent = Number.NaN] = process.argv
    .slice(2)
    .map(Number);
  if (!Number.isInteger(uid + gid + parent)) {
    throw new OperationalError("ERR_USAGE", "the guard process is started by `vedette guard` only");
  }
  return { uid, gid, parent };
}

/** A guard that could not give something up must not read a packet. */
function demand(outcome: LimitOutcome, what: string): void {
  if (outcome.status === "applied") return;
  throw new OperationalError("ERR_PERMISSION", `cannot forbid ${what}: ${outcome.reason}`);
}

const { uid, gid, parent } = readArguments();
// The first foreign call loads the library, which may lie where only root can read.
demand(forbidNewPrivileges(), "new privileges");
dropPrivileges({ uid, gid });
// Giving up root resets both of these.
demand(forbidDumping(), "core dumps");
demand(endWithParent(), "living on without the broker");
if (process.ppid !== parent) process.exit(0);
// The broker's process decides when it is over; a terminal's Ctrl-C reaches it, not us.
process.on("SIGINT", () => {});
const greeting = Promise.withResolvers<Hello>();
// Events that come before there is a guard to take them wait, in order.
const early: BrokerEvent[] = [];
let guard: Guard | undefined;
const broker = new BrokerClient(new Socket({ fd: CHANNEL_FD, readable: true, writable: true }), {
  onEvent: (event) => {
    if (event.event === "hello") greeting.resolve(event);
    else if (guard === undefined) early.push(event);
    else guard.onEvent(event);
  },
  onClose: () => process.exit(0),
});
guard = new Guard(await greeting.promise, broker);
for (const event of early.splice(0)) guard.onEvent(event);
await guard.start();
