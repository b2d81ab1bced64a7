/**
 * The guard's process: reads hostile packets, judges, remembers, and may do nothing itself.
 *
 * Started by the broker's process, or by systemd when the broker connects to the socket of the
 * guard's unit. It gives up what it may have of root's before it reads anything. When the channel
 * to the broker closes, it ends: without a broker it can do nothing. Every module is imported
 * before privileges are dropped, because the program's files may lie where only root can read.
 */
import { Socket } from "node:net";
import { BrokerClient } from "../broker/client.ts";
import type { BrokerEvent } from "../broker/protocol.ts";
import { EXIT_STATUS, OperationalError } from "../errors.ts";
import { Guard } from "./guard.ts";
import type { Hello } from "./guard-stages.ts";
import { beginAsChild, beginInUnit, isInUnit } from "./guard-start.ts";
import { openServiceManager } from "./service-manager.ts";

async function begin(): Promise<void> {
  const { channelFd, brokerPid, handedFds } = isInUnit() ? await beginInUnit() : beginAsChild();
  const greeting = Promise.withResolvers<Hello>();
  // Events that come before there is a guard to take them wait, in order.
  const early: BrokerEvent[] = [];
  let guard: Guard | undefined;
  const broker = new BrokerClient(new Socket({ fd: channelFd, readable: true, writable: true }), {
    onEvent: (event) => {
      if (event.event === "hello") greeting.resolve(event);
      else if (guard === undefined) early.push(event);
      else guard.onEvent(event);
    },
    onClose: () => process.exit(0),
  });
  const hello = await greeting.promise;
  const sockets = hello.sockets.map((each) => ({ ...each, fd: handedFds?.[each.fd] ?? each.fd }));
  const manager = openServiceManager();
  let hasStarted = false;
  let isReady = false;
  const onProgress = (): void => {
    if (!hasStarted) {
      manager.starting("Bringing back the bans of earlier runs.");
      return;
    }
    if (!isReady) manager.ready("Reading what the kernel reports.");
    isReady = true;
    manager.beat();
  };
  guard = new Guard({ ...hello, sockets }, broker, { brokerPid, onProgress });
  for (const event of early.splice(0)) guard.onEvent(event);
  await guard.start();
  hasStarted = true;
}

try {
  await begin();
} catch (error) {
  // A defect ends it with its stack.
  if (!(error instanceof OperationalError)) throw error;
  process.stderr.write(`vedette: ${error.message}\n`);
  process.exit(EXIT_STATUS[error.code]);
}
