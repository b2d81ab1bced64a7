/** Ways to run the guard: watching only, what a stop leaves, on probation. */
import { expect, it } from "vitest";
import { Agent } from "../support/agent.ts";
import { Guard, type GuardOptions } from "../support/guard.ts";
import { describeLive } from "../support/live.ts";
import { Lab } from "../support/namespaces.ts";
import { buildNetwork, type Network } from "../support/networks.ts";
import { startServices } from "../support/services.ts";
import { waitFor } from "../support/wait-for.ts";

const UNUSED_PORTS = [1001, 1002, 1003, 1004];

interface Scene {
  readonly network: Network<"scanner" | "client">;
  readonly guard: Guard;
  readonly scanner: Agent;
  readonly client: Agent;
}

async function build(lab: Lab, options: GuardOptions): Promise<Scene> {
  const network = await buildNetwork(lab, ["scanner", "client"]);
  await startServices(network.target.namespace, { tcp: [80] });
  const guard = await Guard.start(lab, network.target.namespace, options);
  const scanner = new Agent(network.hosts.scanner.namespace);
  const client = new Agent(network.hosts.client.namespace);
  return { network, guard, scanner, client };
}

/** A scan and the ban that follows. */
async function banScanner({ network, guard, scanner }: Scene): Promise<void> {
  await scanner.connectAll(network.target.ipv4, UNUSED_PORTS, { timeoutMs: 300 });
  await guard.banned(network.hosts.scanner.ipv4);
  expect(await scanner.connect(network.target.ipv4, 80)).toBe("silent");
}

/** The kernel answers and lets in as if there had never been a guard. */
async function expectNoTrace({ network, guard, scanner, client }: Scene): Promise<void> {
  expect(await guard.hasTable()).toBe(false);
  expect(await scanner.connect(network.target.ipv4, 80)).toBe("open");
  expect(await client.connect(network.target.ipv4, UNUSED_PORTS[0] ?? 0)).toBe("refused");
}

