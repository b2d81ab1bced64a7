/**
 * The tool behind a scan, named by the packets that the real tools send, and no tool behind clients.
 */
import { expect, it } from "vitest";
import { Guard } from "../support/guard.ts";
import { describeLive } from "../support/live.ts";
import type { LiveProcess } from "../support/live-process.ts";
import { Lab, type Namespace } from "../support/namespaces.ts";
import { buildNetwork, type Network } from "../support/networks.ts";
import { startServices } from "../support/services.ts";

/** Unused ports, once each, by the program. */
const PORTS: Readonly<Record<string, string>> = {
  nmap: "-n -Pn --max-retries 0 -p 1001-1020",
  masscan: "-e eth0 --rate 200 --wait 1 -p1001-1020",
  hping3: "-q -p ++1001 -c 20 -i u20000",
};

/** 198.51.100.10, the target, as a number: what Mirai writes for a sequence number. */
const TARGET_AS_NUMBER = 0xc633_640a;

async function guarded(lab: Lab): Promise<{ network: Network<"scanner">; guard: Guard }> {
  const network = await buildNetwork(lab, ["scanner"]);
  // Open for OS detection, which asks an open port, and an ordinary port of clients.
  await startServices(network.target.namespace, { tcp: [80] });
  const guard = await Guard.start(lab, network.target.namespace);
  return { network, guard };
}

/** Starts a command line; the lab ends it, because some of these wait for answers for a minute. */
function start(namespace: Namespace, line: string): LiveProcess {
  const [tool = "", ...args] = line.split(" ");
  return namespace.spawn(tool, args);
}

/** What the verdict on the scanner says; "unknown" for a verdict without a tool. */
async function toolOf(guard: Guard): Promise<unknown> {
  const { tool } = await guard.event("verdict", undefined, 30_000);
  return tool ?? "unknown";
}

describeLive("tools", ["nmap", "masscan", "hping3", "curl", "wrk"], () => {
  it.each<{ scan: string; ports?: string; tool: string }>([
    { scan: "nmap -sS", tool: "nmap" },
    { scan: "nmap -sS -f", tool: "nmap" },
    { scan: "nmap -sS -T5 --scanflags SYNFIN", tool: "nmap" },
    { scan: "nmap -sF", tool: "nmap" },
    { scan: "nmap -sN", tool: "nmap" },
    { scan: "nmap -sX", tool: "nmap" },
    { scan: "nmap -sS -6", tool: "nmap" },
    { scan: "nmap -O", ports: "-n -Pn -p 80,1001-1003", tool: "nmap" },
    { scan: "nmap -sT", tool: "connect" },
    { scan: "nmap -sT -6", tool: "connect" },
    { scan: "nmap -sU", tool: "unknown" },
    { scan: "masscan", tool: "masscan" },
    { scan: "hping3 -S", tool: "hping3" },
    { scan: "hping3 -S -k", tool: "hping3" },
    { scan: "hping3 -F -P -U", tool: "hping3" },
    { scan: `hping3 -S -w 5840 -M ${TARGET_AS_NUMBER}`, tool: "mirai" },
    { scan: "hping3 -S -w 5840", tool: "unknown" },
    { scan: "hping3 -2", tool: "unknown" },
  ])("$scan is by $tool", async ({ scan, ports, tool }) => {
    await using lab = await Lab.open();
    const { network, guard } = await guarded(lab);
    const { target, hosts } = network;
    const address = scan.endsWith(" -6") ? target.ipv6 : target.ipv4;
    const [program = ""] = scan.split(" ");
    start(hosts.scanner.namespace, `${scan} ${ports ?? PORTS[program]} ${address}`);
    expect(await toolOf(guard)).toBe(tool);
  });

  it.each([
    { client: "curl", line: "curl -s --connect-timeout 1" },
    { client: "wrk", line: "wrk -t1 -c4 -d1s" },
  ])("$client on stopped services is a stack's connect() at most", async ({ line }) => {
    await using lab = await Lab.open();
    const { network, guard } = await guarded(lab);
    const { target, hosts } = network;
    for (const port of [8080, 8443, 9090, 9091]) {
      start(hosts.scanner.namespace, `${line} http://${target.ipv4}:${port}/`);
    }
    expect(await toolOf(guard)).toBe("connect");
  });

  it("names neither of two tools behind one address", async () => {
    await using lab = await Lab.open();
    const { network, guard } = await guarded(lab);
    const { target, hosts } = network;
    const scanner = hosts.scanner.namespace;
    for (const port of [1001, 1003]) {
      await start(scanner, `nmap -n -Pn --max-retries 0 -p ${port} ${target.ipv4}`).ended;
      await start(scanner, `curl -s --connect-timeout 1 http://${target.ipv4}:${port + 1}/`).ended;
    }
    expect(await toolOf(guard)).toBe("unknown");
  });
});

describeLive("zmap", ["zmap"], () => {
  it("one port after the other is by zmap", async () => {
    await using lab = await Lab.open();
    const { network, guard } = await guarded(lab);
    const { target, hosts, router } = network;
    const gateway = (await router.run("cat", ["/sys/class/net/to1/address"])).trim();
    for (const port of [1001, 1002, 1003, 1004]) {
      const how = `-q -v 0 -i eth0 -G ${gateway} -r 100 -c 1 -b /dev/null -p ${port}`;
      await start(hosts.scanner.namespace, `zmap ${how} ${target.ipv4}`).ended;
    }
    expect(await toolOf(guard)).toBe("zmap");
  });
});
