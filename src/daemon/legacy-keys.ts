/** What PortSentry's keys ask for, as both processes need to know it. */
import type { KeyName, Settings } from "../config/schema.ts";
import type { Reaction } from "../policy/options.ts";

/** BLOCK_TCP and BLOCK_UDP as PortSentry's numbers. */
export const BLOCKS: Readonly<Record<Reaction, 0 | 1 | 2>> = { watch: 0, ban: 1, hooks: 2 };

/** Keys that say what PortSentry's responses are, and when they are given. */
export const LEGACY_KEYS = [
  ...["KILL_HOSTS_DENY", "KILL_ROUTE", "KILL_RUN_CMD", "KILL_RUN_CMD_FIRST"],
  ...["UNKILL_ROUTE", "UNKILL_RUN_CMD", "HOOK_TIMEOUT", "HOOK_QUEUE", "BLOCKED_FILE"],
  ...["BLOCK_TCP", "BLOCK_UDP", "TCP_MODE", "UDP_MODE"],
] as const satisfies readonly KeyName[];

/** Whether a ban asks for something besides the kernel's sets, which only the broker can do. */
export function asksForLegacy(values: Settings): boolean {
  const { KILL_HOSTS_DENY, KILL_ROUTE, KILL_RUN_CMD, BLOCKED_FILE } = values;
  return [KILL_HOSTS_DENY, KILL_ROUTE, KILL_RUN_CMD, BLOCKED_FILE].some((key) => key !== undefined);
}

/** Whether a verdict shuts anybody out by one of PortSentry's responses. */
export function hasHooks({ KILL_HOSTS_DENY, KILL_ROUTE, KILL_RUN_CMD }: Settings): boolean {
  return [KILL_HOSTS_DENY, KILL_ROUTE, KILL_RUN_CMD].some((key) => key !== undefined);
}