describeLive("modes", [], () => {
  it.each([
    { way: "--watch-only", state: "watching", options: { args: ["--watch-only"] } },
    {
      way: "BLOCK_TCP=0 and BLOCK_UDP=0",
      state: "guarding",
      options: { config: { BLOCK_TCP: "0", BLOCK_UDP: "0" } },
    },
  ])("$way tells of a scan, and holds, bans and changes nothing", async ({ options, state }) => {
    await using lab = await Lab.open();
    const scene = await build(lab, options);
    const { network, guard, scanner } = scene;
    const { target, hosts } = network;

    const outcomes = await scanner.connectAll(target.ipv4, [...UNUSED_PORTS, 23]);

    // A closed port answers as it does without a guard.
    expect(new Set(outcomes.values())).toEqual(new Set(["refused"]));
    await guard.event("verdict", ({ source }) => source === hosts.scanner.ipv4);
    expect(await scanner.connect(target.ipv4, 80)).toBe("open");
    expect(await guard.bans()).toEqual([]);
    expect(guard.events("hold")).toEqual([]);
    expect(await guard.status()).toMatchObject({ holds: 0, held: 0, banned: 0, dropped: 0 });
    expect(await guard.status()).toMatchObject({ state });
  });

  it("ON_STOP keep-bans leaves the bans and nothing else", async () => {
    await using lab = await Lab.open();
    const scene = await build(lab, { config: { ON_STOP: "keep-bans" } });
    const { network, guard, scanner, client } = scene;
    await banScanner(scene);

    const { status } = await guard.stop();

    expect(status).toBe(0);
    expect(await guard.elementsOf("banned4")).toEqual([network.hosts.scanner.ipv4]);
    expect(await scanner.connect(network.target.ipv4, 80)).toBe("silent");
    const closed = await client.connectAll(network.target.ipv4, [...UNUSED_PORTS, 23]);
    expect(new Set(closed.values())).toEqual(new Set(["refused"]));
    expect(await client.connect(network.target.ipv4, 80)).toBe("open");
  });

  it.each([
    { way: "in the file", options: { config: { ON_STOP: "remove" } } },
    { way: "as an option", options: { args: ["--on-stop", "remove"] } },
    { way: "set on the command line", options: { args: ["--set", "ON_STOP=remove"] } },
  ])("ON_STOP remove, $way, leaves nothing", async ({ options }) => {
    await using lab = await Lab.open();
    const scene = await build(lab, options);
    await banScanner(scene);

    const { status } = await scene.guard.stop();

    expect(status).toBe(0);
    await expectNoTrace(scene);
  });

  it("SIGINT stops it as SIGTERM does", async () => {
    await using lab = await Lab.open();
    const scene = await build(lab, { args: ["--on-stop", "remove"] });
    await banScanner(scene);

    scene.guard.process.signal("SIGINT");

    expect((await scene.guard.process.ended).status).toBe(0);
    await expectNoTrace(scene);
  });

  it("SIGHUP ends nothing: it goes on sensing, holding and banning", async () => {
    await using lab = await Lab.open();
    const scene = await build(lab, {});
    const pid = scene.guard.pid("guard");

    scene.guard.process.signal("SIGHUP");

    await banScanner(scene);
    expect(scene.guard.process.isOver).toBe(false);
    expect(scene.guard.pid("guard")).toBe(pid);
  });

  it("--confirm takes everything away again when nobody confirms", async () => {
    await using lab = await Lab.open();
    const scene = await build(lab, { args: ["--confirm", "8s"] });
    expect((await scene.guard.status()).confirm_by).not.toBeNull();
    // It is the ban that is to go, too; a machine that takes 8 s for it shows the rest.
    const { scanner, network } = scene;
    await scanner.connectAll(network.target.ipv4, UNUSED_PORTS, { timeoutMs: 300 });

    await waitFor("everything to be taken away", 30_000, async () => {
      return !(await scene.guard.hasTable());
    });

    await expectNoTrace(scene);
  });

  it("--confirm keeps everything once confirmed", async () => {
    await using lab = await Lab.open();
    const scene = await build(lab, { args: ["--confirm", "8s"] });
    const { confirm_by: endsAt } = await scene.guard.status();
    // First of all: how long a scan and its ban take is the machine's affair.
    await scene.guard.ask("confirm");

    await banScanner(scene);
    await waitFor(
      "a second after its time",
      30_000,
      () => Date.now() > Date.parse(endsAt ?? "") + 1000,
    );

    expect(endsAt).not.toBeNull();
    expect(await scene.guard.status()).toMatchObject({ state: "guarding", confirm_by: null });
    expect(await scene.scanner.connect(scene.network.target.ipv4, 80)).toBe("silent");
  });

  it.each([
    { answer: "drop", outcome: "silent" },
    { answer: "reject", outcome: "refused" },
    { answer: "pass", outcome: "refused" },
  ])("ANSWER $answer: a probe is $outcome, and told all the same", async ({ answer, outcome }) => {
    await using lab = await Lab.open();
    const { network, guard, scanner } = await build(lab, { config: { ANSWER: answer } });
    const { target, hosts } = network;

    for (const [address, sender] of [
      [target.ipv4, hosts.scanner.ipv4],
      [target.ipv6, hosts.scanner.ipv6],
    ] as const) {
      expect(await scanner.connect(address, UNUSED_PORTS[0] ?? 0)).toBe(outcome);
      await guard.event("probe", ({ source }) => source === sender);
      expect(await scanner.connect(address, 80)).toBe("open");
    }
  });

  it("HOLD_AFTER 1: one unused port holds, for HOLD_TIME and no longer", async () => {
    await using lab = await Lab.open();
    const config = { HOLD_AFTER: "1", HOLD_TIME: "4s" };
    const { network, guard, scanner } = await build(lab, { config });
    const { target } = network;

    await scanner.connect(target.ipv4, UNUSED_PORTS[0] ?? 0, { timeoutMs: 100 });

    expect(await scanner.connect(target.ipv4, 80)).toBe("silent");
    await waitFor("the end of the hold", 30_000, async () => {
      return (await scanner.connect(target.ipv4, 80)) === "open";
    });
    await waitFor("nobody held", 30_000, async () => (await guard.status()).held === 0);
    expect(await guard.status()).toMatchObject({ holds: 1, banned: 0 });
  });

  it("beside port knocking it only watches, says why, and can be told to go on", async () => {
    await using lab = await Lab.open();
    const { target, hosts } = await buildNetwork(lab, ["scanner"]);
    await startServices(target.namespace, { tcp: [80] });
    await target.namespace.load(`table inet knocking {
      set guests {
        type ipv4_addr; flags dynamic,timeout; timeout 30s;
      }
      chain input {
        type filter hook input priority 0;
        tcp dport 7777 add @guests { ip saddr }
      }
    }
    `);
    const guard = await Guard.start(lab, target.namespace);
    const scanner = new Agent(hosts.scanner.namespace);
    await scanner.connectAll(target.ipv4, UNUSED_PORTS);
    await guard.event("verdict");
    expect(await scanner.connect(target.ipv4, 80)).toBe("open");
    const found = await guard.problem("neighbour");
    expect(found.text).toContain("inet knocking");
    expect(await guard.status()).toMatchObject({ state: "watching" });
    await guard.stop();

    const bold = await Guard.start(lab, target.namespace, {
      after: guard,
      args: ["--despite-neighbours"],
    });

    await scanner.connectAll(target.ipv4, UNUSED_PORTS, { timeoutMs: 300 });
    await bold.banned(hosts.scanner.ipv4);
  });

  it("a bad configuration is refused with status 78 before anything is touched", async () => {
    await using lab = await Lab.open();
    const { target } = await buildNetwork(lab, []);
    const guard = await Guard.launch(lab, target.namespace, {
      config: { HOLD_AFTR: "2", HOLD_TIME: "soon" },
    });

    const { status, stdout, stderr } = await guard.process.ended;

    expect(status).toBe(78);
    // All problems at once, each with its line.
    expect(stdout + stderr).toMatch(/vedette\.conf:\d+: .*HOLD_AFTR.*HOLD_AFTER/);
    expect(stdout + stderr).toMatch(/vedette\.conf:\d+: .*HOLD_TIME/);
    expect(await guard.hasTable()).toBe(false);
  });
});
