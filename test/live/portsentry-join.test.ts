/** Two `portsentry`, one for each transport, as an init script starts them: one guard. */
import { readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { Guard } from "../support/guard.ts";
import { describeLive } from "../support/live.ts";
import { Lab } from "../support/namespaces.ts";
import { buildNetwork, type Network } from "../support/networks.ts";
import { isRunning, Portsentry } from "../support/portsentry.ts";
import { startServices } from "../support/services.ts";
import { waitFor } from "../support/wait-for.ts";

interface Scene {
  readonly network: Network<"scanner">;
  readonly portsentry: Portsentry;
}

/** Both daemons, the one for TCP first. */
async function startBoth(lab: Lab): Promise<Scene> {
  const network = await buildNetwork(lab, ["scanner"]);
  await startServices(network.target.namespace, { tcp: [80] });
  const portsentry = await Portsentry.prepare(lab, network.target.namespace, {
    TCP_PORTS: "1,7",
    UDP_PORTS: "7",
  });
  expect(await portsentry.run("-atcp")).toMatchObject({ status: 0, stderr: "" });
  expect(await portsentry.run("-audp")).toMatchObject({ status: 0, stderr: "" });
  return { network, portsentry };
}

async function modes({ portsentry }: Scene): Promise<{ tcp: string; udp: string }> {
  return (await portsentry.status()).mode;
}

/** Waits until the guard, whichever process it is, watches exactly this. */
async function watching(scene: Scene, tcp: string, udp: string): Promise<void> {
  await waitFor(`a guard that watches "${tcp}" and "${udp}"`, 60_000, async () => {
    // One that comes or goes, or reads its file once more, may not answer.
    const found = await scene.portsentry.status().catch(() => undefined);
    if (found === undefined) return false;
    return found.state !== "absent" && found.mode.tcp === tcp && found.mode.udp === udp;
  });
}

type Transport = "tcp" | "udp";

/** Deeds that are no more: whoever starts first is at them while the other one comes. */
const LONG_LEDGER = ["add", "remove"]
  .map((act) =>
    JSON.stringify({ act, prefix: "192.0.2.7/32", kind: "command", text: "true", undo: null }),
  )
  .map((line) => `${line}\n`)
  .join("")
  .repeat(20_000);

async function probe({ network }: Scene, transport: Transport, port: number): Promise<void> {
  await network.hosts.scanner.namespace.run("nmap", [
    ...[transport === "tcp" ? "-sS" : "-sU", "-Pn", "-n", "--max-retries", "0"],
    ...["-p", `${port}`, network.target.ipv4],
  ]);
}

/** Probes, and waits until the guard has them: so many more than before. */
async function expectTold(scene: Scene, told: Transport, untold?: Transport): Promise<void> {
  const before = (await scene.portsentry.status()).probes;
  // First what must not be told, so that what is told comes after it.
  if (untold !== undefined) await probe(scene, untold, 1001);
  await probe(scene, told, 1001);
  const { probes } = await waitFor(`the ${told} probe`, 30_000, async () => {
    const status = await scene.portsentry.status();
    return status.probes > before && status;
  });
  expect(probes).toBe(before + 1);
}

function childrenOf(pid: number | undefined): number {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8");
  return text.split(" ").filter(Boolean).length;
}

describeLive("portsentry -atcp and portsentry -audp", ["nmap"], () => {
  it("are one guard that tells of both; the second's end takes its transport away", async () => {
    await using lab = await Lab.open();
    const scene = await startBoth(lab);
    const { portsentry } = scene;
    expect(childrenOf(portsentry.pid("-atcp"))).toBe(1);
    expect(childrenOf(portsentry.pid("-audp"))).toBe(0);
    expect(await modes(scene)).toEqual({ tcp: "atcp", udp: "audp" });
    await expectTold(scene, "udp");
    await expectTold(scene, "tcp");

    await portsentry.end("-audp");

    await watching(scene, "atcp", "");
    await expectTold(scene, "tcp", "udp");
    expect(portsentry.pid("-audp")).toBeUndefined();
  });

  it.each(["SIGTERM", "SIGKILL"] as const)(
    "go on as the second alone when the first ends by %s",
    async (signal) => {
      await using lab = await Lab.open();
      const scene = await startBoth(lab);
      const { portsentry } = scene;
      const second = portsentry.pid("-audp") as number;

      await portsentry.end("-atcp", signal);

      await watching(scene, "", "audp");
      expect(isRunning(second)).toBe(true);
      await expectTold(scene, "udp", "tcp");
      expect(await portsentry.run("-atcp")).toMatchObject({ status: 0 });
      expect(await modes(scene)).toEqual({ tcp: "atcp", udp: "audp" });
      await portsentry.end("-audp");
      await watching(scene, "atcp", "");
      await portsentry.end("-atcp");
      expect((await portsentry.status()).state).toBe("absent");
    },
  );

  it.each(["SIGTERM", "SIGKILL"] as const)(
    "are one guard when both start at the same time, also after an end by %s",
    async (signal) => {
      await using lab = await Lab.open();
      const scene = await startBoth(lab);
      const { portsentry } = scene;
      for (let round = 1; round <= 2; round++) {
        await Promise.all([portsentry.end("-atcp", signal), portsentry.end("-audp", signal)]);
        await writeFile(join(portsentry.folder, "state/deeds"), LONG_LEDGER, { mode: 0o600 });
        const ended = await Promise.all([portsentry.run("-atcp"), portsentry.run("-audp")]);
        expect(ended).toMatchObject([
          { status: 0, stderr: "" },
          { status: 0, stderr: "" },
        ]);
        await watching(scene, "atcp", "audp");
      }
    },
  );

  it("live through SIGHUP at any time, also while the second takes over", async () => {
    await using lab = await Lab.open();
    const scene = await startBoth(lab);
    const { portsentry } = scene;
    const second = portsentry.pid("-audp") as number;
    const hangUp = setInterval(() => isRunning(second) && process.kill(second, "SIGHUP"), 25);
    try {
      await portsentry.end("-atcp", "SIGKILL");
      await watching(scene, "", "audp");
    } finally {
      clearInterval(hangUp);
    }
    expect(isRunning(second)).toBe(true);
  });

  it("the second comes back at once", async () => {
    await using lab = await Lab.open();
    const scene = await startBoth(lab);
    const { portsentry } = scene;
    for (let round = 1; round <= 2; round++) {
      await portsentry.end("-audp");
      expect(await portsentry.run("-audp")).toMatchObject({ status: 0, stderr: "" });
      await watching(scene, "atcp", "audp");
    }
  });

  it("kill -9 of the second takes its transport away", async () => {
    await using lab = await Lab.open();
    const scene = await startBoth(lab);
    await scene.portsentry.end("-audp", "SIGKILL");
    await watching(scene, "atcp", "");
  });

  it("a transport that is watched is refused, by the pid of who watches it", async () => {
    await using lab = await Lab.open();
    const scene = await startBoth(lab);
    const { portsentry } = scene;
    const first = portsentry.pid("-atcp");
    for (const [word, pid] of [
      ["-atcp", first],
      ["-stcp", first],
      ["-sudp", portsentry.pid("-audp")],
    ] as const) {
      const { status, stderr } = await portsentry.run(word);
      expect(status).toBe(69);
      expect(stderr).toContain(`pid ${pid}`);
    }
    expect(portsentry.pid("-atcp")).toBe(first);
    expect(await modes(scene)).toEqual({ tcp: "atcp", udp: "audp" });
  });

  it("a reload keeps what was joined, and a bad file does not keep it from leaving", async () => {
    await using lab = await Lab.open();
    const scene = await startBoth(lab);
    const { portsentry } = scene;
    await portsentry.configure({ SCAN_TRIGGER: "7" });
    expect(await portsentry.vedette("reload")).toMatchObject({ status: 0 });
    expect(await modes(scene)).toEqual({ tcp: "atcp", udp: "audp" });
    await portsentry.configure({ UDP_MODE: "never" });
    await portsentry.end("-audp");
    await watching(scene, "atcp", "");
  });

  it("faults of the second are told, and change nothing", async () => {
    await using lab = await Lab.open();
    const network = await buildNetwork(lab, ["scanner"]);
    const portsentry = await Portsentry.prepare(lab, network.target.namespace);
    expect(await portsentry.run("-atcp")).toMatchObject({ status: 0 });
    const { status, stderr } = await portsentry.run("-sudp");
    expect(status).toBe(78);
    expect(stderr).toContain("UDP_PORTS");
    expect((await portsentry.status()).mode).toEqual({ tcp: "atcp", udp: "" });
  });

  it("a guard that portsentry has not started is not joined", async () => {
    await using lab = await Lab.open();
    const network = await buildNetwork(lab, ["scanner"]);
    const guard = await Guard.start(lab, network.target.namespace);
    const portsentry = await Portsentry.prepare(lab, network.target.namespace);
    const { status, stderr } = await portsentry.run("-atcp");
    expect(status).toBe(69);
    expect(stderr).toContain("another guard runs");
    expect((await guard.status()).mode).toEqual({ tcp: "atcp", udp: "audp" });
  });
});
