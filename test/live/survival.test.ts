/** What is left when something dies: bans, always. */
import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { Agent } from "../support/agent.ts";
import { Guard } from "../support/guard.ts";
import { describeLive } from "../support/live.ts";
import { Lab } from "../support/namespaces.ts";
import { buildNetwork, type Network } from "../support/networks.ts";
import { startServices } from "../support/services.ts";
import { waitFor } from "../support/wait-for.ts";

/** Nobody in the test network has this address. */
const BANNED = "192.0.2.77";
const BANNED_PREFIX = "192.0.2.128/25";
const BANNED_IPV6 = "2001:db8:77::/64";
const UNUSED_PORTS = [1001, 1002, 1003, 1004];

/** Does the guard still do its work: is a scanner banned? */
async function stillGuards(guard: Guard, network: Network<"scanner">): Promise<void> {
  const { hosts, target } = network;
  const scanner = new Agent(hosts.scanner.namespace);
  await scanner.connectAll(target.ipv4, UNUSED_PORTS, { timeoutMs: 300 });
  await guard.banned(hosts.scanner.ipv4);
  expect(await scanner.connect(target.ipv4, 80)).toBe("silent");
}

async function banAll(guard: Guard): Promise<void> {
  for (const address of [BANNED, BANNED_PREFIX, BANNED_IPV6]) {
    await guard.ask("ban", address, "--for", "1h");
  }
}

/** The sets in which the bans of {@link banAll} lie in the kernel. */
async function bansInKernel(guard: Guard): Promise<string[]> {
  const sets = await Promise.all(
    ["banned4", "bannet4", "banned6", "bannet6"].map((set) => guard.elementsOf(set)),
  );
  return sets.flat();
}
const ALL_IN_KERNEL = [BANNED, BANNED_PREFIX, "2001:db8:77::"];

async function build(lab: Lab): Promise<Network<"scanner">> {
  const network = await buildNetwork(lab, ["scanner"]);
  await startServices(network.target.namespace, { tcp: [80] });
  return network;
}

