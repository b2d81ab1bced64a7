/**
 * What evidence leads to: who is banned on claims, on proof, with a connection, and for how long.
 */
import { expect, it } from "vitest";
import type { BanView } from "../../src/api/contract.ts";
import { Agent } from "../support/agent.ts";
import { forge } from "../support/forge.ts";
import { Guard } from "../support/guard.ts";
import { describeLive } from "../support/live.ts";
import { Lab } from "../support/namespaces.ts";
import { buildNetwork } from "../support/networks.ts";
import { startServices } from "../support/services.ts";
import { letPass, waitFor } from "../support/wait-for.ts";

const PORTS = [1001, 1002, 1003, 1004];

/** Nobody has these addresses; the network routes what they send all the same. */
const DEAD = "10.66.0.1";

/** How long a ban was made for. Seconds. */
function secondsOf({ since, until }: BanView): number {
  return (Date.parse(until ?? "") - Date.parse(since)) / 1000;
}

describeLive("evidence", ["nmap"], () => {
  it("of a completed handshake bans for an hour, also with PROOF handshake", async () => {
    await using lab = await Lab.open();
    const { hosts, target } = await buildNetwork(lab, ["scanner"]);
    const listened = { TCP_MODE: "tcp", UDP_MODE: "", TCP_PORTS: PORTS.join() };
    const config = { ...listened, PROOF: "handshake" };
    const guard = await Guard.start(lab, target.namespace, { config });

    await new Agent(hosts.scanner.namespace).connectAll(target.ipv4, PORTS);

    const ban = await guard.banned(hosts.scanner.ipv4);
    expect(ban).toMatchObject({ evidence: "proven" });
    expect(secondsOf(ban)).toBe(3600);
  });

  it("that anybody can forge bans for a minute, within the budget", async () => {
    await using lab = await Lab.open();
    const { hosts, target } = await buildNetwork(lab, ["forger"]);
    const config = { CLAIMED_BANS: "5", BAN_TIME_CLAIMED: "1h" };
    const guard = await Guard.start(lab, target.namespace, { config });

    await forge(hosts.forger.namespace, { from: DEAD, sources: 20, to: target.ipv4, ports: PORTS });

    await waitFor("the verdicts", 30_000, async () => (await guard.status()).verdicts === 20);
    const bans = await waitFor("all bans of the budget", 30_000, async () => {
      const found = await guard.bans();
      return found.length >= 5 && found;
    });
    expect(bans).toHaveLength(5);
    for (const ban of bans) {
      expect(ban).toMatchObject({ evidence: "claimed" });
      expect(secondsOf(ban)).toBe(60);
    }
    expect(new Set(guard.events("spared").map(({ why }) => why))).toEqual(new Set(["budget"]));
    expect(await guard.elementsOf("banned4")).toHaveLength(5);
  });

  it("that anybody can forge bans nobody with PROOF handshake, and holds", async () => {
    await using lab = await Lab.open();
    const { hosts, target } = await buildNetwork(lab, ["scanner", "forger"]);
    await startServices(target.namespace, { tcp: [80] });
    const guard = await Guard.start(lab, target.namespace, { config: { PROOF: "handshake" } });
    const scanner = new Agent(hosts.scanner.namespace);

    await scanner.connectAll(target.ipv4, PORTS, { timeoutMs: 300 });
    await forge(hosts.forger.namespace, { from: DEAD, to: target.ipv4, ports: PORTS });

    await guard.event("spared", ({ source }) => source === DEAD);
    await guard.event("spared", ({ source }) => source === hosts.scanner.ipv4);
    expect(new Set(guard.events("spared").map(({ why }) => why))).toEqual(new Set(["unproven"]));
    expect(await guard.bans()).toEqual([]);
    expect(await guard.elementsOf("held4")).toContain(hosts.scanner.ipv4);
    expect(await scanner.connect(target.ipv4, 80)).toBe("silent");
  });

  it("less than proof bans no client in whose name somebody sends, while it is connected", async () => {
    await using lab = await Lab.open();
    const { hosts, router, target } = await buildNetwork(lab, ["client"]);
    await startServices(target.namespace, { tcp: [80] });
    const guard = await Guard.start(lab, target.namespace);
    const client = new Agent(hosts.client.namespace);
    const connection = await client.open(target.ipv4, 80);
    const framed = hosts.client.ipv4;

    // Five: the connection speaks for it once.
    await forge(router, { from: framed, to: target.ipv4, ports: [...PORTS, 1005] });

    const spared = await guard.event("spared", ({ source }) => source === framed);
    expect(spared).toMatchObject({ why: "session" });
    expect(spared.text).toContain("(tcp 80)");
    expect(await guard.bans()).toEqual([]);
    await client.send(connection, "still here\n");
    await waitFor("the service's answer", 30_000, async () => {
      return (await client.received(connection)).text !== "";
    });

    // Who goes on without a connection is banned at last: it is not known at once that it is gone.
    await client.reset(connection);
    let first = 2001;
    await waitFor("a ban without a connection", 30_000, async () => {
      const ports = PORTS.map((_, index) => first + index);
      first += ports.length;
      await forge(router, { from: framed, to: target.ipv4, ports });
      return (await guard.bans()).some(({ address }) => address === framed);
    });
  });

  it.each<{ proof: string; dead: string; innocent: string; scanner: string }>([
    { proof: "alive", dead: "claimed 60", innocent: "alive 600", scanner: "alive 600" },
    { proof: "handshake", dead: "none", innocent: "none", scanner: "none" },
  ])("with PROOF $proof: $dead, $innocent, $scanner", async ({ proof, ...expected }) => {
    await using lab = await Lab.open();
    const { hosts, router, target } = await buildNetwork(lab, ["innocent", "scanner"]);
    await startServices(target.namespace, { tcp: [80] });
    // Longer than it takes a busy machine to come from the first to the last.
    const config = { PROOF: proof, HOLD_TIME: "2m" };
    const guard = await Guard.start(lab, target.namespace, { config });
    const sources = { dead: DEAD, innocent: hosts.innocent.ipv4, scanner: hosts.scanner.ipv4 };
    const held = async () => new Set(await guard.elementsOf("held4"));

    await forge(router, { from: DEAD, to: target.ipv4, ports: PORTS });
    await forge(router, { from: sources.innocent, to: target.ipv4, ports: PORTS });
    const scan = ["-n", "-Pn", "-sS", "--max-retries", "0", "-p", "1001-1010", target.ipv4];
    await hosts.scanner.namespace.run("nmap", scan);

    // Each is held in the same packet, whatever follows from the verdict.
    expect(await held()).toEqual(new Set(Object.values(sources)));
    await waitFor("three verdicts", 30_000, async () => (await guard.status()).verdicts === 3);
    const bans = async () => {
      const found = await guard.bans();
      const told = Object.entries(sources).map(([who, address]) => {
        const ban = found.find((each) => each.address === address);
        return [who, ban === undefined ? "none" : `${ban.evidence} ${secondsOf(ban)}`];
      });
      return Object.fromEntries(told) as typeof expected;
    };
    await waitFor("the answers to the challenges", 30_000, async () => {
      return JSON.stringify(await bans()) === JSON.stringify(expected);
    });
    // Nothing more follows.
    await letPass(1000);
    expect(await bans()).toEqual(expected);
  });

  it("of a client's success takes back one of its misses", async () => {
    await using lab = await Lab.open();
    const { hosts, target } = await buildNetwork(lab, ["client"]);
    await startServices(target.namespace, { tcp: [80] });
    const config = { HOLD_AFTER: "off" };
    const guard = await Guard.start(lab, target.namespace, { config });
    const client = new Agent(hosts.client.namespace);
    const connection = await client.open(target.ipv4, 80);

    for (const port of PORTS) await client.connect(target.ipv4, port, { timeoutMs: 100 });
    await guard.event("probe", ({ port }) => port === PORTS.at(-1));
    expect(guard.events("verdict")).toEqual([]);
    expect((await guard.status()).verdicts).toBe(0);

    await client.connect(target.ipv4, 1005, { timeoutMs: 100 });
    const spared = await guard.event("spared");
    expect(spared).toMatchObject({ source: hosts.client.ipv4, why: "session" });
    await client.reset(connection);
  });
});
