/** The network around a guard changes, and other programs change the ruleset: it keeps up. */
import { appendFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { forge } from "../support/forge.ts";
import { Guard } from "../support/guard.ts";
import { describeLive } from "../support/live.ts";
import { Lab } from "../support/namespaces.ts";
import { buildNetwork } from "../support/networks.ts";
import { waitFor } from "../support/wait-for.ts";

const BANNED = "192.0.2.77";

describeLive("what changes around a guard", ["iptables-restore"], () => {
  it("addresses, interfaces, gateways and resolvers are trusted as they come and go", async () => {
    await using lab = await Lab.open();
    const { target } = await buildNetwork(lab, []);
    const resolvers = join(lab.folder, "resolv.conf");
    await writeFile(resolvers, "nameserver 192.0.2.53\n");
    // In the mount namespace of this one process.
    const mount = `mount --bind "$0" /etc/resolv.conf && exec "$@"`;
    const guard = await Guard.start(lab, target.namespace, {
      prefix: ["unshare", "--mount", "sh", "-c", mount, resolvers],
    });
    const trusts = async (address: string, isTrusted: boolean) => {
      const what = `${address} to be ${isTrusted ? "trusted" : "trusted no more"}`;
      await waitFor(what, 30_000, async () => {
        return (await guard.elementsOf("trusted4")).includes(address) === isTrusted;
      });
    };
    const ip = (line: string) => target.namespace.configure([line]);
    await trusts("192.0.2.53", true);

    await ip("link add coming type veth peer name behind");
    await ip("addr add 192.0.2.1/32 dev coming");
    await ip("link set behind up");
    await ip("link set coming up");
    await trusts("192.0.2.1", true);
    await ip("link del coming");
    await trusts("192.0.2.1", false);

    await ip("addr add 198.51.100.20/24 dev outer");
    await trusts("198.51.100.20", true);
    await ip("addr del 198.51.100.20/24 dev outer");
    await trusts("198.51.100.20", false);

    await ip("route replace default via 198.51.100.99");
    await trusts("198.51.100.99", true);

    await appendFile(resolvers, "nameserver 192.0.2.54\n");
    await trusts("192.0.2.54", true);
    await writeFile(resolvers, "nameserver 192.0.2.55\n");
    await trusts("192.0.2.54", false);
  });

  it("a firewall's reload that flushes everything leaves both its rules and ours", async () => {
    await using lab = await Lab.open();
    const { target } = await buildNetwork(lab, []);
    const guard = await Guard.start(lab, target.namespace);
    await guard.ask("ban", BANNED, "--for", "1h");
    const codes = async () => (await guard.status()).health.map(({ code }) => code);

    // Rules in tables of their own come and go without touching ours.
    await target.namespace.load("table ip other { chain one { counter; }; }");
    const filter = join(lab.folder, "filter");
    await writeFile(
      filter,
      "*filter\n:INPUT ACCEPT [0:0]\n-A INPUT -s 192.0.2.9 -j DROP\nCOMMIT\n",
    );
    await target.namespace.run("iptables-restore", [filter]);
    await target.namespace.run("iptables-restore", [filter]);
    expect(await guard.elementsOf("banned4")).toEqual([BANNED]);
    expect(await codes()).not.toContain("table-restored");

    await target.namespace.load("flush ruleset\ntable inet firewall { chain input { counter; }; }");
    await guard.problem("table-restored");
    await waitFor("the ban", 30_000, async () => {
      return (await guard.elementsOf("banned4")).includes(BANNED);
    });
    await target.namespace.run("nft", ["list", "table", "inet", "firewall"]);
  });

  it("reports of probes that overrun the log socket are told as lost, though none follows", async () => {
    await using lab = await Lab.open();
    const { hosts, target } = await buildNetwork(lab, ["forger"]);
    const guard = await Guard.start(lab, target.namespace, { config: { NFLOG_RATE: "200000" } });
    const pid = guard.pid("guard") ?? Number.NaN;

    process.kill(pid, "SIGSTOP");
    await forge(hosts.forger.namespace, {
      from: "10.0.0.1",
      sources: 200_000,
      to: target.ipv4,
      ports: [1001],
      perSecond: 100_000,
    });
    process.kill(pid, "SIGCONT");

    await guard.problem("probes-lost");
    expect(guard.pid("guard")).toBe(pid);
  });
});
