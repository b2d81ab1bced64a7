/** What a guard counts of a real scan, as a page of numbers asks for it. */
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import type { ActivityView, SourcesView } from "../../src/api/contract.ts";
import { askApi } from "../support/api.ts";
import { Guard } from "../support/guard.ts";
import { describeLive } from "../support/live.ts";
import { mmdbOf } from "../support/mmdb.ts";
import { Lab } from "../support/namespaces.ts";
import { buildNetwork } from "../support/networks.ts";
import { waitFor } from "../support/wait-for.ts";

const ask = (guard: Guard, path: string) => askApi(join(guard.folder, "run/api.sock"), path);

describeLive("the counts of a guard", ["nmap"], () => {
  it("has the bands of a scan of nmap in the minutes in which it came", async () => {
    await using lab = await Lab.open();
    const { hosts, target } = await buildNetwork(lab, ["scanner"]);
    const guard = await Guard.start(lab, target.namespace, { args: ["--watch-only"] });
    const words = `-n -Pn -sS --max-retries 0 --min-rate 500 -p 1-20,70,3000 ${target.ipv4}`;
    await hosts.scanner.namespace.spawn("nmap", words.split(" ")).ended;

    const { grid } = await waitFor("the counts of 22 probes", 30_000, async () => {
      const view = (await ask(guard, "/v1/activity")) as ActivityView;
      const probes = view.minutes.reduce((sum, each) => sum + each.probes, 0);
      return probes >= 22 ? view : undefined;
    });

    // The scan may lie in two minutes.
    const probesOf = (band: number) => grid.counts.reduce((sum, row) => sum + (row[band] ?? 0), 0);
    const found = grid.bands
      .map((band, index) => ({ ...band, probes: probesOf(index) }))
      .filter(({ probes }) => probes > 0);
    expect(found).toEqual([
      { first: 0, last: 63, probes: 20 },
      { first: 64, last: 127, probes: 1 },
      { first: 2048, last: 3071, probes: 1 },
    ]);
  });

  it("has who scanned, and that he is banned, in his network", async () => {
    await using lab = await Lab.open();
    const { hosts, target } = await buildNetwork(lab, ["scanner"]);
    // Shorter than the time for which an answer serves: the next one is made of a story that is over.
    const config = { CAMPAIGN_QUIET: "2s" };
    const guard = await Guard.start(lab, target.namespace, { config });
    const words = `-n -Pn -sS --max-retries 0 --min-rate 500 -p 1001-1020 ${target.ipv4}`;
    await hosts.scanner.namespace.spawn("nmap", words.split(" ")).ended;
    await guard.banned(hosts.scanner.ipv4);

    const view = await waitFor("the counts of a ban", 60_000, async () => {
      const answer = (await ask(guard, "/v1/sources?limit=10")) as SourcesView;
      return answer.outcomes.banned === 1 ? answer : undefined;
    });

    const network = hosts.scanner.ipv4.replace(/\d+$/, "0/24");
    expect(view).toMatchObject({ sources: 1, campaigns: 1 });
    expect(view.verdicts).toEqual({ scan: 1, undecided: 0, benign: 0 });
    expect(view.tools).toEqual([{ tool: "nmap", campaigns: 1 }]);
    expect(view.networks).toEqual([
      expect.objectContaining({ address: network, sources: 1, scans: 1, banned: 1 }),
    ]);
    expect(view.blocks).toEqual([expect.objectContaining({ sources: 1, banned: 1 })]);
    expect(view.networks[0]?.probes).toBe(view.probes);
    expect(view.probes).toBeGreaterThanOrEqual(4);
  });

  it("tells countries by GEO_DB, follows reloads, and guards on without the file", async () => {
    await using lab = await Lab.open();
    const { hosts, target } = await buildNetwork(lab, ["scanner"]);
    const folder = await mkdtemp("/var/tmp/vedette-geo-");
    try {
      await chmod(folder, 0o755);
      const path = join(folder, "country.mmdb");
      const config = { CAMPAIGN_QUIET: "2s", GEO_DB: path };
      const guard = await Guard.start(lab, target.namespace, { config });
      expect((await guard.problem("geo-unusable")).text).toContain(`${path}: it does not exist`);

      const { ipv4, namespace } = hosts.scanner;
      const country = { iso_code: "NL", names: { en: "Netherlands" } };
      const records = { [`${ipv4}/24`]: { country } };
      await writeFile(path, mmdbOf({ type: "GeoLite2-Country", records }), { mode: 0o600 });
      expect(await guard.reload()).toMatchObject({ status: "unchanged" });
      await waitFor("a file that the guard may not read", 30_000, async () =>
        (await guard.problem("geo-unusable")).text.includes("may not read it"),
      );
      await chmod(path, 0o644);
      await guard.reload();
      await waitFor("no problem any more", 30_000, async () => {
        const { health } = await guard.status();
        return health.every(({ code }) => code !== "geo-unusable");
      });

      const words = `-n -Pn -sS --max-retries 0 --min-rate 500 -p 1001-1020 ${target.ipv4}`;
      await namespace.spawn("nmap", words.split(" ")).ended;
      expect(await guard.banned(ipv4)).toMatchObject({ country: "NL" });
      const view = await waitFor("the counts of a ban", 60_000, async () => {
        const answer = (await ask(guard, "/v1/sources")) as SourcesView;
        return answer.outcomes.banned === 1 ? answer : undefined;
      });
      const nl = { country: "NL", name: "Netherlands", sources: 1, banned: 1 };
      expect(view.countries).toEqual([expect.objectContaining(nl)]);
      expect(view.asns).toBeNull();
      expect(view.networks).toEqual([expect.objectContaining({ country: "NL" })]);
      const campaigns = await ask(guard, "/v1/campaigns?outcome=banned&tool=nmap&text=tcp%2010");
      expect(campaigns).toEqual([expect.objectContaining({ country: "NL" })]);
      expect(await ask(guard, `/v1/why?address=${ipv4}`)).toMatchObject({ country: "NL" });
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
