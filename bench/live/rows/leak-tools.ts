/**
 * How many of ten services other kinds of scan learn of, counted on the wire.
 *
 * Each tool asks from a host of its own, in a network of its own, so that what a guard has made of
 * one says nothing of the next. masscan asks in an order of its own, in which
 * services come early or late by chance.
 */
import { SERVED_PORTS, serveLeakPorts } from "../../../test/support/leak-scenario.ts";
import { countLeaks } from "../../../test/support/leaks.ts";
import { Lab } from "../../../test/support/namespaces.ts";
import { buildNetwork } from "../../../test/support/networks.ts";
import { startServices } from "../../../test/support/services.ts";
import { Wire } from "../../../test/support/wire.ts";
import type { Row } from "../row.ts";

/** The first five hundred, and all that are served. */
const PORTS = ["1-500", ...SERVED_PORTS.filter((port) => port > 500)].join(",");

/** Longest that one scan may take. Milliseconds. */
const PATIENCE_MS = 90_000;

/** No service of the count, and unused by the scans: whoever asks needs a process on the machine. */
const MARK = { udp: [40_000] };

const NMAP = ["nmap", "-n", "-Pn", "-T4", "--max-retries", "0", "-p", PORTS];
const MASSCAN = ["masscan", "-e", "eth0", "--wait", "1", "-p", PORTS];

/** Without the time-out nmap slows down further where nothing is answered: to 40 s. */
const SLOWLY = ["--min-rate", "200", "--max-rate", "200", "--max-rtt-timeout", "200ms"];

/** By the name of the host, which is that of the measure. */
const TOOLS = {
  connect: { title: "nmap -sT", words: [...NMAP, "-sT", "--min-rate", "1000"] },
  slow: { title: "nmap -sS, 200/s", words: [...NMAP, "-sS", ...SLOWLY] },
  masscan: { title: "masscan, 1,000/s", words: [...MASSCAN, "--rate", "1000"] },
  burst: { title: "masscan, 20,000/s", words: [...MASSCAN, "--rate", "20000"] },
} as const;

/** Two run beside each other: masscan waits for seconds before and after it has asked. */
const PAIRS = [
  ["connect", "slow"],
  ["masscan", "burst"],
] as const;

const NAMES = Object.keys(TOOLS) as (keyof typeof TOOLS)[];

export const LEAK_TOOLS: Row = {
  name: "leak-tools",
  isLong: true,
  aboutSeconds: 10,
  measures: NAMES.map((name) => ({
    id: `leak-tools.${name}`,
    title: `of 10 services, those that a scan of 500 other ports learns of (${TOOLS[name].title})`,
    unit: "services",
    isMoreBetter: false,
    isPaired: true,
  })),
  async measure({ contestant, tools }) {
    await using lab = await Lab.open();
    const { target, hosts } = await buildNetwork(lab, NAMES, { isApart: true });
    await serveLeakPorts(lab, target);
    const { pid } = await startServices(target.namespace, MARK);
    await contestant.start(lab, { target, pid }, tools);
    const numbers: Record<string, number> = {};
    for (const pair of PAIRS) {
      const wire = await Wire.start(lab, target);
      const scans = pair.map((name) => {
        const [program = "", ...words] = TOOLS[name].words;
        return hosts[name].namespace.run(program, [...words, target.ipv4], PATIENCE_MS);
      });
      await Promise.all(scans);
      const segments = await wire.stop();
      for (const name of pair) {
        const question = { scanner: hosts[name].ipv4, served: new Set(SERVED_PORTS) };
        numbers[`leak-tools.${name}`] = countLeaks(segments, question).answered.length;
      }
    }
    return numbers;
  },
};
