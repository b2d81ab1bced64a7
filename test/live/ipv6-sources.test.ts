/**
 * Who one source is in IPv6: a whole /64 behind a router, one address on the own segment.
 */
import { expect, it } from "vitest";
import { Agent } from "../support/agent.ts";
import { Guard } from "../support/guard.ts";
import { describeLive } from "../support/live.ts";
import { Lab } from "../support/namespaces.ts";
import { buildLan, buildNetwork } from "../support/networks.ts";
import { startServices } from "../support/services.ts";

const UNUSED_PORTS = [1001, 1002, 1003, 1004];

describeLive("sources in IPv6", [], () => {
  it("a scanner behind a router with a new address for each probe is one source", async () => {
    await using lab = await Lab.open();
    const { hosts, target } = await buildNetwork(lab, ["scanner", "innocent"]);
    await startServices(target.namespace, { tcp: [80] });
    const network = hosts.scanner.ipv6.replace(/::.*/, "");
    const addresses = Array.from({ length: 6 }, (_, index) => `${network}:0:${index}:7::1`);
    await hosts.scanner.namespace.configure(
      addresses.map((address) => `addr add ${address}/64 dev eth0 nodad`),
    );
    const [first = "", second = "", third = "", fourth = "", fifth = "", sixth = ""] = addresses;
    const guard = await Guard.start(lab, target.namespace);
    const scanner = new Agent(hosts.scanner.namespace);
    expect(await scanner.connect(target.ipv6, 80, { from: first })).toBe("open");

    await scanner.connect(target.ipv6, UNUSED_PORTS[0] ?? 0, { from: first, timeoutMs: 100 });
    expect(await scanner.connect(target.ipv6, 80, { from: second })).toBe("open");
    await scanner.connect(target.ipv6, UNUSED_PORTS[1] ?? 0, { from: third, timeoutMs: 100 });
    expect(await scanner.connect(target.ipv6, 80, { from: fourth })).toBe("silent");
    await guard.held(`${network}::`);
    expect(await guard.bans()).toEqual([]);
    await scanner.connectAll(target.ipv6, UNUSED_PORTS.slice(2), { from: fifth, timeoutMs: 100 });

    await guard.banned(`${network}::/64`);
    expect(await guard.bans()).toHaveLength(1);
    expect(await scanner.connect(target.ipv6, 80, { from: sixth })).toBe("silent");
    const innocent = new Agent(hosts.innocent.namespace);
    expect(await innocent.connect(target.ipv6, 80)).toBe("open");
  });

  it("of two neighbours on one segment, the one that scans is banned alone", async () => {
    await using lab = await Lab.open();
    const { hosts, target } = await buildLan(lab, ["scanner", "neighbour"]);
    await startServices(target.namespace, { tcp: [80] });
    const guard = await Guard.start(lab, target.namespace);

    const scanner = new Agent(hosts.scanner.namespace);
    await scanner.connectAll(target.ipv6, UNUSED_PORTS, { timeoutMs: 300 });

    await guard.banned(hosts.scanner.ipv6);
    expect(await guard.bans()).toHaveLength(1);
    expect(await scanner.connect(target.ipv6, 80)).toBe("silent");
    const neighbour = new Agent(hosts.neighbour.namespace);
    expect(await neighbour.connect(target.ipv6, 80)).toBe("open");
  });

  it("one unused port each of two neighbours on the own segment holds neither", async () => {
    await using lab = await Lab.open();
    const { hosts, target } = await buildLan(lab, ["one", "other"]);
    await startServices(target.namespace, { tcp: [80] });
    const guard = await Guard.start(lab, target.namespace);
    const one = new Agent(hosts.one.namespace);
    const other = new Agent(hosts.other.namespace);

    await one.connect(target.ipv6, UNUSED_PORTS[0] ?? 0, { timeoutMs: 100 });
    await other.connect(target.ipv6, UNUSED_PORTS[1] ?? 0, { timeoutMs: 100 });

    await guard.event("probe", ({ source }) => source === hosts.other.ipv6);
    expect(await one.connect(target.ipv6, 80)).toBe("open");
    expect(await other.connect(target.ipv6, 80)).toBe("open");
    // Whoever is asked whether it is there sends its SYN again, so that it may be told of twice.
    const { probes, ...told } = await guard.status();
    expect(probes).toBeGreaterThanOrEqual(2);
    expect(told).toMatchObject({ holds: 0, banned: 0 });
  });
});
