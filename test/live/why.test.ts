/** The story of a scanner, asked of the running guard, and of its journal when it is gone. */
import { expect, it } from "vitest";
import type { CampaignView, EventView, WhyView } from "../../src/api/contract.ts";
import { forge } from "../support/forge.ts";
import { Guard } from "../support/guard.ts";
import { describeLive } from "../support/live.ts";
import { Lab } from "../support/namespaces.ts";
import { buildNetwork } from "../support/networks.ts";
import { waitFor } from "../support/wait-for.ts";

const SCANNED = "7000-7019";

/** Nobody has it; the network routes what it sends all the same. */
const NOBODY = "10.66.0.1";

async function why(guard: Guard, address: string): Promise<WhyView> {
  return JSON.parse(await guard.ask("why", address, "--json"));
}

/** Waits until a step to this evidence is told. */
async function shown(guard: Guard, address: string, level: "alive" | "proven"): Promise<void> {
  await waitFor(`${address} to be ${level}`, 30_000, async () => {
    const { evidence } = await why(guard, address);
    return evidence?.steps.some((step) => step.level === level);
  });
}

/** Steps are told before what followed from them; lists have the newest first. */
function expectBeforeVerdict(history: readonly EventView[]): void {
  const kinds = history.map(({ kind }) => kind).reverse();
  expect(kinds).toContain("verdict");
  expect(kinds.lastIndexOf("evidence")).toBeLessThan(kinds.indexOf("verdict"));
  const times = history.flatMap(({ kind, at }) =>
    kind === "evidence" || kind === "verdict" ? [Date.parse(at)] : [],
  );
  expect(times).toEqual(times.toSorted((one, other) => other - one));
}

