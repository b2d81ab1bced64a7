/**
 * SENSE_LOOPBACK: what this machine sends to itself is told, and nothing follows from it.
 */
import { afterAll, beforeAll, expect, it } from "vitest";
import { Agent } from "../support/agent.ts";
import { sendCanary } from "../support/canary.ts";
import { Guard } from "../support/guard.ts";
import { describeLive } from "../support/live.ts";
import { Lab } from "../support/namespaces.ts";
import { buildNetwork, type Host } from "../support/networks.ts";
import { startServices } from "../support/services.ts";
import { RulesScene, SERVICE } from "./kernel-rules-scene.ts";

const PORTS = [1001, 1002, 1003, 1004];
const BY_NMAP = ["-n", "-Pn", "--max-retries", "0"];
/** Few, so that a second in which all scans fall leaves none of them out of the log. */
const SCANNED = ["-p", "23,1001-1004"];

describeLive("SENSE_LOOPBACK", ["nmap"], () => {
  let lab: Lab;
  let target: Host;
  let guard: Guard;

  // Nothing follows from a scan, so that one guard can see them all, each from an address of its own.
  beforeAll(async () => {
    lab = await Lab.open();
    target = (await buildNetwork(lab, [])).target;
    await startServices(target.namespace, { tcp: [80] });
    guard = await Guard.start(lab, target.namespace, { config: { SENSE_LOOPBACK: "1" } });
  });
  afterAll(async () => {
    await lab?.[Symbol.asyncDispose]();
  });

  it.each([
    { scan: "-sS", to: "127.0.0.1", options: SCANNED, kind: "tcp-syn" },
    {
      scan: "-sN",
      to: "127.0.0.1",
      options: [...SCANNED, "-S", "127.0.0.2", "-e", "lo"],
      kind: "tcp-null",
    },
    { scan: "-sS", to: "::1", options: [...SCANNED, "-6"], kind: "tcp-syn" },
    { scan: "-sU", to: "198.51.100.10", options: ["-p", "1001-1008"], kind: "udp" },
  ])("nmap $scan of $to $options is told, and nothing follows", async (given) => {
    const scan = [given.scan, ...given.options, ...BY_NMAP, given.to];

    await target.namespace.exec("nmap", scan);

    const address = given.options.includes("-S") ? "127.0.0.2" : given.to;
    // An IPv6 source is its /64.
    const source = address === "::1" ? "::/64" : address;
    const verdict = await guard.event("verdict", (event) => event["source"] === source);
    expect(verdict).toMatchObject({ address, kinds: given.kind });
    const spared = await guard.event("spared", (event) => event["source"] === source);
    expect(spared).toMatchObject({ why: "trusted" });
    expect(guard.events("hold")).toEqual([]);
    expect(await guard.status()).toMatchObject({ holds: 0, held: 0, banned: 0, dropped: 0 });
    // A closed port answers as it does without a guard, and a served one goes on.
    const self = new Agent(target.namespace);
    expect(await self.connect(given.to, PORTS[0] ?? 0)).toBe("refused");
    expect(await self.connect(given.to, 80)).toBe("open");
  });
});

describeLive("SENSE_LOOPBACK beside other keys", [], () => {
  it.each([
    { config: {}, what: "off, which is the default" },
    { config: { SENSE_LOOPBACK: "1", INTERFACES: "outer" }, what: "beside a named interface" },
    { config: { INTERFACES: "lo" }, what: "alone" },
  ])("$what: $config", async ({ config }) => {
    await using lab = await Lab.open();
    const { hosts, target } = await buildNetwork(lab, ["scanner"]);
    const guard = await Guard.start(lab, target.namespace, { config });
    const isLoopback = Object.keys(config).length > 0;
    const isOutside = config.INTERFACES !== "lo";

    await new Agent(target.namespace).connectAll("127.0.0.1", PORTS);
    await new Agent(hosts.scanner.namespace).connectAll(target.ipv4, PORTS, { timeoutMs: 300 });

    if (isLoopback) await guard.event("verdict", ({ source }) => source === "127.0.0.1");
    if (isOutside) await guard.banned(hosts.scanner.ipv4);
    const sources = new Set(
      [...guard.events("probe"), ...guard.events("hold")].map(({ source }) => source),
    );
    expect(sources).toEqual(
      new Set([...(isLoopback ? ["127.0.0.1"] : []), ...(isOutside ? [hosts.scanner.ipv4] : [])]),
    );
  });

  it("a client of this machine itself makes no port look served from outside", async () => {
    await using lab = await Lab.open();
    const scene = await RulesScene.build(lab, { sensesLoopback: true });
    const { target, one } = scene;
    const served = async () => {
      const listing = ["list", "set", "inet", "vedette", "served4"];
      return /elements = .* \. 80 /.test(await target.namespace.run("nft", listing));
    };

    const self = new Agent(target.namespace);
    for (const address of ["127.0.0.1", target.ipv4]) {
      expect(await self.connect(address, SERVICE)).toBe("open");
    }
    expect(await served()).toBe(false);

    expect(await one.agent.connect(target.ipv4, SERVICE)).toBe("open");
    expect(await served()).toBe(true);
  });

  it("ordinary local services are no probes", async () => {
    await using lab = await Lab.open();
    const { hosts, target } = await buildNetwork(lab, ["canary"]);
    await startServices(target.namespace, { tcp: [80], udp: [53] });
    const config = { SENSE_LOOPBACK: "1", SENSE_ACK: "1" };
    const guard = await Guard.start(lab, target.namespace, { config });
    const self = new Agent(target.namespace);

    for (const address of ["127.0.0.1", "::1", target.ipv4, target.ipv6]) {
      for (let round = 0; round < 10; round += 1) {
        await self.close(await self.open(address, 80));
        expect(await self.askByUdp(address, 53, 4)).toBe(4);
      }
    }

    const noticed = await sendCanary(guard, hosts.canary, target);
    expect(noticed).toMatchObject({ probes: 1, sources: [hosts.canary.ipv4] });
  });
});
