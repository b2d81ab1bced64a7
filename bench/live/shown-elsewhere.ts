/** Bars that a benchmark cannot show, and the commands that do. Pure. */
import { formatLines } from "./report-table.ts";

interface ShownElsewhere {
  readonly what: string;
  readonly bar: string;
  readonly command: string;
  /** Where the output of its last recorded run stands, as seen from docs/BENCHMARKS.md. */
  readonly recorded: string;
}

const LIVE = "[LONG-RUNS.md](LONG-RUNS.md#bars-that-live-tests-show)";

const BARS: readonly ShownElsewhere[] = [
  {
    what: "services that a full scan learns of after its second unused port, in twenty runs",
    bar: "none, in 20 of 20",
    command: "npm run test:long -- test/long/leak.test.ts",
    recorded: "[LONG-RUNS.md](LONG-RUNS.md#leak-of-served-ports)",
  },
  {
    what: 'what a SYN scan learns with PHANTOM="all"',
    bar: "nothing: every port looks open",
    command: "npm run test:live -- test/live/phantom.test.ts",
    recorded: LIVE,
  },
  {
    what: "false probes: TIME_WAIT reuse, late DNS, stray ends of connections, passive FTP, fragments",
    bar: "none",
    command: "npm run test:live -- test/live/ordinary-traffic.test.ts",
    recorded: LIVE,
  },
  {
    what: "offices of 200 people behind one address each (NAT), on a working day",
    bar: "no innocent office is convicted",
    command: "npm run scoreboard",
    recorded: "[SCOREBOARD.md](SCOREBOARD.md), the rows of offices",
  },
  {
    what: "holds by a service that restarts under load, or by checks of one dead port",
    bar: "none",
    command: "npm run test:live -- test/live/ordinary-traffic.test.ts test/live/one-port.test.ts",
    recorded: LIVE,
  },
  {
    what: "captures without a scan (ordinary traffic, backscatter)",
    bar: "nobody is convicted",
    command: "npm run scoreboard",
    recorded: "[SCOREBOARD.md](SCOREBOARD.md), the rows of captures with innocent senders alone",
  },
  {
    what: "how fast captures are judged",
    bar: "1,000,000 packets a second on one core",
    command: "npm run bench:replay",
    recorded: "[REPLAY.md](REPLAY.md#how-fast-it-is), which says whether it is met",
  },
];

/** @returns the table. */
export function formatShownElsewhere(): string {
  const lines = BARS.map(({ what, bar, command, recorded }) => [
    what,
    bar,
    `\`${command}\``,
    recorded,
  ]);
  return formatLines(["what", "bar", "shown by", "recorded in"], lines);
}
