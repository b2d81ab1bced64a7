/** Every TCP port of the machine has a listener. */
import assert from "node:assert/strict";
import { Agent } from "../support/agent.ts";
import { Guard } from "../support/guard.ts";
import { buildNetwork } from "../support/networks.ts";
import { startServices } from "../support/services.ts";
import type { Fault } from "./fault.ts";

const PORTS = 65_535;
/** Ports of one process, which must do with the descriptors that it is allowed. */
const SHARE = 15_000;
const VISITED = 100;

export const ALL_PORTS_SERVED: Fault = {
  name: "all-ports-served",
  done: () => `listeners on all ${PORTS} TCP ports, and a visitor of ${VISITED} of them`,
  promised: "it starts, every port answers, and who visits served ports is not banned",
  limitMs: 600_000,
  skipReason: ({ isFull }) => (isFull ? undefined : "played by --full alone"),
  play: async (lab, { random }) => {
    const { hosts, target } = await buildNetwork(lab, ["visitor"]);
    for (let first = 1; first <= PORTS; first += SHARE) {
      const length = Math.min(SHARE, PORTS - first + 1);
      await startServices(target.namespace, {
        tcp: Array.from({ length }, (_, place) => first + place),
      });
    }
    const startedAtMs = performance.now();
    const guard = await Guard.start(lab, target.namespace);
    const seconds = Math.round((performance.now() - startedAtMs) / 1000);
    const visitor = new Agent(hosts.visitor.namespace);

    for (let visit = 0; visit < VISITED; visit += 1) {
      const port = random.integer(1, PORTS);
      const outcome = await visitor.connect(target.ipv4, port, { timeoutMs: 5000 });
      assert.equal(outcome, "open", `port ${port}`);
    }

    assert.deepEqual(await guard.bans(), []);
    assert.deepEqual(await guard.elementsOf("held4"), []);
    const mebibytes = Math.round(guard.residentBytes("guard") / 1024 / 1024);
    return `ready after ${seconds} s, ${VISITED} of ${VISITED} visits answered, nobody held or banned; guard ${mebibytes} MiB resident`;
  },
};
