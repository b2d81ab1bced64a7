/** The machine alone: what all others are compared with. */
import type { Contestant } from "./contestant.ts";

export const NONE: Contestant = {
  id: "none",
  title: "no guard",
  setting: "the machine alone",
  version: async () => "-",
  start: async () => ({ startMs: undefined, pids: () => [], packets: async () => undefined }),
};
