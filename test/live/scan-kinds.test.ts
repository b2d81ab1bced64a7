/**
 * Every kind of scan by the tools that people use: named rightly, banned, listed, unbanned.
 *
 * One guard sees them all, one after the other; each comes from a host and a network of its own,
 * because how many are asked whether they are there is counted by the network.
 */
import { afterAll, beforeAll, expect, it } from "vitest";
import { Agent } from "../support/agent.ts";
import { Guard } from "../support/guard.ts";
import { describeLive } from "../support/live.ts";
import { Lab } from "../support/namespaces.ts";
import { buildNetwork, type Host, type Network } from "../support/networks.ts";
import { startServices } from "../support/services.ts";
import { waitFor } from "../support/wait-for.ts";

/** Twenty unused ports, once each. */
const BY_NMAP = "-n -Pn --max-retries 0 -p 1001-1020";
const BY_HPING = "-q -p ++1001 -c 20 -i u20000";
const BY_MASSCAN = "-e eth0 --rate 200 --wait 1 -p1001-1020";

const SCANS = [
  { scan: `nmap -sS ${BY_NMAP}`, kind: "tcp-syn" },
  { scan: `nmap -sT ${BY_NMAP}`, kind: "tcp-syn" },
  { scan: `nmap -sN ${BY_NMAP}`, kind: "tcp-null" },
  { scan: `nmap -sF ${BY_NMAP}`, kind: "tcp-fin" },
  { scan: `nmap -sX ${BY_NMAP}`, kind: "tcp-xmas" },
  { scan: `nmap -sS --scanflags SYNFIN ${BY_NMAP}`, kind: "tcp-odd" },
  { scan: `nmap -sU ${BY_NMAP}`, kind: "udp" },
  { scan: `nmap -sS -f ${BY_NMAP}`, kind: "tcp-syn" },
  { scan: `nmap -sS -6 ${BY_NMAP}`, kind: "tcp-syn" },
  { scan: `nmap -sN -6 ${BY_NMAP}`, kind: "tcp-null" },
  { scan: `nmap -sU -6 ${BY_NMAP}`, kind: "udp" },
  { scan: `hping3 -S ${BY_HPING}`, kind: "tcp-syn" },
  { scan: `hping3 -F -P -U ${BY_HPING}`, kind: "tcp-xmas" },
  { scan: `hping3 -2 ${BY_HPING}`, kind: "udp" },
  { scan: `masscan ${BY_MASSCAN}`, kind: "tcp-syn" },
].map((each, index) => ({ ...each, host: `host${index}` }));

describeLive("kinds of scan", ["nmap", "hping3", "masscan"], () => {
  let lab: Lab;
  let network: Network<string>;
  let guard: Guard;

  beforeAll(async () => {
    lab = await Lab.open();
    network = await buildNetwork(
      lab,
      SCANS.map(({ host }) => host),
      { isApart: true },
    );
    await startServices(network.target.namespace, { tcp: [80] });
    guard = await Guard.start(lab, network.target.namespace);
  });
  afterAll(async () => {
    await lab?.[Symbol.asyncDispose]();
  });

  it.each(SCANS)("$scan is $kind, banned, listed, and undone by unban", async (given) => {
    const { scan, kind, host } = given;
    const { namespace, ipv4, ipv6 } = network.hosts[host] as Host;
    const [tool = "", ...args] = scan.split(" ");
    const isIpv6 = args.includes("-6");
    const address = isIpv6 ? network.target.ipv6 : network.target.ipv4;
    const banned = isIpv6 ? ipv6.replace(/::.*/, "::/64") : ipv4;
    const scanner = new Agent(namespace);
    expect(await scanner.connect(address, 80)).toBe("open");

    // masscan sometimes waits for ever when all is sent.
    await namespace.exec(tool, [...args, address], 20_000);

    const verdict = await guard.event("verdict", ({ source }) => source === banned);
    expect(verdict).toMatchObject({ kinds: kind });
    // Whoever is asked over TCP answers; over UDP nobody is asked.
    const evidence = kind === "udp" ? "claimed" : "alive";
    const ban = await waitFor(`a ban of who is ${evidence}`, 30_000, async () => {
      const bans = await guard.bans();
      return bans.find((each) => each.address === banned && each.evidence === evidence);
    });
    expect(ban).toMatchObject({ address: banned, origin: "detector", rule: "sequential" });
    const forMs = Date.parse(ban.until ?? "") - Date.parse(ban.since);
    expect(forMs).toBe(kind === "udp" ? 60_000 : 600_000);
    expect(await scanner.connect(address, 80)).toBe("silent");

    await guard.ask("unban", banned);
    expect(await guard.bans()).toEqual([]);
    // At once: the hold goes with the ban.
    expect(await scanner.connect(address, 80)).toBe("open");
  });
});
