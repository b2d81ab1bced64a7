/**
 * Challenges on the ways that packets really take: through NAT, past a host firewall that tracks
 * connections, and out of the right one of two uplinks.
 */
import { expect, it } from "vitest";
import { Guard } from "../support/guard.ts";
import { describeLive } from "../support/live.ts";
import { Lab, type Namespace } from "../support/namespaces.ts";
import { buildNetwork, hideNetwork } from "../support/networks.ts";

const scan = (namespace: Namespace, address: string, how = "-sS") =>
  namespace.exec(
    "nmap",
    [
      ...(address.includes(":") ? ["-6"] : []),
      ...["-n", "-Pn", how, "--max-retries", "0", "-p", "1001-1005", address],
    ],
    30_000,
  );

/** Waits until this source, or any, is banned as one that is alive. */
const alive = (guard: Guard, of?: string) =>
  guard.event(
    "ban",
    ({ address, evidence }) => evidence === "alive" && (of === undefined || address === of),
  );

describeLive("a challenge through NAT", ["nmap"], () => {
  it.each([
    { what: "NAT", rules: "" },
    { what: "NAT and a firewall that drops what is invalid", rules: "ct state invalid drop;" },
  ])("$what: whoever is behind it is found alive", async ({ rules }) => {
    await using lab = await Lab.open();
    const { hosts, target } = await buildNetwork(lab, ["gateway"]);
    const inside = await hideNetwork(lab, hosts.gateway.namespace, rules);
    const guard = await Guard.start(lab, target.namespace);

    await scan(inside, target.ipv4);

    expect((await alive(guard))["address"]).toBe(hosts.gateway.ipv4);
  });
});

describeLive("a challenge past the host's own firewall", ["nmap"], () => {
  it.each([4, 6] as const)(
    "IPv%i: rules that drop what connection tracking finds invalid do not stop it",
    async (family) => {
      await using lab = await Lab.open();
      const { hosts, target } = await buildNetwork(lab, ["scanner"]);
      await target.namespace.load(`table inet firewall {
        chain in { type filter hook input priority filter; ct state invalid drop; }
        chain out { type filter hook output priority filter; ct state invalid drop; }
      }
      `);
      const guard = await Guard.start(lab, target.namespace);

      await scan(hosts.scanner.namespace, family === 4 ? target.ipv4 : target.ipv6);

      await alive(guard);
      expect((await guard.status()).challenges?.unsent).toBe(0);
    },
  );

  it("one that drops it is a health problem, which says what to let pass", async () => {
    await using lab = await Lab.open();
    const { hosts, target } = await buildNetwork(lab, ["scanner"]);
    await target.namespace.load(`table inet firewall {
      chain out { type filter hook output priority filter; policy drop; ct state established accept; }
    }
    `);
    const guard = await Guard.start(lab, target.namespace);

    await scan(hosts.scanner.namespace, target.ipv4);

    const refused = await guard.problem("answers-refused");
    expect(refused.action).toContain("0x2d5a0000");
    expect((await guard.status()).challenges).toMatchObject({ sent: 0, answered: 0 });
  });
});

/** Two providers, each of which lets out only what has an address of its own. */
async function buildUplinks(lab: Lab) {
  const [target, scanner] = [await lab.namespace("target"), await lab.namespace("scanner")];
  await scanner.configure([
    "addr add 203.0.113.10/32 dev lo",
    "addr add 2001:db8:a::10/128 dev lo",
  ]);
  for (const [place, ipv4] of [
    [1, "198.51.100"],
    [2, "192.0.2"],
  ] as const) {
    const provider = await lab.namespace(`provider${place}`);
    await provider.set(["net.ipv4.ip_forward=1", "net.ipv6.conf.all.forwarding=1"]);
    await provider.configure([
      `link add customer type veth peer name uplink${place} netns ${target.name}`,
      `link add world type veth peer name eth${place} netns ${scanner.name}`,
      "link set customer up",
      "link set world up",
      `addr add ${ipv4}.1/24 dev customer`,
      `addr add 2001:db8:${place}::1/64 dev customer nodad`,
      `addr add 10.9.${place}.1/24 dev world`,
      `addr add 2001:db8:9${place}::1/64 dev world nodad`,
    ]);
    await target.configure([
      `link set uplink${place} up`,
      `addr add ${ipv4}.10/24 dev uplink${place}`,
      `addr add 2001:db8:${place}::10/64 dev uplink${place} nodad`,
    ]);
    await scanner.configure([
      `link set eth${place} up`,
      `addr add 10.9.${place}.2/24 dev eth${place}`,
      `addr add 2001:db8:9${place}::2/64 dev eth${place} nodad`,
      `route add ${ipv4}.0/24 via 10.9.${place}.1 src 203.0.113.10`,
      `route add 2001:db8:${place}::/64 via 2001:db8:9${place}::1 src 2001:db8:a::10`,
    ]);
    await provider.configure([
      `route add 203.0.113.10/32 via 10.9.${place}.2`,
      `route add 2001:db8:a::10/128 via 2001:db8:9${place}::2`,
    ]);
    await provider.load(`table inet ingress {
      counter foreign { }
      chain through {
        type filter hook forward priority filter;
        iifname "customer" ip saddr != ${ipv4}.0/24 counter name foreign drop
        iifname "customer" ip6 saddr != 2001:db8:${place}::/64 counter name foreign drop
      }
    }
    `);
  }
  return { target, scanner };
}

describeLive("a challenge with two uplinks", ["nmap"], () => {
  it.each([
    {
      what: "by the source",
      rules: ["rule add from 192.0.2.10 table 2", "-6 rule add from 2001:db8:2::10 table 2"],
      table: "table 2",
    },
    { what: "by metric alone", rules: [], table: "metric 2000" },
  ])("routed $what: leaves by the one that the probe came in on", async ({ rules, table }) => {
    await using lab = await Lab.open();
    const { target, scanner } = await buildUplinks(lab);
    await target.run("ip", ["route", "add", "default", "via", "198.51.100.1", "dev", "uplink1"]);
    await target.run("ip", [
      "-6",
      "route",
      "add",
      "default",
      "via",
      "2001:db8:1::1",
      "dev",
      "uplink1",
    ]);
    for (const rule of rules) await target.run("ip", rule.split(" "));
    const second = table.split(" ");
    await target.run("ip", [
      "route",
      "add",
      "default",
      "via",
      "192.0.2.1",
      "dev",
      "uplink2",
      ...second,
    ]);
    await target.run("ip", [
      ...["-6", "route", "add", "default", "via", "2001:db8:2::1", "dev", "uplink2", ...second],
    ]);
    // The scanner is behind a router of each: nobody is trusted for being a gateway of its own.
    const guard = await Guard.start(lab, target);

    await scan(scanner, "192.0.2.10");
    await alive(guard, "203.0.113.10");
    await scan(scanner, "2001:db8:2::10");
    await alive(guard, "2001:db8:a::/64");
    expect((await guard.status()).challenges).toMatchObject({ unsent: 0, wrong: 0 });
  });
});
