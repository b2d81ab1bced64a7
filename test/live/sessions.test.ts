/**
 * What an open connection is worth: nothing by itself, trust where somebody has logged in by it.
 */
import { expect, it } from "vitest";
import { Agent } from "../support/agent.ts";
import { Guard } from "../support/guard.ts";
import { describeLive } from "../support/live.ts";
import { Lab, type Namespace } from "../support/namespaces.ts";
import { buildNetwork } from "../support/networks.ts";
import { startServices } from "../support/services.ts";
import { startSsh } from "../support/ssh.ts";
import { waitFor } from "../support/wait-for.ts";

/** Longest that the guard may take to learn of a login or a logout. Milliseconds. */
const LEARNED_MS = 30_000;

/** Twenty unused ports, one trap among them. */
const scan = (from: Namespace, address: string) =>
  from.run("nmap", ["-n", "-Pn", "-sS", "--max-retries", "0", "-p", "23,1001-1019", address]);

/** Waits until the trusted set has, or no longer has, this address. */
const trustBecomes = (guard: Guard, address: string, isTrusted: boolean) =>
  waitFor(`trust of ${address} to be ${isTrusted}`, LEARNED_MS, async () => {
    return (await guard.elementsOf("trusted4")).includes(address) === isTrusted;
  });

/** It is held and judged as anybody; a ban waits for proof, or for the end of the connection. */
async function expectUntrusted(guard: Guard, address: string): Promise<void> {
  const spared = await guard.event("spared", ({ source }) => source === address);
  expect(spared).toMatchObject({ why: "session" });
  expect(guard.events("hold")).not.toEqual([]);
  expect(await guard.elementsOf("trusted4")).not.toContain(address);
}

describeLive("sessions", ["nmap", "ncat", "sshd", "ssh", "ssh-keygen"], () => {
  it("a connection to port 22 held open while its peer scans trusts nobody", async () => {
    await using lab = await Lab.open();
    const { hosts, target } = await buildNetwork(lab, ["scanner"]);
    await startServices(target.namespace, { tcp: [22, 80] });
    const guard = await Guard.start(lab, target.namespace);
    const session = hosts.scanner.namespace.spawn("ncat", [target.ipv4, "22"]);
    await waitFor("the connection", 30_000, () => session.output.includes("service 22"));

    await scan(hosts.scanner.namespace, target.ipv4);

    await expectUntrusted(guard, hosts.scanner.ipv4);
    expect(await new Agent(hosts.scanner.namespace).connect(target.ipv4, 80)).toBe("silent");
    expect(session.isOver).toBe(false);

    await session.stop();
    await waitFor("a ban without the connection", 30_000, async () => {
      await scan(hosts.scanner.namespace, target.ipv4);
      return (await guard.bans()).length > 0;
    });
  });

  it("a connection to a real sshd that never logs in trusts nobody", async () => {
    await using lab = await Lab.open();
    const { hosts, target } = await buildNetwork(lab, ["scanner"]);
    await startSsh(lab, target.namespace);
    const session = hosts.scanner.namespace.spawn("ncat", [target.ipv4, "22"]);
    await waitFor("the connection", 30_000, () => session.output.includes("SSH-2.0"));
    const guard = await Guard.start(lab, target.namespace);

    await scan(hosts.scanner.namespace, target.ipv4);

    await expectUntrusted(guard, hosts.scanner.ipv4);
  });

  it("who is logged in when the guard starts is told so, and neither held nor banned", async () => {
    await using lab = await Lab.open();
    const { hosts, target } = await buildNetwork(lab, ["admin"]);
    const ssh = await startSsh(lab, target.namespace);
    await startServices(target.namespace, { tcp: [80] });
    const session = await ssh.logIn(hosts.admin.namespace, target.ipv4);
    const guard = await Guard.start(lab, target.namespace);
    const said = guard.events("start").map(({ text }) => text.trim());
    expect(said).toContainEqual(expect.stringContaining(`logged in from ${hosts.admin.ipv4}`));
    expect(said).toContainEqual(expect.stringContaining(`vedette trust ${hosts.admin.ipv4}`));

    await scan(hosts.admin.namespace, target.ipv4);

    expect(await new Agent(hosts.admin.namespace).connect(target.ipv4, 80)).toBe("open");
    const { holds, banned, trusted_saves } = await guard.status();
    expect({ holds, banned }).toEqual({ holds: 0, banned: 0 });
    expect(trusted_saves).toBeGreaterThanOrEqual(20);
    expect(session.isOver).toBe(false);
  });

  it("who logs in while the guard runs is trusted, and no longer after logging out", async () => {
    await using lab = await Lab.open();
    const { hosts, target } = await buildNetwork(lab, ["admin"]);
    const ssh = await startSsh(lab, target.namespace);
    const guard = await Guard.start(lab, target.namespace);
    const session = await ssh.logIn(hosts.admin.namespace, target.ipv4);
    await trustBecomes(guard, hosts.admin.ipv4, true);

    await scan(hosts.admin.namespace, target.ipv4);
    expect(await guard.bans()).toEqual([]);

    await session.stop();
    await trustBecomes(guard, hosts.admin.ipv4, false);
    await scan(hosts.admin.namespace, target.ipv4);
    // Its connection may be closed by now, or not yet: a ban then, or a ban that waits for proof.
    await guard.event("verdict", ({ source }) => source === hosts.admin.ipv4);
    expect(guard.events("hold")).not.toEqual([]);
    expect(await guard.elementsOf("trusted4")).not.toContain(hosts.admin.ipv4);
  });
});
