/**
 * Who is trusted is neither held nor shut out, whichever way it is asked for: one test for each.
 */
import { appendFile, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { Agent } from "../support/agent.ts";
import { forge } from "../support/forge.ts";
import { Guard, type GuardOptions } from "../support/guard.ts";
import { describeLive } from "../support/live.ts";
import { Lab } from "../support/namespaces.ts";
import { buildNetwork, type Network } from "../support/networks.ts";
import { startServices } from "../support/services.ts";
import { waitFor } from "../support/wait-for.ts";

/** Four unused ports and two traps: enough for a hold and for every ban. */
const PORTS = [23, 445, 1001, 1002, 1003, 1004];

type Names = "friend" | "stranger";

interface Scene {
  readonly network: Network<Names>;
  readonly guard: Guard;
}

async function build(lab: Lab, optionsOf: (friend: string) => GuardOptions): Promise<Scene> {
  const network = await buildNetwork<Names>(lab, ["friend", "stranger"]);
  await startServices(network.target.namespace, { tcp: [80] });
  const options = optionsOf(network.hosts.friend.ipv4);
  return { network, guard: await Guard.start(lab, network.target.namespace, options) };
}

const ignoring = (friend: string): GuardOptions => ({ ignore: [friend] });

/** Nothing of the kernel's or the journal's is against it, and its service answers. */
async function expectFree({ network, guard }: Scene): Promise<void> {
  const { friend } = network.hosts;
  const agent = new Agent(friend.namespace);
  expect(await agent.connect(network.target.ipv4, 80)).toBe("open");
  for (const set of ["held4", "banned4"]) {
    expect(await guard.elementsOf(set)).not.toContain(friend.ipv4);
  }
  expect((await guard.bans()).map(({ address }) => address)).not.toContain(friend.ipv4);
}

/** A stranger's scan is judged after what came before it. */
async function strangerIsBanned({ network, guard }: Scene): Promise<void> {
  const { stranger } = network.hosts;
  const agent = new Agent(stranger.namespace);
  await agent.connectAll(network.target.ipv4, PORTS, { timeoutMs: 300 });
  await guard.banned(stranger.ipv4);
}

describeLive("who is trusted", [], () => {
  it("is not held or banned for what it sends", async () => {
    await using lab = await Lab.open();
    const scene = await build(lab, ignoring);
    const { friend } = scene.network.hosts;
    const agent = new Agent(friend.namespace);
    await agent.connectAll(scene.network.target.ipv4, PORTS, { timeoutMs: 300 });
    await strangerIsBanned(scene);
    await expectFree(scene);
  });

  it("is not banned for what is sent in its name, whatever PROOF takes", async () => {
    await using lab = await Lab.open();
    const scene = await build(lab, (friend) => ({
      ignore: [friend],
      config: { PROOF: "none", HOLD_AFTER: "off" },
    }));
    const { network } = scene;
    const { friend } = network.hosts;
    await forge(network.router, { from: friend.ipv4, to: network.target.ipv4, ports: PORTS });
    await strangerIsBanned(scene);
    await expectFree(scene);
  });

  it("is not banned on proof", async () => {
    await using lab = await Lab.open();
    const listened = { TCP_MODE: "tcp", UDP_MODE: "", TCP_PORTS: PORTS.join() };
    const scene = await build(lab, (friend) => ({ ignore: [friend], config: listened }));
    const { network, guard } = scene;
    const agent = new Agent(network.hosts.friend.namespace);
    await agent.connectAll(network.target.ipv4, PORTS);
    const spared = await guard.event("spared");
    expect(spared).toMatchObject({ source: network.hosts.friend.ipv4, why: "trusted" });
    await expectFree(scene);
  });

  it("is not banned by command, nor as part of a prefix", async () => {
    await using lab = await Lab.open();
    const scene = await build(lab, ignoring);
    const { ipv4 } = scene.network.hosts.friend;
    for (const target of [ipv4, `${ipv4}/24`]) {
      const { status, stdout, stderr } = await scene.guard.command("ban", target);
      expect(status).not.toBe(0);
      expect(`${stdout}${stderr}`).toContain("trusted");
    }
    await expectFree(scene);
  });

  it("has no command run for it", async () => {
    await using lab = await Lab.open();
    const path = join(lab.folder, "told");
    const scene = await build(lab, (friend) => ({
      ignore: [friend],
      config: { KILL_RUN_CMD: `echo $TARGET$ >> ${path}`, PROOF: "none", HOLD_AFTER: "off" },
    }));
    const { network } = scene;
    const { friend, stranger } = network.hosts;
    await forge(network.router, { from: friend.ipv4, to: network.target.ipv4, ports: PORTS });
    await strangerIsBanned(scene);
    await waitFor("the command for the stranger", 30_000, async () => {
      return (await readFile(path, "utf8").catch(() => "")) !== "";
    });
    expect(await readFile(path, "utf8")).toBe(`${stranger.ipv4}\n`);
    await expectFree(scene);
  });

  it("is not banned again by the journal of an earlier run", async () => {
    await using lab = await Lab.open();
    const before = await build(lab, () => ({}));
    const { network } = before;
    await before.guard.ask("ban", network.hosts.friend.ipv4, "--for", "1h");
    await before.guard.stop();
    await network.target.namespace.run("nft", ["flush", "ruleset"]);

    const options = { after: before.guard, ...ignoring(network.hosts.friend.ipv4) };
    const guard = await Guard.start(lab, network.target.namespace, options);
    await waitFor("the end of the ban", 30_000, async () => (await guard.bans()).length === 0);
    await expectFree({ network, guard });
  });

  it("is not kept out by bans that a stop has left in the kernel", async () => {
    await using lab = await Lab.open();
    const before = await build(lab, () => ({}));
    const { network } = before;
    await before.guard.ask("ban", network.hosts.friend.ipv4, "--for", "1h");
    await before.guard.stop();

    const options = { after: before.guard, ...ignoring(network.hosts.friend.ipv4) };
    const guard = await Guard.start(lab, network.target.namespace, options);
    const agent = new Agent(network.hosts.friend.namespace);
    expect(await agent.connect(network.target.ipv4, 80)).toBe("open");
    await guard.stop();
  });

  it.each(["the ignore file changes", "another ignore file is read by a reload"])(
    "is let in when %s",
    async (what) => {
      await using lab = await Lab.open();
      const scene = await build(lab, () => ({}));
      const { network, guard } = scene;
      const { ipv4 } = network.hosts.friend;
      await guard.ask("ban", ipv4, "--for", "1h");
      if (what.includes("reload")) {
        const path = join(guard.folder, "other.ignore");
        await writeFile(path, `${ipv4}\n`);
        const conf = join(guard.folder, "vedette.conf");
        const text = await readFile(conf, "utf8");
        await writeFile(conf, text.replace(/IGNORE_FILE=.*/, `IGNORE_FILE="${path}"`));
        await guard.ask("reload");
      } else {
        await appendFile(join(guard.folder, "vedette.ignore"), `${ipv4}\n`);
      }
      await waitFor("the end of the ban", 30_000, async () => (await guard.bans()).length === 0);
      await expectFree(scene);
    },
  );
});
