/** Alerts of a real guard about a real scan, at a webhook on the same machine. */
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { WebhookReceiver } from "../support/alert-receivers.ts";
import { Guard } from "../support/guard.ts";
import { describeLive } from "../support/live.ts";
import { Lab } from "../support/namespaces.ts";
import { buildNetwork } from "../support/networks.ts";
import { waitFor } from "../support/wait-for.ts";

describeLive("alerts", ["nmap"], () => {
  it("tells a webhook of one scan once when it is one, and once when it is over", async () => {
    await using lab = await Lab.open();
    const { hosts, target } = await buildNetwork(lab, ["scanner"]);
    const webhook = await WebhookReceiver.start(target.namespace);
    const files = {
      url: join(lab.folder, "webhook-url"),
      headers: join(lab.folder, "webhook-headers"),
    };
    // The guard is nobody, and reads neither.
    await writeFile(files.url, `${webhook.url("/flaky")}#in-the-url\n`, {
      mode: 0o600,
    });
    await writeFile(files.headers, "Authorization: Bearer in-the-header\n", { mode: 0o600 });
    const guard = await Guard.start(lab, target.namespace, {
      config: {
        CAMPAIGN_QUIET: "4s",
        ALERT_ON: "opened convicted closed",
        ALERT_WEBHOOK: files.url,
        ALERT_WEBHOOK_HEADERS: files.headers,
      },
    });
    const { namespace, ipv4 } = hosts.scanner;

    const words = `-n -Pn -sS --max-retries 0 --min-rate 500 -p 1001-1100 ${target.ipv4}`;
    await namespace.spawn("nmap", words.split(" ")).ended;

    const closed = await waitFor("the alert that it is over", 60_000, () =>
      webhook.taken.find(({ body, isRefused }) => !isRefused && body["kind"] === "closed"),
    );
    const all = webhook.taken.filter(({ isRefused }) => !isRefused);
    expect(all.map(({ body }) => body["kind"])).toEqual(["opened", "convicted", "closed"]);
    expect(webhook.taken.filter(({ isRefused }) => isRefused)).toHaveLength(2);
    expect(new Set(all.map(({ authorization }) => authorization))).toEqual(
      new Set(["Bearer in-the-header"]),
    );
    const convicted = all[1]?.body;
    expect(convicted).toMatchObject({
      title: `Scan by ${ipv4}`,
      text: expect.stringMatching(/; held, banned until 20/),
      campaign: { address: ipv4, outcome: "banned", evidence: "alive", verdict: "scan" },
    });
    expect(closed.body).toMatchObject({ campaign: { over: true, tool: "nmap" } });
    await waitFor("the failure to be over", 30_000, () =>
      guard.events("health").some(({ code, change }) => {
        return code === "alert-webhook-failed" && change === "cleared";
      }),
    );
    expect(JSON.stringify(guard.events())).not.toMatch(/in-the-(?:url|header)/);
  });

  it("tells a webhook once of a hook that fails, and once when hooks do what they should again", async () => {
    await using lab = await Lab.open();
    const { hosts, target } = await buildNetwork(lab, ["first", "second", "third"]);
    const webhook = await WebhookReceiver.start(target.namespace);
    const isBroken = join(lab.folder, "is-broken");
    await writeFile(isBroken, "");
    const guard = await Guard.start(lab, target.namespace, {
      config: {
        ALERT_ON: "health",
        ALERT_WEBHOOK: webhook.url(),
        KILL_RUN_CMD: `test ! -e ${isBroken}`,
      },
    });
    const scan = async ({ namespace, ipv4 }: typeof hosts.first) => {
      const words = `-n -Pn -sS --max-retries 0 -p 1001-1010 ${target.ipv4}`;
      await namespace.spawn("nmap", words.split(" ")).ended;
      await guard.event("respond", ({ address }) => address === ipv4);
    };
    const titles = () =>
      webhook.taken
        .map(({ body }) => `${body["title"]}`)
        .filter((title) => title.endsWith("hook-failed"));

    await scan(hosts.first);
    await waitFor("the alert of it", 30_000, () => titles().length > 0);
    await scan(hosts.second);
    await rm(isBroken);
    await scan(hosts.third);
    await waitFor("the alert that it is over", 30_000, () => titles().length > 1);
    expect(titles()).toEqual(["warning: hook-failed", "Over: hook-failed"]);
    const told = await guard.ask("history", "--kind", "health");
    expect(told.match(/command for .* failed/g)).toHaveLength(2);
  });
});
