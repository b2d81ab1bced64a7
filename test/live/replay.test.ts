/**
 * The guard and `vedette replay` on the same packets: scans by real tools against a guarded target,
 * captured on its interface, and then replayed with the same configuration.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { Agent } from "../support/agent.ts";
import { sendCanary } from "../support/canary.ts";
import { Guard } from "../support/guard.ts";
import { describeLive } from "../support/live.ts";
import { Lab } from "../support/namespaces.ts";
import { buildNetwork, TARGET_INTERFACE } from "../support/networks.ts";
import { VEDETTE } from "../support/programs.ts";
import { startServices } from "../support/services.ts";
import { waitFor } from "../support/wait-for.ts";

const SERVICE = 80;

/** One scanner each, from a host of its own; "6" behind the name: to the target's IPv6 address. */
const SCANS = {
  syn: "nmap -n -Pn -sS --max-retries 0 -p 75-95",
  // No service among them: the guard asks who is connected a moment later than a capture shows it.
  connect: "nmap -n -Pn -sT --max-retries 0 -p 1001-1020",
  fin: "nmap -n -Pn -sF --max-retries 0 -p 1001-1020",
  pieces: "nmap -n -Pn -sS -f --max-retries 0 -p 1001-1020",
  udp: "nmap -n -Pn -sU --max-retries 0 -p 1001-1020",
  six: "nmap -n -Pn -6 -sS --max-retries 0 -p 1001-1020",
  masscan: "masscan -e eth0 --rate 200 --wait 1 -p1001-1020",
} as const;

interface Found {
  readonly source: string;
  readonly reason: string;
  readonly tool: unknown;
}

/** By source; a source that is convicted again, after its ban, counts once. */
function firstOfEach(found: readonly Found[]): Record<string, Found> {
  return Object.fromEntries(found.toReversed().map((each) => [each.source, each]));
}

describeLive("the same packets, live and by replay", ["nmap", "masscan", "tcpdump"], () => {
  it("have the same verdicts for the same reasons, and the same innocents", async () => {
    await using lab = await Lab.open();
    const names = Object.keys(SCANS) as (keyof typeof SCANS)[];
    const { hosts, target } = await buildNetwork(lab, [...names, "client", "canary"]);
    await startServices(target.namespace, { tcp: [SERVICE] });
    const guard = await Guard.start(lab, target.namespace);
    const file = join(lab.folder, "scans.pcap");
    const tcpdump = target.namespace.spawn("tcpdump", [
      ...["-i", TARGET_INTERFACE, "-w", file, "-B", "65536", "-n", "-U", "--immediate-mode"],
      ...["-Z", "root"],
    ]);
    await waitFor("tcpdump to listen", 30_000, () => tcpdump.output.includes("listening on"));

    const client = new Agent(hosts.client.namespace);
    for (const port of [SERVICE, 4001, SERVICE, 4002, SERVICE]) {
      await client.connect(target.ipv4, port, { timeoutMs: 100 });
    }
    for (const name of names) {
      const [tool = "", ...args] = SCANS[name].split(" ");
      const address = name === "six" ? target.ipv6 : target.ipv4;
      await hosts[name].namespace.exec(tool, [...args, address], 60_000);
    }
    await sendCanary(guard, hosts.canary, target);
    tcpdump.signal("SIGINT");
    const { stderr } = await tcpdump.ended;
    expect(stderr).toMatch(/^0 packets dropped by kernel/m);

    const live = guard.events("verdict").map(({ source, reason, tool }) => ({
      source: `${source}`,
      reason: `${reason}`,
      tool: tool ?? null,
    }));
    const words = ["replay", file, "-c", join(guard.folder, "vedette.conf"), "--json"];
    const report = JSON.parse(await target.namespace.run(VEDETTE, words));
    const replayed = (report.campaigns as (Found & { readonly verdict: string })[])
      .filter(({ verdict }) => verdict === "scan")
      .map(({ source, reason, tool }) => ({ source, reason, tool }));

    expect(report.damage).toEqual([]);
    expect(report.ours.what).toContain(target.ipv4);
    expect(firstOfEach(replayed)).toEqual(firstOfEach(live));
    expect(replayed.length).toBe(names.length);
    expect(report.campaigns).toContainEqual(
      expect.objectContaining({ source: hosts.client.ipv4, verdict: "undecided" }),
    );
    expect((await readFile(file)).length).toBeGreaterThan(10_000);
  });
});
