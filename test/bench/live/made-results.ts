/** Results of a run that never was, for tests of what is made of them. */
import type { Results } from "../../../bench/live/results.ts";
import type { Measure } from "../../../bench/live/row.ts";

const PACE: Measure = {
  id: "web.pace",
  title: "new connections",
  unit: "a second",
  isMoreBetter: true,
  isPaired: true,
};

const LEAKED: Measure = {
  id: "leak.services",
  title: "services learned of",
  unit: "services",
  isMoreBetter: false,
  isPaired: true,
};

const MEMORY: Measure = {
  id: "idle.memory",
  title: "memory",
  unit: "MB",
  isMoreBetter: false,
  isPaired: false,
};

/** With no guard, Vedette and a peer, as far as they have numbers. */
export function makeResults(numbers: Results["numbers"]): Results {
  return {
    version: 1,
    machine: {
      startedAt: "2026-11-23T20:00:00Z",
      processor: "Example 1",
      processors: 2,
      memoryBytes: 8 * 2 ** 30,
      kernel: "6.1.0",
      system: "Debian GNU/Linux 12 (bookworm)",
      revision: "0123abc",
      tools: { wrk: "4.1.0", nmap: "7.93" },
      loadBefore: 0.5,
      loadAfter: 2.25,
    },
    rounds: 3,
    settings: { seconds: 5, scans: 2, mostBans: 1000 },
    contestants: [
      { id: "none", title: "no guard", setting: "the machine alone", version: "-" },
      { id: "vedette", title: "Vedette", setting: "defaults", version: "0.1.0" },
      { id: "scanlogd", title: "scanlogd", setting: "Debian's", version: "2.2.8" },
    ],
    measures: [PACE, LEAKED, MEMORY],
    numbers,
  };
}
