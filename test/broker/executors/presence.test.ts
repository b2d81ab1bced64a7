import { describe, expect, it } from "vitest";
import { PresenceCheck } from "../../../src/broker/executors/presence.ts";
import { prefix } from "../fakes.ts";
import { FakeMachine } from "./fake-machine.ts";

const DROP = "-s 192.0.2.7 -j DROP";
const LOG = "-s 192.0.2.7 -j LOG";
const CHAIN = `/sbin/iptables -I INPUT ${DROP} && /sbin/iptables -I INPUT ${LOG}`;
const ROUTE = "/sbin/route add -host 192.0.2.7 reject";

function open() {
  const machine = new FakeMachine();
  return { machine, presence: new PresenceCheck(machine.run, machine.readRoutes) };
}

const SOURCE = prefix("192.0.2.7");

describe("PresenceCheck", () => {
  it("looks at what is known of a line, for this source alone", async () => {
    const { machine, presence } = open();
    const line = `mail root; ${CHAIN}; /sbin/iptables -I INPUT -s 192.0.2.99 -j DROP`;
    expect(await presence.of(line, SOURCE)).toBe("none");
    machine.rules.push(LOG, DROP);
    expect(await presence.of(line, SOURCE)).toBe("all");
  });

  it.each([
    { rules: [], found: "none" },
    { rules: [DROP], found: "some" },
    { rules: [LOG], found: "some" },
    { rules: [LOG, DROP], found: "all" },
    { rules: ["-s 192.0.2.77 -j DROP"], found: "none" },
  ])("finds $found of two rules where $rules stand", async ({ rules, found }) => {
    const { machine, presence } = open();
    machine.rules.push(...rules);
    expect(await presence.of(CHAIN, SOURCE)).toBe(found);
    expect(machine.acts).toEqual([]);
  });

  it("finds a route without running anything", async () => {
    const { machine, presence } = open();
    expect(await presence.of(ROUTE, SOURCE)).toBe("none");
    machine.routes.push("192.0.2.7");
    expect(await presence.of(ROUTE, SOURCE)).toBe("all");
    expect(machine.lines).toEqual([]);
  });

  it.each([
    "/usr/bin/mail root",
    "ip rule add from 192.0.2.7 blackhole",
    `${ROUTE}; ip rule add from 192.0.2.7 blackhole`,
    "ip route add blackhole not-an-address",
  ])("knows nothing of %s", async (line) => {
    expect(await open().presence.of(line, SOURCE)).toBe("unknown");
  });

  it.each([2, 4, 127])("takes a check that ends with %d for no answer", async (status) => {
    const { machine, presence } = open();
    machine.statusOf.set(`/sbin/iptables -C INPUT ${DROP}`, status);
    expect(await presence.of(CHAIN, SOURCE)).toBe("unknown");
  });

  it("takes a check that hangs, and tables that cannot be read, for no answer", async () => {
    const { machine, presence } = open();
    machine.slow.add(`/sbin/iptables -C INPUT ${DROP}`);
    expect(await presence.of(CHAIN, SOURCE)).toBe("unknown");
    const blind = new PresenceCheck(machine.run, () => Promise.reject(new Error("EMFILE")));
    expect(await blind.of(ROUTE, SOURCE)).toBe("unknown");
  });
});
