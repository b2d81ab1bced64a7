/**
 * The listener modes: real sockets on unused ports, which prove who connects, also without root.
 */
import { expect, it } from "vitest";
import { Agent } from "../support/agent.ts";
import { AS_NOBODY } from "../support/as-nobody.ts";
import { Guard } from "../support/guard.ts";
import { describeLive } from "../support/live.ts";
import { Lab } from "../support/namespaces.ts";
import { buildNetwork } from "../support/networks.ts";
import { startServices } from "../support/services.ts";

const PORTS = [1111, 2222, 3333, 4444];
const BANNER = "*** UNAUTHORIZED ACCESS PROHIBITED ***";
const LISTENED = {
  TCP_MODE: "tcp",
  UDP_MODE: "udp",
  TCP_PORTS: PORTS.join(),
  UDP_PORTS: PORTS.join(),
};

describeLive("listener modes", ["nmap", "ncat", "setpriv"], () => {
  it.each([
    { family: "IPv4", options: [] },
    { family: "IPv6", options: ["-6"] },
  ])("a connect scan over $family proves its source, and bans it", async ({ options }) => {
    await using lab = await Lab.open();
    const { hosts, target } = await buildNetwork(lab, ["scanner"]);
    await startServices(target.namespace, { tcp: [80] });
    const guard = await Guard.start(lab, target.namespace, { config: LISTENED });
    const isIpv6 = options.length > 0;
    const address = isIpv6 ? target.ipv6 : target.ipv4;
    const banned = isIpv6 ? hosts.scanner.ipv6.replace(/::.*/, "::/64") : hosts.scanner.ipv4;

    // nmap resets each connection as soon as it is open.
    const scan = ["-n", "-Pn", "-sT", ...options, "-p", PORTS.join(), address];
    await hosts.scanner.namespace.run("nmap", scan);

    const verdict = await guard.event("verdict", ({ source }) => source === banned);
    expect(verdict).toMatchObject({ kinds: "tcp-connect", evidence: "proven" });
    expect(await guard.banned(banned)).toMatchObject({ evidence: "proven" });
    expect(await new Agent(hosts.scanner.namespace).connect(address, 80)).toBe("silent");
    expect(await guard.status()).toMatchObject({ malformed: 0 });
  });

  it("datagrams to listened ports prove nothing, and ban", async () => {
    await using lab = await Lab.open();
    const { hosts, target } = await buildNetwork(lab, ["scanner"]);
    // The sequential test wants seven ports where there is nothing but UDP.
    const config = { ...LISTENED, DETECTOR: "trigger" };
    const guard = await Guard.start(lab, target.namespace, { config });
    const scanner = new Agent(hosts.scanner.namespace);

    for (const port of PORTS) {
      expect(await scanner.askByUdp(target.ipv4, port, 10, 100)).toBeUndefined();
    }

    const ban = await guard.banned(hosts.scanner.ipv4);
    expect(ban).toMatchObject({ evidence: "claimed" });
    expect(guard.events("verdict")).toMatchObject([{ kinds: "udp" }]);
  });

  it("PORT_BANNER greets whoever connects, and no sender of a datagram", async () => {
    await using lab = await Lab.open();
    const { hosts, target } = await buildNetwork(lab, ["one", "other"]);
    const config = { ...LISTENED, PORT_BANNER: BANNER };
    const guard = await Guard.start(lab, target.namespace, { config });

    for (const [host, address] of [
      [hosts.one, target.ipv4],
      [hosts.other, target.ipv6],
    ] as const) {
      // ncat with lines of its own to say, and one that only listens.
      for (const options of [["-w", "5s"], ["--recv-only"]]) {
        const client = host.namespace.spawn("ncat", [...options, address, "1111"]);
        if (!options.includes("--recv-only")) client.write("GET / HTTP/1.0\r\n\r\n");
        client.end();
        expect(await client.ended).toMatchObject({ status: 0, stdout: BANNER });
      }
      const asked = await new Agent(host.namespace).askByUdp(address, 2222, 10, 300);
      expect(asked).toBeUndefined();
    }
    await guard.event("probe", (event) => event["transport"] === "udp");
  });

  it("without root the listeners work, and one line says what is lost", async () => {
    await using lab = await Lab.open();
    const { hosts, target } = await buildNetwork(lab, ["scanner"]);
    const guard = await Guard.start(lab, target.namespace, {
      prefix: AS_NOBODY,
      config: { TCP_PORTS: PORTS.join(), UDP_PORTS: PORTS.join() },
    });

    const scan = ["-n", "-Pn", "-sT", "-p", PORTS.join(), target.ipv4];
    await hosts.scanner.namespace.run("nmap", scan);

    await guard.event("verdict", ({ source }) => source === hosts.scanner.ipv4);
    expect(await guard.bans()).toEqual([]);
    expect(await guard.hasTable()).toBe(false);
    const losses = guard.events("health").filter(({ level }) => level !== "notice");
    expect(losses).toMatchObject([{ code: "no-root" }]);
    expect((await guard.stop()).status).toBe(0);
  });

  it("without root and without a free port it ends with status 77, saying so", async () => {
    await using lab = await Lab.open();
    const { target } = await buildNetwork(lab, []);
    await target.namespace.set(["net.ipv4.ip_unprivileged_port_start=1024"]);
    const guard = await Guard.launch(lab, target.namespace, {
      prefix: AS_NOBODY,
      config: { TCP_PORTS: "1,2,3", UDP_PORTS: "1,2,3" },
    });

    const { status, stdout, stderr } = await guard.process.ended;

    expect(status).toBe(77);
    expect(stdout + stderr).toContain("root");
  });
});