describeLive("why", ["nmap"], () => {
  it("tells a scan from the first port to the ban, makes the score again, and outlives a kill", async () => {
    await using lab = await Lab.open();
    const { hosts, target } = await buildNetwork(lab, ["scanner"]);
    const { namespace, ipv4: scanner } = hosts.scanner;
    const guard = await Guard.start(lab, target.namespace);
    await namespace.run("nmap", [
      ...["-n", "-Pn", "-sS", "--max-retries", "0", "-p", SCANNED, target.ipv4],
    ]);
    await guard.banned(scanner);

    const told = await why(guard, scanner);
    expect(told.summary).toContain(`${scanner} is banned for`);
    const verdict = told.history.find(({ score }) => score !== null);
    expect(verdict?.score?.recomputed).toBe(verdict?.score?.value);
    expect(verdict?.score?.steps.length).toBeGreaterThanOrEqual(4);
    expect(told.history.map(({ kind }) => kind)).toContain("ban");
    expect(told.campaigns).toMatchObject([{ verdict: "scan", tool: "nmap", outcome: "banned" }]);
    expect(told.prevention.ignore_line).toBe(scanner);
    expect(await guard.ask("why", scanner)).toContain("To keep it from being held or banned:");

    await guard.ask("unban", scanner);
    const unbanned = await why(guard, scanner);
    expect(unbanned.bans).toEqual([]);
    expect(unbanned.history.slice(0, 2)).toMatchObject([
      {
        kind: "request",
        text: `root asked: DELETE /v1/bans {"address":"${scanner}"} (applied)`,
      },
      { kind: "unban", text: "unbanned by command" },
    ]);

    // What somebody was shown is in the file.
    guard.kill("guard");
    guard.kill("broker");
    await guard.process.ended;
    await waitFor("an answer without a guard", 30_000, async () => {
      const { status } = await guard.command("status");
      return status === 0;
    });
    const later = await why(guard, scanner);
    expect(later.history).toEqual(unbanned.history);
    expect(later.campaigns.map(({ id }) => id)).toEqual(told.campaigns.map(({ id }) => id));
    const campaigns: CampaignView[] = JSON.parse(
      await guard.ask("campaigns", "--verdict", "scan", "--json"),
    );
    expect(campaigns.map(({ address }) => address)).toEqual([scanner]);
    const bans: EventView[] = JSON.parse(await guard.ask("history", "--kind", "ban", "--json"));
    await guard.ask("unban", scanner);
    await guard.ask("ban", scanner, "--for", "1h", "--reason", "=1+1 \u001b[31m");
    const requests = await guard.ask("history", "--kind", "request");
    expect(requests).toContain(`root asked: vedette unban {"address":"${scanner}"} (`);
    expect(requests).toContain(String.raw`"reason":"=1+1 \u001b[31m"} (applied)`);
    await guard.ask("unban", "--all");
    expect(await guard.ask("history", "--kind", "request", "--limit", "1")).toContain(
      `root asked: vedette unban --all (1 ban ended: ${scanner})`,
    );
    // Lengthened as often as its evidence rose.
    expect(new Set(bans.map(({ kind, address }) => `${kind} ${address}`))).toEqual(
      new Set([`ban ${scanner}`]),
    );
  });

  it("tells by what a SYN scan became alive, with the port and before the verdict", async () => {
    await using lab = await Lab.open();
    const { hosts, target } = await buildNetwork(lab, ["scanner"]);
    const { namespace, ipv4: scanner } = hosts.scanner;
    const guard = await Guard.start(lab, target.namespace);
    const scan = ["-n", "-Pn", "-sS", "--max-retries", "0", target.ipv4, "-p"];
    // Two ports are a story and no scan yet.
    await namespace.run("nmap", [...scan, "7000,7001"]);
    await shown(guard, scanner, "alive");
    await namespace.run("nmap", [...scan, "7002-7005"]);
    await guard.banned(scanner);

    const { evidence, history } = await why(guard, scanner);
    expect(evidence?.level).toBe("alive");
    expect(evidence?.steps).toMatchObject([{ way: "answer", level: "alive" }]);
    const [step] = evidence?.steps ?? [];
    expect(step?.port).toBeGreaterThanOrEqual(7000);
    expect(step?.text).toBe(
      `answered our challenge on tcp ${step?.port} with the right number: alive`,
    );
    expectBeforeVerdict(history);
    const told = await guard.ask("why", scanner);
    expect(told).toContain("How sure it is who sent the latest:\n  alive: it answers");
    expect(told).toContain(step?.text);
    expect(await guard.ask("history", "--kind", "evidence")).toContain(step?.text);
  });

  it("tells the handshakes that proved a connect scan", async () => {
    await using lab = await Lab.open();
    const { hosts, target } = await buildNetwork(lab, ["scanner"]);
    const { namespace, ipv4: scanner } = hosts.scanner;
    const config = { PHANTOM: "all", PROOF: "handshake" };
    const guard = await Guard.start(lab, target.namespace, { config });
    const scan = ["-n", "-Pn", "-sT", "--max-retries", "0", target.ipv4, "-p"];
    await namespace.run("nmap", [...scan, "7000,7001"]);
    await shown(guard, scanner, "proven");
    await namespace.run("nmap", [...scan, "7002-7005"]);
    await guard.banned(scanner);

    const { evidence, history } = await why(guard, scanner);
    expect(evidence?.level).toBe("proven");
    expect(evidence?.steps).toMatchObject([
      { way: "handshake", level: "alive" },
      { way: "handshake", level: "proven" },
    ]);
    const ports = evidence?.steps.map(({ port }) => port) ?? [];
    expect(new Set(ports).size).toBe(2);
    expectBeforeVerdict(history);
    expect(await guard.ask("why", scanner)).toContain(
      `completed a handshake on tcp ${ports[1]}, which only looks open: proven`,
    );
  });

  it("says that a forged source is a claim, and what would make it more", async () => {
    await using lab = await Lab.open();
    const { router, target } = await buildNetwork(lab, ["scanner"]);
    const guard = await Guard.start(lab, target.namespace);
    await forge(router, { from: NOBODY, to: target.ipv4, ports: [7001, 7002, 7003, 7004] });
    await guard.banned(NOBODY);

    const { evidence } = await why(guard, NOBODY);
    expect(evidence).toMatchObject({ level: "claimed", steps: [] });
    const told = await guard.ask("why", NOBODY);
    expect(told).toContain(
      "claimed: anybody could have sent it. Nothing has come back that shows whose the address is: " +
        "an answer to our challenge would make it alive; completed handshakes on two unused ports",
    );
  });

  it("says of an address that was never seen, and of a trusted one, what it knows", async () => {
    await using lab = await Lab.open();
    const { hosts, target } = await buildNetwork(lab, ["scanner"]);
    const { ipv4: scanner } = hosts.scanner;
    const guard = await Guard.start(lab, target.namespace);
    expect((await why(guard, "203.0.113.77")).summary).toMatch(/^Nothing is known of/);
    await guard.ask("trust", scanner);
    expect((await why(guard, scanner)).trusted).not.toBeNull();
    expect((await guard.command("why", "not-an-address")).status).toBe(64);
  });
});
