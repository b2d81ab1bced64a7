/** What blocklists name is dropped by the kernel of a machine, and nobody else is. */
import { readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { Agent } from "../support/agent.ts";
import { askApi } from "../support/api.ts";
import { Guard, type GuardOptions } from "../support/guard.ts";
import { describeLive } from "../support/live.ts";
import { Lab } from "../support/namespaces.ts";
import { buildNetwork, type Network } from "../support/networks.ts";
import { startServices } from "../support/services.ts";
import { waitFor } from "../support/wait-for.ts";

type Names = "listed" | "other";

interface Scene {
  readonly network: Network<Names>;
  readonly guard: Guard;
  readonly path: string;
}

/** Replaces the file whole, as whoever makes such lists should. */
async function writeList(path: string, lines: readonly string[]): Promise<void> {
  await writeFile(`${path}.new`, `${lines.join("\n")}\n`, { mode: 0o644 });
  await rename(`${path}.new`, path);
}

async function build(
  lab: Lab,
  linesOf: (listed: Network<Names>["target"]) => readonly string[],
  options: GuardOptions = {},
): Promise<Scene> {
  const network = await buildNetwork<Names>(lab, ["listed", "other"]);
  await startServices(network.target.namespace, { tcp: [80] });
  const path = join(lab.folder, "list.netset");
  await writeList(path, linesOf(network.hosts.listed));
  const config = { BLOCKLIST_FILES: path, ...options.config };
  const guard = await Guard.start(lab, network.target.namespace, { ...options, config });
  await guard.event("blocklists");
  return { network, guard, path };
}

async function reach({ network }: Scene, name: Names, family: 4 | 6 = 4): Promise<string> {
  const target = family === 4 ? network.target.ipv4 : network.target.ipv6;
  return new Agent(network.hosts[name].namespace).connect(target, 80, { timeoutMs: 500 });
}

describeLive("blocklists", [], () => {
  it("shut out whom they name, by address and by prefix, and nobody else", async () => {
    await using lab = await Lab.open();
    const scene = await build(lab, ({ ipv4, ipv6 }) => [
      "# a list",
      ipv4,
      `${ipv6}/61`,
      "198.51.100.128/25 ; SBL1",
    ]);
    expect(await reach(scene, "listed")).not.toBe("open");
    expect(await reach(scene, "listed", 6)).not.toBe("open");
    expect(await reach(scene, "other")).toBe("open");
    expect(await reach(scene, "other", 6)).toBe("open");
    const status = await scene.guard.status();
    expect(status.blocklists).toMatchObject({ files: 1, entries: 3 });
    expect(status.blocklists?.dropped).toBeGreaterThan(0);
    const { ipv4 } = scene.network.hosts.listed;
    const socket = join(scene.guard.folder, "run/api.sock");
    const named = [{ address: ipv4, file: scene.path, line: 2 }];
    expect(await askApi(socket, `/v1/blocklisted?address=${ipv4}`)).toEqual(named);
    expect(await askApi(socket, `/v1/why?address=${ipv4}`)).toMatchObject({
      blocklists: named,
      summary: expect.stringContaining(`Line 2 of the blocklist ${scene.path} names ${ipv4}: `),
    });
  });

  it("let through whoever is trusted, and count it", async () => {
    await using lab = await Lab.open();
    const network = await buildNetwork<Names>(lab, ["listed", "other"]);
    const { ipv4 } = network.hosts.listed;
    await startServices(network.target.namespace, { tcp: [80] });
    const path = join(lab.folder, "list.netset");
    await writeList(path, [`${ipv4}/24`]);
    const options = { config: { BLOCKLIST_FILES: path }, ignore: [ipv4] };
    const guard = await Guard.start(lab, network.target.namespace, options);
    await guard.event("blocklists");
    const scene = { network, guard, path };
    expect(await reach(scene, "other")).not.toBe("open");
    expect(await reach(scene, "listed")).toBe("open");
    expect((await guard.status()).trusted_saves).toBeGreaterThan(0);
  });

  it("are loaded again when a file changes, without a packet between the two loads", async () => {
    await using lab = await Lab.open();
    const scene = await build(lab, ({ ipv4 }) => [ipv4]);
    const { network, guard, path } = scene;
    const { listed, other } = network.hosts;
    // One that both loads name sends all the while; what comes through would reach a service.
    await network.target.namespace.exec("nft", [
      "add table inet passed; add counter inet passed seen; " +
        "add chain inet passed in { type filter hook prerouting priority -200; }; " +
        `add rule inet passed in ip saddr ${listed.ipv4} counter name seen`,
    ]);
    const knocking = listed.namespace.spawn("ping", ["-i", "0.002", "-q", network.target.ipv4]);
    for (let load = 2; load <= 4; load += 1) {
      const lines = Array.from(
        { length: load * 5000 },
        (_, at) => `9.${load}.${at >> 8}.${at & 255}`,
      );
      await writeList(path, [...lines, listed.ipv4, other.ipv4]);
      const told = `${(lines.length + 2).toLocaleString("en")} entries`;
      await guard.event("blocklists", ({ text }) => text.includes(told));
    }
    await knocking.stop();
    const { stdout } = await network.target.namespace.exec("nft", [
      ...["list", "counter", "inet", "passed", "seen"],
    ]);
    expect(stdout).toContain("packets 0 ");
    expect((await guard.status()).blocklists?.dropped).toBeGreaterThan(100);
    expect(await reach(scene, "other")).not.toBe("open");
  });

  it("keep what a file said before when it is none any more, and say so until it is mended", async () => {
    await using lab = await Lab.open();
    const scene = await build(lab, ({ ipv4 }) => [ipv4]);
    const { guard, path, network } = scene;
    await writeList(path, ["<html>", "<h1>404</h1>"]);
    const problem = await guard.problem("blocklist-unread");
    expect(problem.text).toContain(`${path}:1: "<html>" is no entry: expected an address`);
    expect(await reach(scene, "listed")).not.toBe("open");
    await writeList(path, [network.hosts.other.ipv4]);
    await waitFor("the end of the problem", 30_000, async () => {
      const { health } = await guard.status();
      return health.every(({ code }) => code !== "blocklist-unread");
    });
    expect(await reach(scene, "listed")).toBe("open");
    expect(await reach(scene, "other")).not.toBe("open");
  });

  it("stand over a stop that keeps bans and over a start, and go with their key", async () => {
    await using lab = await Lab.open();
    const scene = await build(lab, ({ ipv4 }) => [ipv4]);
    const { network, path } = scene;
    await scene.guard.stop();
    expect(await reach(scene, "listed")).not.toBe("open");
    const again = await Guard.start(lab, network.target.namespace, {
      config: { BLOCKLIST_FILES: path },
      after: scene.guard,
    });
    await again.event("blocklists");
    expect(await reach(scene, "listed")).not.toBe("open");
    // As an editor leaves it.
    const config = join(again.folder, "vedette.conf");
    const text = await readFile(config, "utf8");
    await writeFile(config, text.replace(/^BLOCKLIST_FILES.*$/m, ""));
    expect(await again.reload()).toMatchObject({ changed: ["BLOCKLIST_FILES"], guard: "kept" });
    await waitFor("the end of the list", 30_000, async () => {
      return (await reach(scene, "listed")) === "open";
    });
    expect((await again.status()).blocklists).toBeNull();
    const { stdout } = await network.target.namespace.exec("nft", [
      "list",
      "table",
      "inet",
      "vedette",
    ]);
    expect(stdout).not.toContain("set listed");
  });

  it("come back when somebody else has flushed the ruleset", async () => {
    await using lab = await Lab.open();
    const scene = await build(lab, ({ ipv4 }) => [ipv4]);
    await scene.network.target.namespace.exec("nft", ["flush", "ruleset"]);
    await scene.guard.problem("table-restored");
    await waitFor("the list", 30_000, async () => (await reach(scene, "listed")) !== "open");
    const [named] = (await scene.guard.elementsOf("listed4_32_2")) ?? [];
    expect(named).toBe(scene.network.hosts.listed.ipv4);
  });

  it("shut out nobody where nobody is to be shut out", async () => {
    await using lab = await Lab.open();
    const network = await buildNetwork<Names>(lab, ["listed", "other"]);
    await startServices(network.target.namespace, { tcp: [80] });
    const path = join(lab.folder, "list.netset");
    await writeList(path, [network.hosts.listed.ipv4]);
    const config = { BLOCKLIST_FILES: path, BLOCK_TCP: "0", BLOCK_UDP: "0" };
    const guard = await Guard.start(lab, network.target.namespace, { config });
    expect((await guard.status()).blocklists).toBeNull();
    expect(await reach({ network, guard, path }, "listed")).toBe("open");
    expect(guard.events("blocklists")).toEqual([]);
  });
});
