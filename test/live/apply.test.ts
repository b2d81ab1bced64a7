/** Another configuration tried out: taken back by itself, or kept by whoever can still say so. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import type { ReloadView } from "../../src/api/contract.ts";
import { Agent } from "../support/agent.ts";
import { Guard } from "../support/guard.ts";
import { describeLive } from "../support/live.ts";
import { Lab } from "../support/namespaces.ts";
import { buildNetwork, type Network } from "../support/networks.ts";
import { startServices } from "../support/services.ts";
import { waitFor } from "../support/wait-for.ts";

interface Scene {
  readonly network: Network<"admin">;
  readonly guard: Guard;
  /** Where somebody works from who is trusted by the ignore file. */
  readonly admin: Agent;
  /** The same configuration but for that trust. */
  readonly lockout: string;
}

async function build(lab: Lab): Promise<Scene> {
  const network = await buildNetwork(lab, ["admin"]);
  const { target, hosts } = network;
  await startServices(target.namespace, { tcp: [80] });
  const guard = await Guard.start(lab, target.namespace, {
    config: { PROOF: "none" },
    ignore: [hosts.admin.ipv4, hosts.admin.ipv6],
  });
  const others = join(guard.folder, "others.ignore");
  await writeFile(others, "# nobody\n");
  const text = await readFile(configPath(guard), "utf8");
  const lockout = join(guard.folder, "new.conf");
  await writeFile(
    lockout,
    `# new\n${text.replace(/^IGNORE_FILE=.*$/m, `IGNORE_FILE="${others}"`)}`,
  );
  return { network, guard, admin: new Agent(hosts.admin.namespace), lockout };
}

const configPath = ({ folder }: Guard): string => join(folder, "vedette.conf");

/** Starts the machine's guard again, with the file that it finds. */
async function startAgain(lab: Lab, { guard, network }: Scene): Promise<Guard> {
  const text = await readFile(configPath(guard), "utf8");
  const keys = [...text.matchAll(/^([A-Z_]+)="(.*)"$/gm)].map(([, key, value]) => [key, value]);
  const config = Object.fromEntries(keys) as Record<string, string>;
  return Guard.start(lab, network.target.namespace, { after: guard, config });
}

describeLive("apply", [], () => {
  it("that locks the operator out is taken back by itself, and every other ban stands", async () => {
    await using lab = await Lab.open();
    const scene = await build(lab);
    const { guard, network, admin, lockout } = scene;
    const { target, hosts } = network;
    await guard.ask("ban", "198.51.100.9");
    const before = await guard.status();
    const text = await readFile(configPath(guard), "utf8");

    await guard.ask("apply", lockout, "--confirm", "8s");

    const during = await guard.status();
    expect(during.config_revision).not.toBe(before.config_revision);
    expect(during.confirm_by).not.toBeNull();
    for (const port of [1001, 1002, 1003, 1004]) {
      await admin.connect(target.ipv4, port, { timeoutMs: 100 });
    }
    await guard.event("ban", ({ address }) => address === hosts.admin.ipv4);
    expect(await admin.connect(target.ipv4, 80)).toBe("silent");
    const after = await waitFor("the former configuration", 20_000, async () => {
      const status = await guard.status();
      return status.config_revision === before.config_revision ? status : undefined;
    });
    expect(after.confirm_by).toBeNull();
    await waitFor("the operator to be let in", 30_000, async () => {
      return (await admin.connect(target.ipv4, 80)) === "open";
    });
    // Trust lets it in at once, and its ban is taken back a moment later.
    await waitFor("the other ban alone", 30_000, async () => {
      const banned = (await guard.bans()).map(({ address }) => address);
      return banned.length === 1 && banned[0] === "198.51.100.9";
    });
    expect(await readFile(configPath(guard), "utf8")).toBe(text);
  });

  it("that is confirmed is the file's own, over a restart; until then there is no second", async () => {
    await using lab = await Lab.open();
    const scene = await build(lab);
    const { guard, lockout } = scene;
    const view = JSON.parse(await guard.ask("apply", lockout, "--json")) as ReloadView;
    expect(view).toMatchObject({ status: "reloaded", changed: ["IGNORE_FILE"], faults: [] });

    const second = await guard.command("apply", lockout);
    expect(second.status).toBe(69);
    expect(second.stderr).toContain("another configuration is on trial: confirm it, or wait");
    expect(await guard.ask("confirm")).toBe("Confirmed: it stays.\n");
    expect(await guard.ask("confirm")).toBe("There was nothing to confirm.\n");

    expect(await readFile(configPath(guard), "utf8")).toBe(await readFile(lockout, "utf8"));
    guard.kill("broker");
    await waitFor("the end of both halves", 10_000, () => guard.process.isOver);
    const next = await startAgain(lab, scene);
    expect(await next.status()).toMatchObject({
      config_revision: view.config_revision,
      confirm_by: null,
    });
  });

  it("outlives the guard process, and the former is in force after the end of both", async () => {
    await using lab = await Lab.open();
    const scene = await build(lab);
    const { guard, lockout } = scene;
    const before = await guard.status();
    await guard.ask("apply", lockout, "--confirm", "1h");
    const { config_revision, confirm_by } = await guard.status();

    guard.kill("guard");
    await guard.event("guard-died");
    const another = await waitFor("another guard process", 10_000, async () => {
      const { status } = await guard.command("status", "--json");
      return status === 0 ? guard.status() : undefined;
    });
    expect(another).toMatchObject({ config_revision, confirm_by });

    guard.kill("broker");
    await waitFor("the end of both halves", 10_000, () => guard.process.isOver);
    const next = await startAgain(lab, scene);
    expect((await next.status()).config_revision).toBe(before.config_revision);
  });

  it("of a bad file tells every fault where it stands, exits 78, and changes nothing", async () => {
    await using lab = await Lab.open();
    const { guard } = await build(lab);
    const before = await guard.status();
    const bad = join(guard.folder, "bad.conf");
    await writeFile(bad, "HOLD_TIME=\"soon\"\nPROOF='none'\n");

    const { status, stderr } = await guard.command("apply", bad, "--confirm", "60s");

    expect(status).toBe(78);
    expect(stderr).toContain(`${bad}:1: HOLD_TIME: `);
    expect(stderr).toContain(`${bad}:2: PROOF: the value must stand in double quotes`);
    const after = await guard.status();
    expect(after).toMatchObject({ config_revision: before.config_revision, confirm_by: null });
    expect(after.health).toEqual(before.health);
  });
});
