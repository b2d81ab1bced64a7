/** The commands that people type, with and without a running guard. */
import { existsSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import type { TrustedView } from "../../src/api/contract.ts";
import { writeGuardPlaces } from "../../src/daemon/guard-places.ts";
import { Agent } from "../support/agent.ts";
import { AS_NOBODY } from "../support/as-nobody.ts";
import { Guard } from "../support/guard.ts";
import { describeLive } from "../support/live.ts";
import { Lab } from "../support/namespaces.ts";
import { buildNetwork, type Network } from "../support/networks.ts";
import { startServices } from "../support/services.ts";
import { waitFor } from "../support/wait-for.ts";

const UNUSED_PORTS = [1001, 1002, 1003, 1004];

interface Scene {
  readonly network: Network<"client">;
  readonly guard: Guard;
  readonly client: Agent;
}

async function build(lab: Lab, ignore: readonly string[] = []): Promise<Scene> {
  const network = await buildNetwork(lab, ["client"]);
  await startServices(network.target.namespace, { tcp: [80] });
  const guard = await Guard.start(lab, network.target.namespace, { ignore });
  return { network, guard, client: new Agent(network.hosts.client.namespace) };
}

/** What a start of the guard leaves in its state directory. */
function leaveWord({ folder }: Guard): void {
  const ignoreFile = { path: join(folder, "vedette.ignore"), isNamed: true };
  writeGuardPlaces(join(folder, "state"), {
    configPath: join(folder, "vedette.conf"),
    ignoreFile,
    modes: { tcp: "atcp", udp: "audp" },
  });
}

describeLive("commands", ["setpriv"], () => {
  it("ban shuts out, bans lists it, unban lets in", async () => {
    await using lab = await Lab.open();
    const { network, guard, client } = await build(lab);
    const { target, hosts } = network;
    expect(await client.connect(target.ipv4, 80)).toBe("open");

    await guard.ask("ban", hosts.client.ipv4, "--for", "1h");

    expect(await client.connect(target.ipv4, 80)).toBe("silent");
    const [ban] = await guard.bans();
    expect(ban).toMatchObject({ address: hosts.client.ipv4, origin: "operator" });
    expect(ban?.remaining_seconds).toBeGreaterThan(3500);
    expect(await guard.ask("bans")).toContain(hosts.client.ipv4);

    await guard.ask("unban", hosts.client.ipv4);

    expect(await client.connect(target.ipv4, 80)).toBe("open");
    expect(await guard.bans()).toEqual([]);
  });

  it("a ban without a time is for good, and unban --all ends every ban", async () => {
    await using lab = await Lab.open();
    const { network, guard, client } = await build(lab);
    for (const address of [network.hosts.client.ipv4, "192.0.2.0/25", "2001:db8:7::/64"]) {
      await guard.ask("ban", address);
    }
    const bans = await guard.bans();
    expect(bans.map(({ until }) => until)).toEqual([null, null, null]);
    expect(await client.connect(network.target.ipv4, 80)).toBe("silent");

    await guard.ask("unban", "--all");

    expect(await guard.bans()).toEqual([]);
    expect(await client.connect(network.target.ipv4, 80)).toBe("open");
  });

  it("a ban runs out by itself", async () => {
    await using lab = await Lab.open();
    const { network, guard, client } = await build(lab);
    await guard.ask("ban", network.hosts.client.ipv4, "--for", "2s");
    expect(await client.connect(network.target.ipv4, 80)).toBe("silent");

    // The client's own SYN comes again after 1, 2 and 4 s: the first after the ban's end gets in.
    const outcome = await client.connect(network.target.ipv4, 80, { timeoutMs: 10_000 });

    expect(outcome).toBe("open");
    // The kernel's clock and the journal's need not agree to the millisecond.
    await waitFor("an empty list", 30_000, async () => (await guard.bans()).length === 0);
    await waitFor("none counted", 30_000, async () => (await guard.status()).banned === 0);
  });

  it("a ban of everybody, of the gateway or of the machine itself is refused with a reason", async () => {
    await using lab = await Lab.open();
    const { guard } = await build(lab);

    for (const address of [
      ...["0.0.0.0/0", "::/0"],
      // The gateway, a prefix around it, and the machine itself.
      ...["198.51.100.1", "198.51.100.0/24", "198.51.100.10", "127.0.0.1"],
      "certainly-not-an-address",
    ]) {
      const { status, stdout, stderr } = await guard.command("ban", address);
      expect(status).not.toBe(0);
      expect(stdout + stderr).toContain(address);
    }
    expect(await guard.bans()).toEqual([]);
  });

  it("trust forbids holds and bans of an address, untrust allows them again", async () => {
    await using lab = await Lab.open();
    const { network, guard, client } = await build(lab);
    const { target, hosts } = network;

    await guard.ask("trust", hosts.client.ipv4);
    await client.connectAll(target.ipv4, UNUSED_PORTS, { timeoutMs: 300 });

    expect((await guard.command("ban", hosts.client.ipv4)).status).not.toBe(0);
    expect(await client.connect(target.ipv4, 80)).toBe("open");
    const { holds, banned, trusted_saves } = await guard.status();
    expect({ holds, banned }).toEqual({ holds: 0, banned: 0 });
    expect(trusted_saves).toBeGreaterThan(0);

    await guard.ask("untrust", hosts.client.ipv4);
    await waitFor("the trust to end", 30_000, async () => {
      const trusted = JSON.parse(await guard.ask("trusted", "--json")) as TrustedView[];
      return trusted.every(({ address }) => address !== hosts.client.ipv4);
    });
    await client.connectAll(target.ipv4, UNUSED_PORTS, { timeoutMs: 300 });

    await guard.banned(hosts.client.ipv4);
  });

  it("trust of a banned source lets it in", async () => {
    await using lab = await Lab.open();
    const { network, guard, client } = await build(lab);
    await client.connectAll(network.target.ipv4, UNUSED_PORTS, { timeoutMs: 300 });
    await guard.banned(network.hosts.client.ipv4);

    await guard.ask("trust", network.hosts.client.ipv4);

    expect(await client.connect(network.target.ipv4, 80)).toBe("open");
  });

  it("trust outlives a restart of the guard", async () => {
    await using lab = await Lab.open();
    const { network, guard, client } = await build(lab);
    await guard.ask("trust", network.hosts.client.ipv4);
    await guard.stop();

    const next = await Guard.start(lab, network.target.namespace, { after: guard });
    await client.connectAll(network.target.ipv4, UNUSED_PORTS, { timeoutMs: 300 });

    expect(await client.connect(network.target.ipv4, 80)).toBe("open");
    expect(await next.bans()).toEqual([]);
  });

  it("the ignore file keeps an address and a prefix from holds and bans", async () => {
    await using lab = await Lab.open();
    const { network, guard, client } = await build(lab, ["203.0.113.0/24", "2001:db8:a01::/48"]);
    const { target } = network;

    await client.connectAll(target.ipv4, UNUSED_PORTS, { timeoutMs: 300 });
    await client.connectAll(target.ipv6, UNUSED_PORTS, { timeoutMs: 300 });

    expect(await client.connect(target.ipv4, 80)).toBe("open");
    expect(await client.connect(target.ipv6, 80)).toBe("open");
    expect(await guard.status()).toMatchObject({ holds: 0, banned: 0 });
    expect((await guard.status()).trusted_saves).toBeGreaterThanOrEqual(8);
  });

  it("status says it in a sentence and in numbers, and how to look at the table", async () => {
    await using lab = await Lab.open();
    const { network, guard, client } = await build(lab);
    await client.connectAll(network.target.ipv4, UNUSED_PORTS, { timeoutMs: 300 });
    await guard.banned(network.hosts.client.ipv4);

    const status = await guard.status();

    expect(status).toMatchObject({ state: "guarding", banned: 1, lost: 0, confirm_by: null });
    expect(status.probes).toBeGreaterThanOrEqual(3);
    expect(status.table).toContain("nft list table inet vedette");
    const words = await guard.ask("status");
    expect(words).toContain(status.sentence);
    expect(words).toContain("nft list table inet vedette");
  });

  it("bans, status, ban and unban work for root when no guard runs", async () => {
    await using lab = await Lab.open();
    const { network, guard, client } = await build(lab);
    const { target, hosts } = network;
    await guard.ask("ban", hosts.client.ipv4, "--for", "1h");
    const { status } = await guard.stop();
    expect(status).toBe(0);

    expect(await client.connect(target.ipv4, 80)).toBe("silent");
    expect(await guard.status()).toMatchObject({ state: "absent", banned: 1, since: null });
    const [ban] = await guard.bans();
    expect(ban).toMatchObject({ address: hosts.client.ipv4, origin: "operator" });
    await guard.ask("unban", hosts.client.ipv4);
    expect(await client.connect(target.ipv4, 80)).toBe("open");
    await guard.ask("ban", hosts.client.ipv4, "--for", "1h");
    expect(await client.connect(target.ipv4, 80)).toBe("silent");

    const next = await Guard.start(lab, target.namespace, { after: guard });
    expect(await next.bans()).toHaveLength(1);
    expect(await client.connect(target.ipv4, 80)).toBe("silent");
  });

  it("without a guard, status tells a problem of responses under the name that the guard gave it", async () => {
    await using lab = await Lab.open();
    const { target } = await buildNetwork(lab, []);
    const config = { KILL_RUN_CMD: "/bin/true $TARGET$" };
    const guard = await Guard.start(lab, target.namespace, { config });
    const told = await guard.problem("undo-unknown");
    await guard.stop();

    const { state, health } = await guard.status();
    expect(state).toBe("absent");
    expect(health.find(({ code }) => code === "undo-unknown")).toMatchObject({
      severity: told.severity,
      text: told.text,
      action: told.action,
    });
    expect(health.map(({ code }) => code)).not.toContain("trust-unreadable");
  });

  it("without a guard, trust is written with the ignore file that the guard was given", async () => {
    await using lab = await Lab.open();
    const { network, guard } = await build(lab, ["203.0.113.0/24"]);
    await guard.stop();
    leaveWord(guard);

    await guard.ask("trust", "192.0.2.99");

    const trusted = await guard.elementsOf("trusted4");
    expect(trusted).toEqual(expect.arrayContaining(["203.0.113.0/24", "192.0.2.99"]));
    const { status, stderr } = await guard.command("ban", network.hosts.client.ipv4);
    expect(status).not.toBe(0);
    expect(stderr).toContain("vedette.ignore:1");
  });

  it.each([
    { what: "the ignore file is gone", file: "vedette.ignore" },
    { what: "it is not known which one it was", file: "state/guard.json" },
  ])("without a guard, when $what, nobody is banned and trust stays as it is", async ({ file }) => {
    await using lab = await Lab.open();
    const { network, guard, client } = await build(lab, ["192.0.2.0/24"]);
    await guard.ask("ban", network.hosts.client.ipv4);
    await guard.stop();
    leaveWord(guard);
    const trusted = await guard.elementsOf("trusted4");
    if (file === "vedette.ignore") rmSync(join(guard.folder, file));
    else writeFileSync(join(guard.folder, file), "{}");

    for (const words of [["ban"], ["trust"], ["untrust"]]) {
      const { status, stderr } = await guard.command(...words, "198.51.100.77");
      expect(status).toBe(1);
      expect(stderr).toContain(join(guard.folder, file));
    }
    expect(await guard.elementsOf("trusted4")).toEqual(trusted);
    const { health } = await guard.status();
    expect(health.map(({ code }) => code)).toEqual(["no-guard", "trust-unreadable"]);

    await guard.ask("unban", network.hosts.client.ipv4);
    expect(await client.connect(network.target.ipv4, 80)).toBe("open");
  });

  it.each([
    { what: "is gone", text: undefined },
    { what: "has a fault", text: 'HOLD_AFTER="never"\n' },
  ])(
    "without a guard, bans are told and ended although its configuration $what",
    async ({ text }) => {
      await using lab = await Lab.open();
      const { network, guard, client } = await build(lab);
      await guard.ask("ban", network.hosts.client.ipv4);
      await guard.stop();
      const path = join(guard.folder, "vedette.conf");
      if (text === undefined) rmSync(path);
      else writeFileSync(path, text);

      expect(await guard.bans()).toHaveLength(1);
      await guard.ask("unban", network.hosts.client.ipv4);

      expect(await client.connect(network.target.ipv4, 80)).toBe("open");
    },
  );

  it("without a guard, bans are counted and unban --all ends them all, prefixes too", async () => {
    await using lab = await Lab.open();
    const { network, guard, client } = await build(lab);
    const addresses = [
      network.hosts.client.ipv4,
      "192.0.2.0/25",
      "192.0.2.128/25",
      "2001:db8:7::/48",
    ];
    for (const address of addresses) await guard.ask("ban", address);
    await guard.stop();
    expect(await guard.status()).toMatchObject({ banned: 4 });
    const newest = JSON.parse(await guard.ask("bans", "--json", "--limit", "1")) as unknown[];
    expect(newest).toMatchObject([{ address: "2001:db8:7::/48" }]);

    expect(await guard.ask("unban", "--all")).toContain("4 bans were ended");

    expect(await guard.bans()).toEqual([]);
    expect(await client.connect(network.target.ipv4, 80)).toBe("open");
  });

  it("remove leaves no trace", async () => {
    await using lab = await Lab.open();
    const { network, guard, client } = await build(lab);
    await guard.ask("ban", network.hosts.client.ipv4);
    await guard.stop();
    expect(await client.connect(network.target.ipv4, 80)).toBe("silent");

    await guard.ask("remove", "--yes");

    expect(await guard.hasTable()).toBe(false);
    expect(await client.connect(network.target.ipv4, 80)).toBe("open");
    expect(existsSync(join(guard.folder, "run"))).toBe(false);
    expect(existsSync(join(guard.folder, "state"))).toBe(false);
  });

  it("remove is refused while a guard runs, says so, and takes nothing away", async () => {
    await using lab = await Lab.open();
    const { network, guard, client } = await build(lab);
    await guard.ask("ban", network.hosts.client.ipv4);

    const { status, stderr } = await guard.command("remove", "--yes");

    expect(status).not.toBe(0);
    expect(stderr).toMatch(/running.*stop it first/);
    expect(await guard.bans()).toHaveLength(1);
    expect(await client.connect(network.target.ipv4, 80)).toBe("silent");
  });

  it("remove is refused while a guard runs that only listens", async () => {
    await using lab = await Lab.open();
    const network = await buildNetwork(lab, ["client"]);
    const guard = await Guard.start(lab, network.target.namespace, {
      config: { TCP_MODE: "tcp", UDP_MODE: "udp", TCP_PORTS: "1111", UDP_PORTS: "1111" },
      prefix: AS_NOBODY,
    });

    const { status, stderr } = await guard.command("remove", "--yes");

    expect(status).not.toBe(0);
    expect(stderr).toMatch(/running.*stop it first/);
    expect(existsSync(join(guard.folder, "state", "journal"))).toBe(true);
    expect(await guard.status()).toMatchObject({ state: "guarding" });
  });
});
