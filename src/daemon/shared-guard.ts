/**
 * One guard for all that `portsentry` was started for in a run directory.
 *
 * The first to come is the guard and watches its own transport. The second has the first watch its
 * transport, too, and stays as a process that can be stopped. When the first ends while the second
 * lives, the second becomes the guard; bans stand meanwhile, in the kernel.
 */
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { loadConfiguration } from "../config/load.ts";
import { OperationalError } from "../errors.ts";
import { isAnsweredOn } from "../kernel/unix-listener.ts";
import { type Joined, joinGuard } from "./join-client.ts";
import { JOIN_SOCKET, type JoinRequest } from "./join-protocol.ts";
import { type LaunchOptions, launchGuard } from "./launch.ts";
import { API_SOCKET } from "./own-sockets.ts";
import { findListenedGroup } from "./table-keeper.ts";

export interface SharedGuardOptions extends LaunchOptions {
  /** The one transport that was asked for; undefined: all that the configuration names. */
  readonly watched: Pick<JoinRequest, "transport" | "mode"> | undefined;
}

/** How long (ms) a guard that has ended may take to let go of its sockets. */
const GONE_WITHIN_MS = 15_000;

const LOOK_EVERY_MS = 100;

/** Runs until it is told to end. @returns the exit status. */
export async function runSharedGuard(options: SharedGuardOptions): Promise<number> {
  const { watched } = options;
  if (watched === undefined) return launchGuard(options);
  const request: JoinRequest = {
    request: "join",
    ...watched,
    configPath: options.configuration.path,
  };
  // The files are the guard's to read again, also between the first one's end and our own start.
  process.on("SIGHUP", ignore);
  try {
    return await joinOrLaunch(options, request);
  } finally {
    process.off("SIGHUP", ignore);
  }
}

async function joinOrLaunch(options: SharedGuardOptions, request: JoinRequest): Promise<number> {
  const { runDirectory, onReady } = options;
  const report = once(onReady);
  let latest = options;
  for (;;) {
    const joined = await joinGuard(runDirectory, request);
    if (joined !== undefined) {
      report();
      if ((await endOf(joined)) === "told") return 0;
      await untilGone(runDirectory);
      latest = withFileAsItIs(latest);
      continue;
    }
    try {
      return await launchGuard({ ...latest, onReady: report });
    } catch (error) {
      // Another one was quicker; it can be asked.
      const isLate = error instanceof OperationalError && error.code === "ERR_ALREADY_RUNNING";
      if (!isLate || !isAnsweredOn(join(runDirectory, JOIN_SOCKET))) throw error;
    }
  }
}

/** Waits for the guard's end, or for ours. */
async function endOf(joined: Joined): Promise<"told" | "left"> {
  const told = Promise.withResolvers<"told">();
  const tell = () => told.resolve("told");
  process.on("SIGTERM", tell).on("SIGINT", tell);
  try {
    const how = await Promise.race([told.promise, joined.ended.then(() => "left" as const)]);
    joined.leave();
    return how;
  } finally {
    process.off("SIGTERM", tell).off("SIGINT", tell);
  }
}

/** A process that was killed holds its sockets a moment longer than its connections. */
async function untilGone(runDirectory: string): Promise<void> {
  for (let waitedMs = 0; waitedMs < GONE_WITHIN_MS; waitedMs += LOOK_EVERY_MS) {
    const isThere =
      findListenedGroup() !== undefined || isAnsweredOn(join(runDirectory, API_SOCKET));
    if (!isThere) return;
    // Whoever has taken over already can be asked.
    if (isAnsweredOn(join(runDirectory, JOIN_SOCKET))) return;
    await pause(LOOK_EVERY_MS);
  }
}

/** What was reloaded meanwhile counts, unless it has become bad since. */
function withFileAsItIs(options: SharedGuardOptions): SharedGuardOptions {
  const loaded = loadConfiguration(options.configRequest);
  return loaded.status === "ok" ? { ...options, configuration: loaded.configuration } : options;
}

function ignore(): void {}

function once(act: (() => void) | undefined): () => void {
  let isDone = false;
  return () => {
    if (isDone) return;
    isDone = true;
    act?.();
  };
}
