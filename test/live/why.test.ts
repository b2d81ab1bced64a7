/** The story of a scanner, asked of the running guard, and of its journal when it is gone. */
import { expect, it } from "vitest";
import type { CampaignView, EventView, WhyView } from "../../src/api/contract.ts";
import { Guard } from "../support/guard.ts";
import { describeLive } from "../support/live.ts";
import { Lab } from "../support/namespaces.ts";
import { buildNetwork } from "../support/networks.ts";
import { waitFor } from "../support/wait-for.ts";

const SCANNED = "7000-7019";

async function why(guard: Guard, address: string): Promise<WhyView> {
  return JSON.parse(await guard.ask("why", address, "--json"));
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
    // Lengthened as often as its evidence rose.
    expect(new Set(bans.map(({ kind, address }) => `${kind} ${address}`))).toEqual(
      new Set([`ban ${scanner}`]),
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
