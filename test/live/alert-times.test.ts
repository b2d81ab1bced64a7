/** What a guard tells at a time of day, which is that of its machine: the digest, and quiet hours. */
import { mkdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { MailReceiver, WebhookReceiver } from "../support/alert-receivers.ts";
import { ClockSteps } from "../support/clock-steps.ts";
import { Guard } from "../support/guard.ts";
import { describeLive } from "../support/live.ts";
import { Lab } from "../support/namespaces.ts";
import { buildNetwork } from "../support/networks.ts";
import { waitFor } from "../support/wait-for.ts";

const MINUTE_MS = 60_000;
const MINUTES_A_DAY = 24 * 60;

/** A zone that no test machine is likely to be in, and by how many minutes it is ahead of UTC. */
const ZONE = "Pacific/Marquesas";
const ZONE_MINUTES = -9.5 * 60;

/** $1: a folder with what is other in /etc. The command's process is the one that is started. */
const WITH_OTHER_ETC = `mount -t overlay overlay -o "lowerdir=$1:/etc" /etc && shift && exec "$@"`;

/** Words before a command whose machine is in {@link ZONE}, as its /etc/localtime says. */
async function zonePrefix(lab: Lab): Promise<readonly string[]> {
  const folder = join(lab.folder, "etc");
  await mkdir(folder);
  await symlink(`/usr/share/zoneinfo/${ZONE}`, join(folder, "localtime"));
  return ["env", "-u", "TZ", "unshare", "-m", "sh", "-c", WITH_OTHER_ETC, "sh", folder];
}

/** As the keys have it, in {@link ZONE}. */
function timeOfDay(epochMs: number): string {
  const minute = (Math.floor(epochMs / MINUTE_MS) + ZONE_MINUTES) % MINUTES_A_DAY;
  const two = (number: number) => `${Math.floor(number)}`.padStart(2, "0");
  return `${two(minute / 60)}:${two(minute % 60)}`;
}

describeLive("alerts at a time of day", ["nmap", "unshare"], () => {
  it("quiet hours let nothing through but the digest at its time, and end with all of it", async () => {
    await using lab = await Lab.open();
    const { hosts, target } = await buildNetwork(lab, ["scanner"]);
    const { namespace, ipv4: scanner } = hosts.scanner;
    const [webhook, mailServer, clocks] = await Promise.all([
      WebhookReceiver.start(target.namespace),
      MailReceiver.start(target.namespace),
      ClockSteps.open(lab),
    ]);
    const startedAtEpochMs = Date.now();
    const digestAtEpochMs = startedAtEpochMs + 60 * MINUTE_MS;
    const quietEndsAtEpochMs = startedAtEpochMs + 120 * MINUTE_MS;
    const quietFrom = timeOfDay(startedAtEpochMs - 60 * MINUTE_MS);
    const guard = await Guard.start(lab, target.namespace, {
      prefix: [...(await zonePrefix(lab)), ...clocks.prefix],
      config: {
        CAMPAIGN_QUIET: "8s",
        ALERT_ON: "convicted closed",
        ALERT_WEBHOOK: webhook.url(),
        ALERT_MAIL_TO: "root@example.org",
        ALERT_SMTP: mailServer.url,
        ALERT_DIGEST: timeOfDay(digestAtEpochMs),
        ALERT_QUIET: `${quietFrom}-${timeOfDay(quietEndsAtEpochMs)}`,
      },
    });
    const kinds = () => webhook.taken.map(({ body }) => body["kind"]);
    const subjects = () => mailServer.mails.map(({ headers }) => headers.get("subject") ?? "");
    /** Sets the clock to the beginning of that minute. */
    const goTo = (epochMs: number) =>
      clocks.set(0, Math.floor(epochMs / MINUTE_MS) * MINUTE_MS - Date.now());

    const scan = `-n -Pn -sS --max-retries 0 --min-rate 500 -p 1001-1100 ${target.ipv4}`;
    await namespace.spawn("nmap", scan.split(" ")).ended;
    // By then its conviction has waited for its outcome, too.
    await guard.event("campaign-closed", (event) => event["source"] === scanner, 60_000);

    await goTo(digestAtEpochMs);
    await waitFor("the digest in both ways", 60_000, () => {
      return kinds().length > 0 && subjects().length > 0;
    });
    expect(kinds()).toEqual(["digest"]);
    expect(webhook.taken[0]?.body).toMatchObject({
      title: "24 hours: scans 1, new bans 1",
      digest: {
        scans: "1",
        bans: "1",
        tools: "nmap (1)",
        sources: expect.stringMatching(new RegExp(`^${scanner} \\(\\d+ packets\\)$`)),
      },
    });
    expect(subjects()).toEqual([expect.stringMatching(/\] 24 hours: scans 1, new bans 1$/)]);
    expect(mailServer.mails[0]?.text.trim()).toBe(webhook.taken[0]?.body["text"]);

    await goTo(quietEndsAtEpochMs);
    await waitFor("the end of quiet", 60_000, () => kinds().length > 1 && subjects().length > 1);
    expect(kinds()).toEqual(["digest", "summary"]);
    expect(webhook.taken[1]?.body).toMatchObject({
      title: "2 alerts during quiet hours",
      count: 2,
      alerts: [
        { kind: "convicted", title: `Scan by ${scanner}`, address: scanner },
        { kind: "closed", title: `Scan is over: ${scanner}`, address: scanner },
      ],
    });
    expect(subjects()[1]).toMatch(/\] 2 alerts during quiet hours$/);
    expect(mailServer.mails[1]?.text.trim()).toBe(webhook.taken[1]?.body["text"]);
  });
});
