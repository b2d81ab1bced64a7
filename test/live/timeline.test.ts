/** What the guard counts hour by hour, over a restart, and how a report plots it. */
import { join } from "node:path";
import { expect, it } from "vitest";
import type { HourView } from "../../src/api/contract.ts";
import { askApi } from "../support/api.ts";
import { Guard } from "../support/guard.ts";
import { describeLive } from "../support/live.ts";
import { Lab } from "../support/namespaces.ts";
import { buildNetwork } from "../support/networks.ts";
import { waitFor } from "../support/wait-for.ts";

const KEEPS = { config: { ON_STOP: "keep-bans" } };

function totalsOf(hours: readonly Pick<HourView, "probes" | "bans">[]) {
  return hours.reduce(
    (sum, { probes, bans }) => ({ probes: sum.probes + probes, bans: sum.bans + bans }),
    { probes: 0, bans: 0 },
  );
}

describeLive("the timeline", ["nmap"], () => {
  it("has every probe and ban of the guard, goes on behind a restart, and is what a report plots", async () => {
    await using lab = await Lab.open();
    const { hosts, target } = await buildNetwork(lab, ["scanner", "other"]);
    const guard = await Guard.start(lab, target.namespace, KEEPS);
    const scan = ["-n", "-Pn", "-sS", "--max-retries", "0", "-p", "7000-7005", target.ipv4];
    await hosts.scanner.namespace.run("nmap", scan);
    await guard.banned(hosts.scanner.ipv4);
    const first = await guard.status();
    await guard.stop();

    const reported = async (): Promise<{ columns: { probes: number; bans: number }[] }> =>
      JSON.parse(await guard.ask("report", "--since", "2h", "--json"));
    // Without a guard.
    const told = totalsOf((await reported()).columns);
    expect(told.bans).toBe(1);
    // What was under way at the ban came after the question.
    expect(told.probes).toBeGreaterThanOrEqual(Math.max(4, first.probes));
    expect(told.probes).toBeLessThanOrEqual(6);

    const next = await Guard.start(lab, target.namespace, { ...KEEPS, after: guard });
    await hosts.other.namespace.run("nmap", scan);
    await next.banned(hosts.other.ipv4);
    const timeline = async () =>
      (await askApi(join(next.folder, "run/api.sock"), "/v1/timeline?limit=2")) as HourView[];
    const both = await waitFor("the counts of both guards", 30_000, async () => {
      const { probes } = await next.status();
      const sum = { probes: told.probes + probes, bans: 2 };
      return JSON.stringify(totalsOf(await timeline())) === JSON.stringify(sum) && sum;
    });
    expect(totalsOf((await reported()).columns)).toEqual(both);
  });
});