describeLive("survival", [], () => {
  it("a guard whose socket is removed makes it again and tells it; no command acts behind its back", async () => {
    await using lab = await Lab.open();
    const { namespace } = (await buildNetwork(lab, [])).target;
    const guard = await Guard.start(lab, namespace);
    const path = join(guard.folder, "run/api.sock");
    await guard.ask("ban", BANNED, "--for", "1h");
    rmSync(path);
    const { status, stderr } = await guard.command("unban", BANNED);
    // Either nobody listened yet, and nothing was done, or the new socket is there already.
    expect([0, 69]).toContain(status);
    expect(stderr).not.toContain("No guard is running");
    await guard.event("api-socket-lost");
    await waitFor("an answer on the new socket", 30_000, async () => {
      const asked = await guard.command("status", "--json");
      return asked.status === 0 && JSON.parse(asked.stdout).state === "guarding";
    });
    expect((await guard.problem("api-socket-lost")).text).toContain("was made again");
    await guard.ask("untrust", BANNED);
    await guard.stop();
    expect(existsSync(path)).toBe(false);
  });

  it("kill -9 of the guard loses no ban, and it is started again", async () => {
    await using lab = await Lab.open();
    const network = await build(lab);
    const guard = await Guard.start(lab, network.target.namespace);
    await banAll(guard);

    const dead = guard.kill("guard");

    expect(await bansInKernel(guard)).toEqual(ALL_IN_KERNEL);
    await waitFor("another guard", 30_000, () => {
      const pid = guard.pid("guard");
      return pid !== undefined && pid !== dead;
    });
    await waitFor("its answer", 30_000, async () => (await guard.status()).state === "guarding");
    expect((await guard.bans()).map(({ address }) => address).sort()).toEqual(
      [BANNED, BANNED_PREFIX, BANNED_IPV6].sort(),
    );
    await guard.problem("guard-restarted");
    await stillGuards(guard, network);
  });

  it("kill -9 of the broker ends the guard too, and loses no ban", async () => {
    await using lab = await Lab.open();
    const network = await build(lab);
    const first = await Guard.start(lab, network.target.namespace);
    await banAll(first);
    const half = first.pid("guard");

    first.kill("broker");

    await waitFor("the guard to end with its broker", 30_000, async () => {
      const { stdout } = await first.namespace.exec("ip", ["netns", "pids", first.namespace.name]);
      return !stdout
        .split("\n")
        .map(Number)
        .includes(half ?? -1);
    });
    expect(await bansInKernel(first)).toEqual(ALL_IN_KERNEL);
    const second = await Guard.start(lab, network.target.namespace, { after: first });
    expect(await second.bans()).toHaveLength(3);
    await stillGuards(second, network);
  });

  it("whatever nft takes away is made good, with all bans", async () => {
    await using lab = await Lab.open();
    const network = await build(lab);
    const guard = await Guard.start(lab, network.target.namespace);
    await banAll(guard);
    const rules = async () => {
      const chain = ["list", "chain", "inet", "vedette", "sense"];
      return (await network.target.namespace.exec("nft", ["-s", ...chain])).stdout;
    };
    const before = await rules();

    for (const what of [
      "flush ruleset",
      "delete table inet vedette",
      "flush table inet vedette",
      "flush chain inet vedette sense",
    ]) {
      await network.target.namespace.run("nft", what.split(" "));

      await waitFor(`the rules after ${what}`, 30_000, async () => (await rules()) === before);
      await waitFor(`the table with its bans after ${what}`, 30_000, async () => {
        return (await bansInKernel(guard)).length === ALL_IN_KERNEL.length;
      });
      expect(await bansInKernel(guard)).toEqual(ALL_IN_KERNEL);
    }
    const [ban] = await guard.bans();
    expect(ban?.remaining_seconds).toBeGreaterThan(3000);
    await stillGuards(guard, network);
  });

  it("a reboot loses no ban and gives none more time", async () => {
    await using lab = await Lab.open();
    const network = await build(lab);
    const config = { PROOF: "none", BAN_TIME_CLAIMED: "1h" };
    const before = await Guard.start(lab, network.target.namespace, { config });
    await banAll(before);
    await stillGuards(before, network);
    const bansBefore = await before.bans();
    await before.stop();
    await network.target.namespace.run("nft", ["flush", "ruleset"]);

    const after = await Guard.start(lab, network.target.namespace, { config, after: before });

    const withoutRest = ({ remaining_seconds: _, ...ban }: (typeof bansBefore)[number]) => ban;
    expect((await after.bans()).map(withoutRest)).toEqual(bansBefore.map(withoutRest));
    expect(await bansInKernel(after)).toHaveLength(4);
    const listed = await network.target.namespace.run("nft", [
      ...["-j", "list", "set", "inet", "vedette", "banned4"],
    ]);
    const rests = [...listed.matchAll(/"expires": (\d+)/g)].map(([, seconds]) => Number(seconds));
    expect(rests).toHaveLength(2);
    // What the first guard had promised, whenever that was.
    const ends = bansBefore
      .filter(({ address }) => /^[\d.]+$/.test(address))
      .map(({ until }) => (Date.parse(until ?? "") - Date.now()) / 1000);
    for (const [index, seconds] of rests.sort((a, b) => a - b).entries()) {
      const left = ends.sort((a, b) => a - b)[index] ?? Number.NaN;
      expect(Math.abs(seconds - left)).toBeLessThanOrEqual(10);
    }
    const scanner = new Agent(network.hosts.scanner.namespace);
    expect(await scanner.connect(network.target.ipv4, 80)).toBe("silent");
  });

  it("a full disk costs no ban, and the loss is counted and shown", async () => {
    await using lab = await Lab.open();
    const network = await build(lab);
    // The folder is a disk of 16 KiB in the mount namespace of this one process.
    const mount = `mkdir -p "$0" && mount -t tmpfs -o size=16k none "$0" && exec "$@"`;
    const disk = join(lab.folder, "disk");
    const guard = await Guard.start(lab, network.target.namespace, {
      prefix: ["sh", "-c", mount, disk],
      args: ["--state", disk],
    });

    await stillGuards(guard, network);

    await guard.problem("journal-failed");
    expect((await guard.status()).journal_failures).toBeGreaterThan(0);
  });

  it("a crash of both halves and a reboot lose no ban that was listed", async () => {
    await using lab = await Lab.open();
    const network = await build(lab);
    const before = await Guard.start(lab, network.target.namespace);
    await stillGuards(before, network);

    before.kill("guard");
    before.kill("broker");
    await before.process.ended;
    await network.target.namespace.run("nft", ["flush", "ruleset"]);
    const after = await Guard.start(lab, network.target.namespace, { after: before });

    const [ban] = await after.bans();
    expect(ban).toMatchObject({ address: network.hosts.scanner.ipv4, origin: "detector" });
    const scanner = new Agent(network.hosts.scanner.namespace);
    expect(await scanner.connect(network.target.ipv4, 80)).toBe("silent");
  });

  it("a second guard in the same namespace is refused with status 69, whatever its NFLOG_GROUP", async () => {
    await using lab = await Lab.open();
    const network = await build(lab);
    const first = await Guard.start(lab, network.target.namespace);
    await banAll(first);

    for (const group of ["4242", "5000"]) {
      const second = await Guard.launch(lab, network.target.namespace, {
        config: { NFLOG_GROUP: group },
      });

      const { status, stderr, stdout } = await second.process.ended;
      expect(status).toBe(69);
      expect(stdout + stderr).toMatch(/another guard/);
      expect(await bansInKernel(first)).toEqual(ALL_IN_KERNEL);
    }
    await stillGuards(first, network);
  });

  it("a second guard in another namespace is nobody's business", async () => {
    await using lab = await Lab.open();
    const one = await build(lab);
    const other = await build(lab);

    const guards = [
      await Guard.start(lab, one.target.namespace),
      await Guard.start(lab, other.target.namespace),
    ] as const;

    await stillGuards(guards[0], one);
    await stillGuards(guards[1], other);
  });
});
