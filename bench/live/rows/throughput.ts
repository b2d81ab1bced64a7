/** How much one TCP stream carries to the machine. */
import type { Row } from "../row.ts";
import { IPERF_PORT } from "../standing.ts";
import { iperf3Of } from "../tools.ts";
import { costMeasures, withCost } from "./guard-cost.ts";

/** iperf3 ends a little later than it was told. Milliseconds. */
const PATIENCE_MS = 30_000;

export const THROUGHPUT: Row = {
  name: "throughput",
  measures: [
    {
      id: "throughput.pace",
      title: "throughput of one TCP stream (iperf3)",
      unit: "Gbit/s",
      isMoreBetter: true,
      isPaired: true,
      bar: { bound: "at least", value: 0.98, isOfRatio: true },
    },
    ...costMeasures("throughput", "one TCP stream"),
  ],
  measure: ({ network, guard, tools }, { seconds }) =>
    withCost("throughput", guard, async () => {
      const { hosts, target } = network;
      const [program = "", ...words] = iperf3Of(tools);
      const load = ["-c", target.ipv4, "-p", String(IPERF_PORT), "-t", String(seconds), "-J"];
      const patienceMs = seconds * 1000 + PATIENCE_MS;
      const output = await hosts.client.namespace.run(program, [...words, ...load], patienceMs);
      const { end } = JSON.parse(output) as {
        end: { sum_received: { bits_per_second: number } };
      };
      return { "throughput.pace": end.sum_received.bits_per_second / 1e9 };
    }),
};
