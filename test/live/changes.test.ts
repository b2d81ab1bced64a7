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

/** What ufw loads at each reload: it empties chains of its own, and leaves those of others (-n). */
const UFW = `*filter
:ufw-before-input - [0:0]
:ufw-user-input - [0:0]
-F ufw-before-input
-F ufw-user-input
-A ufw-before-input -i lo -j ACCEPT
-A ufw-before-input -j ufw-user-input
-A ufw-user-input -p tcp --dport 22 -j ACCEPT
COMMIT
`;

/** firewalld's reload: its table goes and comes in one transaction. */
const FIREWALLD = `add table inet firewalld
delete table inet firewalld
table inet firewalld {
  chain filter_INPUT {
    type filter hook input priority 10; policy accept;
    ct state { established, related } accept
    tcp dport 22 accept
  }
}
`;

/** What Docker adds for a bridge with a published port; deleted the same way when it goes. */
const DOCKER = [
  ["nat", "DOCKER", "! -i docker0 -p tcp --dport 8080 -j DNAT --to-destination 172.17.0.2:80"],
  ["filter", "DOCKER", "-d 172.17.0.2 ! -i docker0 -o docker0 -p tcp --dport 80 -j ACCEPT"],
] as const;

describeLive("what changes around a guard", ["iptables", "iptables-restore"], () => {
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

  it("reloads of ufw, firewalld and Docker, which keep to their own rules, touch nothing", async () => {
    await using lab = await Lab.open();
    const { target } = await buildNetwork(lab, []);
    const guard = await Guard.start(lab, target.namespace);
    await guard.ask("ban", BANNED, "--for", "1h");
    const chain = async () =>
      target.namespace.run("nft", ["-a", "list", "chain", "inet", "vedette", "sense"]);
    const before = await chain();
    const restored = join(lab.folder, "ufw");
    await writeFile(restored, UFW);

    for (let reloads = 0; reloads < 3; reloads++) {
      await target.namespace.run("iptables-restore", ["-n", restored]);
      await target.namespace.load(FIREWALLD);
      await target.namespace.configure(["link add docker0 type bridge", "link set docker0 up"]);
      for (const [table, name, rule] of DOCKER) {
        const docker = (act: string, words = "") =>
          target.namespace.run("iptables", [
            "-t",
            table,
            act,
            name,
            ...words.split(" ").filter(Boolean),
          ]);
        await docker("-N");
        await docker("-A", rule);
        await docker("-D", rule);
        await docker("-X");
      }
      await target.namespace.configure(["link del docker0"]);
    }

    expect(await chain()).toBe(before);
    expect(await guard.elementsOf("banned4")).toEqual([BANNED]);
    expect((await guard.status()).health.map(({ code }) => code)).not.toContain("table-restored");
  });

  it("a reload of nftables.service is noticed within two seconds, mended, counted and told", async () => {
    await using lab = await Lab.open();
    const { target } = await buildNetwork(lab, []);
    const guard = await Guard.start(lab, target.namespace);
    await guard.ask("ban", BANNED, "--for", "1h");
    const tookMs: number[] = [];

    for (const times of ["1 time", "2 times", "3 times"]) {
      await target.namespace.load(
        "flush ruleset\ntable inet firewall { chain input { counter; }; }",
      );
      const flushedAtMs = performance.now();
      const told = await waitFor(`${times} in status`, 30_000, async () =>
        (await guard.status()).health.find(({ text }) => text.includes(`(${times} since`)),
      );
      tookMs.push(performance.now() - flushedAtMs);
      expect(told.code).toBe("table-restored");
      expect(told.action).toContain("flushes nftables");
      await waitFor("the ban", 30_000, async () => {
        return (await guard.elementsOf("banned4")).includes(BANNED);
      });
    }

    // A busy machine may be late once.
    expect(Math.min(...tookMs)).toBeLessThan(2000);
  });

  it("a set of trust that somebody has emptied is filled again", async () => {
    await using lab = await Lab.open();
    const { target } = await buildNetwork(lab, []);
    const guard = await Guard.start(lab, target.namespace);
    for (const set of ["trusted4", "trusted6"]) {
      const before = await guard.elementsOf(set);
      expect(before).not.toEqual([]);

      await target.namespace.run("nft", ["flush", "set", "inet", "vedette", set]);

      await waitFor(`the elements of ${set}`, 30_000, async () => {
        return (await guard.elementsOf(set)).join() === before.join();
      });
      expect((await guard.problem("table-restored")).text).toContain("(emptied)");
    }
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
