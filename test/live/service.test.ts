/** The guard as a service: what its manager is told, and a guard that the manager starts. */
import { readFileSync } from "node:fs";
import { chown, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { Agent } from "../support/agent.ts";
import { AS_NOBODY } from "../support/as-nobody.ts";
import { Guard } from "../support/guard.ts";
import { describeLive } from "../support/live.ts";
import { Lab } from "../support/namespaces.ts";
import { buildNetwork } from "../support/networks.ts";
import { VEDETTE } from "../support/programs.ts";
import { ServiceManager } from "../support/service-manager.ts";
import { letPass, waitFor } from "../support/wait-for.ts";

/** Longer than the pause between two signs of life, 1 s. Milliseconds. */
const LONGER_THAN_A_BEAT_MS = 3000;

const UNUSED_PORTS = [1001, 1002, 1003, 1004];
const NOBODY = 65_534;

/** A machine without a user for the guard has a problem by that alone. */
const OWN_PROBLEMS = /^vedette:/m.test(readFileSync("/etc/passwd", "utf8")) ? 0 : 1;

/** What systemd is told of a guard with so many problems of a test's making. */
function guarding(made: number): string {
  const problems = made + OWN_PROBLEMS;
  if (problems === 0) return "STATUS=Guarding.";
  return `STATUS=Guarding; ${problems} ${problems === 1 ? "problem" : "problems"}, see vedette status.`;
}

describeLive("service manager", [], () => {
  it("hears of readiness when the table stands, of a bad reload, and of the stop", async () => {
    await using lab = await Lab.open();
    const { target } = await buildNetwork(lab, []);
    using manager = new ServiceManager(join(lab.folder, "notify"));
    const guard = await Guard.launch(lab, target.namespace, { prefix: manager.prefix });

    await manager.heard("READY=1");
    expect(await guard.hasTable()).toBe(true);
    await manager.heard(guarding(0));

    await writeFile(join(guard.folder, "vedette.conf"), 'SCAN_TRIGGER="-1"\n');
    const before = manager.messages().length;
    expect((await guard.command("reload")).status).toBe(78);
    await manager.heard("RELOADING=1", before);
    await manager.heard("READY=1", before);
    await manager.heard(guarding(1), before);

    await guard.stop();
    await manager.heard("STOPPING=1");
  });

  it("hears of a configuration on trial, and of its end when nobody confirms", async () => {
    await using lab = await Lab.open();
    const { target } = await buildNetwork(lab, []);
    using manager = new ServiceManager(join(lab.folder, "notify"));
    const guard = await Guard.start(lab, target.namespace, { prefix: manager.prefix });
    await manager.heard("READY=1");
    const tried = join(guard.folder, "new.conf");
    const text = await readFile(join(guard.folder, "vedette.conf"), "utf8");
    await writeFile(tried, `${text}HOLD_TIME="11s"\n`);

    let before = manager.messages().length;
    await guard.ask("apply", tried, "--confirm", "3s");
    await manager.heard("RELOADING=1", before);
    await manager.heard("READY=1", before);
    before = manager.messages().length;
    await manager.heard("RELOADING=1", before);
    await manager.heard("READY=1", before);
    expect((await guard.status()).confirm_by).toBeNull();
  });

  it("hears nothing of a guard that is stuck, until it goes on", async () => {
    await using lab = await Lab.open();
    const { target } = await buildNetwork(lab, []);
    using manager = new ServiceManager(join(lab.folder, "notify"));
    const guard = await Guard.start(lab, target.namespace, { prefix: manager.prefix });
    await manager.heard("WATCHDOG=1");

    const pid = guard.pid("guard") ?? 0;
    process.kill(pid, "SIGSTOP");
    // What it had asked before is still answered.
    await letPass(LONGER_THAN_A_BEAT_MS);
    const before = manager.messages().length;
    await letPass(LONGER_THAN_A_BEAT_MS);
    expect(manager.messages().slice(before)).toEqual([]);

    process.kill(pid, "SIGCONT");
    await manager.heard("WATCHDOG=1", before);
  });

  it("may hang up on both halves, as systemctl kill does, and neither ends", async () => {
    await using lab = await Lab.open();
    const { target } = await buildNetwork(lab, []);
    const guard = await Guard.start(lab, target.namespace);
    const pid = guard.pid("guard") ?? 0;
    for (const each of [pid, guard.process.pid]) process.kill(each, "SIGHUP");
    await guard.event("reload");
    expect(guard.pid("guard")).toBe(pid);
  });
});

describeLive("guard in a unit of its own", ["systemd-socket-activate"], () => {
  it("guards with what the broker hands over, and is started again", async () => {
    await using lab = await Lab.open();
    const { target, hosts } = await buildNetwork(lab, ["scanner"]);
    const socket = join(lab.folder, "guard.sock");
    const state = join(lab.folder, "state");
    // Its unit would make it.
    await mkdir(join(state, "journal"), { recursive: true });
    await chown(join(state, "journal"), NOBODY, NOBODY);
    const activate = 'path=$1; shift; while :; do systemd-socket-activate -l "$path" "$@"; done';
    const words = ["-c", activate, "sh", socket, ...AS_NOBODY, VEDETTE, "guard-process"];
    const unit = target.namespace.spawn("sh", words);
    const started = () => {
      const children = readFileSync(`/proc/${unit.pid}/task/${unit.pid}/children`, "utf8");
      const pid = Number(children.split(" ")[0]);
      return pid > 0 && /^Uid:\s+65534\s/m.test(readFileSync(`/proc/${pid}/status`, "utf8")) && pid;
    };

    const guard = await Guard.start(lab, target.namespace, {
      args: ["--state", state, "--guard-socket", socket],
    });
    const first = await waitFor("the guard's process", 10_000, started);
    process.kill(first, "SIGKILL");
    await guard.event("guard-died");
    await waitFor("another guard's process", 30_000, () => {
      const pid = started();
      return pid !== first && pid;
    });
    await waitFor("its readiness", 30_000, () => guard.events("ready").length > 1);

    const scanner = new Agent(hosts.scanner.namespace);
    await scanner.connectAll(target.ipv4, UNUSED_PORTS, { timeoutMs: 300 });
    await guard.banned(hosts.scanner.ipv4);
    // A line of the guard's, which has no other way out.
    await guard.event("ban", ({ address }) => address === hosts.scanner.ipv4);
  });
});
