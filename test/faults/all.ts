/** All faults, in the order in which they are played. */
import { ALL_PORTS_SERVED } from "./all-ports-served.ts";
import { CLOCK_STEPPED } from "./clock-stepped.ts";
import { DISK_FULL } from "./disk-full.ts";
import type { Fault } from "./fault.ts";
import { HISTORY_KILLED } from "./history-killed.ts";
import { HOOKS_HANG } from "./hooks-hang.ts";
import { JOURNAL_CORRUPTED } from "./journal-corrupted.ts";
import { KILL } from "./kill.ts";
import { LOG_PIPE_CLOSED } from "./log-pipe-closed.ts";
import { MEMORY_LIMIT } from "./memory-limit.ts";
import { MILLION_BANS } from "./million-bans.ts";
import { MILLION_PROBES } from "./million-probes.ts";
import { NFT_BUSY } from "./nft-busy.ts";
import { READ_ONLY_STATE } from "./read-only-state.ts";
import { RESTART } from "./restart.ts";
import { STEADY_LOAD } from "./steady-load.ts";

export const FAULTS: readonly Fault[] = [
  KILL,
  HISTORY_KILLED,
  DISK_FULL,
  READ_ONLY_STATE,
  JOURNAL_CORRUPTED,
  NFT_BUSY,
  HOOKS_HANG,
  LOG_PIPE_CLOSED,
  CLOCK_STEPPED,
  RESTART,
  MEMORY_LIMIT,
  STEADY_LOAD,
  MILLION_BANS,
  MILLION_PROBES,
  ALL_PORTS_SERVED,
];
