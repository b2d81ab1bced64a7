/**
 * One scan, as an operator finds it in each place where a guard tells of it.
 *
 * One guard and one nmap for all: what the places say must be of the same scan, and agree.
 */
import { readFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import type {
  BanView,
  CampaignView,
  EventView,
  ListedCampaignView,
  LiveEvent,
  StatusView,
  WhyView,
} from "../../src/api/contract.ts";
import {
  MailReceiver,
  type ReceivedMail,
  type Taken,
  WebhookReceiver,
} from "../support/alert-receivers.ts";
import { type Curled, curl } from "../support/curl.ts";
import { Guard } from "../support/guard.ts";
import { describeLive } from "../support/live.ts";
import type { LiveProcess } from "../support/live-process.ts";
import { Lab } from "../support/namespaces.ts";
import { buildNetwork, type Network } from "../support/networks.ts";
import { waitFor } from "../support/wait-for.ts";

const LISTEN = "127.0.0.1:9847";
const RECIPIENTS = ["root@example.org", "ops@example.org"];

describeLive("a scan that is told in every way", ["nmap", "curl"], () => {
  let lab: Lab;
  let network: Network<"scanner">;
  let guard: Guard;
  let scanner: string;
  let bearer: string;
  let stream: LiveProcess;
  /** As `campaigns` lists it when it is over. */
  let story: CampaignView;
  let webhook: WebhookReceiver;
  let mailServer: MailReceiver;

  const ask = (path: string, ...args: string[]): Promise<Curled> =>
    curl(network.target.namespace, `http://${LISTEN}${path}`, "--header", bearer, ...args);
  const read = async (path: string): Promise<unknown> => JSON.parse((await ask(path)).body);
  const print = async (...words: string[]): Promise<unknown> =>
    JSON.parse(await guard.ask(...words, "--json"));
  const told = (): LiveEvent[] =>
    stream.lines
      .filter((line) => line.startsWith("data: "))
      .map((line) => JSON.parse(line.slice("data: ".length)) as LiveEvent);
  const posted = (): Promise<Taken> =>
    waitFor("a webhook", 30_000, () => webhook.taken.find(({ isRefused }) => !isRefused));
  const mailed = (): Promise<ReceivedMail> => waitFor("a mail", 30_000, () => mailServer.mails[0]);

  beforeAll(async () => {
    lab = await Lab.open();
    network = await buildNetwork(lab, ["scanner"]);
    const { target, hosts } = network;
    scanner = hosts.scanner.ipv4;
    webhook = await WebhookReceiver.start(target.namespace);
    mailServer = await MailReceiver.start(target.namespace);
    guard = await Guard.start(lab, target.namespace, {
      config: {
        CAMPAIGN_QUIET: "4s",
        API_LISTEN: LISTEN,
        ALERT_WEBHOOK: webhook.url(),
        ALERT_MAIL_TO: RECIPIENTS.join(" "),
        ALERT_MAIL_FROM: "sentry@www.example",
        ALERT_SMTP: mailServer.url,
      },
    });
    const token = await readFile(join(guard.folder, "state/api.token"), "utf8");
    bearer = `Authorization: Bearer ${token.trim()}`;
    const url = `http://${LISTEN}/v1/events`;
    const words = ["--silent", "--no-buffer", "--header", bearer, url];
    stream = await waitFor("a stream of events", 60_000, async () => {
      const child = target.namespace.spawn("curl", words);
      while (!child.isOver && !child.output.includes("\n\n")) await child.changed();
      return child.isOver ? undefined : child;
    });
    const scan = `-n -Pn -sS --max-retries 0 --min-rate 500 -p 1001-1100 ${target.ipv4}`;
    await hosts.scanner.namespace.spawn("nmap", scan.split(" ")).ended;
    story = await waitFor("a story that is over", 60_000, async () => {
      const [listed] = (await read("/v1/campaigns")) as ListedCampaignView[];
      if (listed?.over !== true) return undefined;
      const { cursor: _place, ...campaign } = listed;
      return campaign;
    });
  });
  afterAll(async () => {
    await lab?.[Symbol.asyncDispose]();
  });

  it("the story is that of the scan: its source, tool, evidence, ports and ban", () => {
    expect(story).toMatchObject({
      address: scanner,
      tool: "nmap",
      kinds: ["tcp-syn"],
      evidence: "alive",
      verdict: "scan",
      outcome: "banned",
      held: true,
      destinations: 1,
    });
    const ports = story.ports.flatMap(({ ranges }) => ranges.flat());
    expect(Math.min(...ports)).toBeGreaterThanOrEqual(1001);
    expect(Math.max(...ports)).toBeLessThanOrEqual(1100);
  });

  it("bans --json has the ban of that campaign, until the story's time", async () => {
    expect((await print("bans")) as BanView[]).toMatchObject([
      {
        address: scanner,
        campaign: story.id,
        until: story.until,
        evidence: "alive",
        origin: "detector",
        means: ["nftables"],
        in_force: true,
        reason: story.reason,
      },
    ]);
    expect(await guard.elementsOf("banned4")).toEqual([scanner]);
  });

  it("bans, campaigns, history and why answer the same over TCP as the commands do", async () => {
    expect(await read("/v1/campaigns")).toEqual(await print("campaigns"));
    expect(await read("/v1/history")).toEqual(await print("history"));
    expect(await ask("/bans.txt")).toEqual({ status: 200, body: `${scanner}\n` });
    // What is left of the ban is another number each second.
    const withoutRest = ({ remaining_seconds: rest, ...ban }: BanView) => {
      expect(rest).toBeGreaterThan(0);
      return ban;
    };
    const bans = ((await read("/v1/bans")) as BanView[]).map(withoutRest);
    expect(bans).toEqual(((await print("bans")) as BanView[]).map(withoutRest));
    const why = (await read(`/v1/why?address=${scanner}`)) as WhyView;
    const printed = (await print("why", scanner)) as WhyView;
    expect(why.campaigns).toEqual(printed.campaigns);
    expect(why.history).toEqual(printed.history);
  });

  it("nothing is told over TCP without the token", async () => {
    const paths = [
      "/v1/status",
      "/v1/bans",
      "/v1/campaigns",
      "/v1/events",
      "/metrics",
      "/bans.txt",
    ];
    for (const path of paths) {
      const { target } = network;
      const { status, body } = await curl(target.namespace, `http://${LISTEN}${path}`);
      expect(status, path).toBe(401);
      expect(body, path).not.toContain(scanner);
    }
  });

  it("why names the campaign, what led to it and what would have prevented it", async () => {
    const why = (await print("why", scanner)) as WhyView;
    expect(why.summary).toContain(`${scanner} is banned for`);
    expect(why.campaigns).toEqual([story]);
    expect(why.bans.map(({ campaign }) => campaign)).toEqual([story.id]);
    expect(why.prevention.ignore_line).toBe(scanner);
    expect(await guard.ask("why", scanner)).toContain(why.history[0]?.text);
  });

  it("history has the verdict before the ban, both of that campaign", async () => {
    const events = (await print("history", "--address", scanner)) as EventView[];
    const kinds = events.map(({ kind }) => kind).reverse();
    expect(kinds.indexOf("verdict")).toBeGreaterThanOrEqual(0);
    expect(kinds.indexOf("ban")).toBeGreaterThan(kinds.indexOf("verdict"));
    expect(new Set(events.map(({ campaign }) => campaign))).toEqual(new Set([story.id]));
  });

  it("the tables for people have the same in words", async () => {
    expect(await guard.ask("bans")).toContain(scanner);
    const campaigns = await guard.ask("campaigns", "--verdict", "scan");
    expect(campaigns).toMatch(new RegExp(`${scanner} +${story.packets} +${story.port_count}`));
    expect(await guard.ask("history", "--kind", "ban")).toContain(scanner);
  });

  it("the stream had the campaign from its beginning to its end, and the ban", async () => {
    const changes = await waitFor("the end in the stream", 30_000, () => {
      const all = told().flatMap((each) => (each.kind === "campaign" ? [each] : []));
      return all.at(-1)?.change === "closed" && all;
    });
    expect(new Set(changes.map(({ campaign }) => campaign.id))).toEqual(new Set([story.id]));
    const order = changes.map(({ change }) => change).filter((change) => change !== "updated");
    expect(order).toEqual(["opened", "convicted", "closed"]);
    expect(changes.at(-1)?.campaign).toEqual(story);
    const happened = told().flatMap((each) => (each.kind === "event" ? [each.event] : []));
    const listed = (await print("history", "--address", scanner)) as EventView[];
    // Each of the two reads the clock for itself.
    const untimed = ({ kind, address, campaign, text }: Omit<EventView, "id">) =>
      ({ kind, address, campaign, text }) as const;
    expect(happened.map(untimed)).toEqual(listed.map(untimed).reverse());
    expect(told().map(({ kind }) => kind)).not.toContain("lagged");
  });

  it("the numbers for Prometheus are those of status", async () => {
    // Asked again and again until nothing has changed in between.
    const [status, metrics] = await waitFor("numbers that stand still", 30_000, async () => {
      const before = (await read("/v1/status")) as StatusView;
      const { body } = await ask("/metrics");
      const after = (await read("/v1/status")) as StatusView;
      return JSON.stringify(before) === JSON.stringify(after) && ([after, body] as const);
    });
    const value = (name: string) => Number(new RegExp(`^${name} (\\S+)$`, "m").exec(metrics)?.[1]);
    expect({
      probes: value("vedette_probes_total"),
      lost: value("vedette_probes_lost_total"),
      verdicts: value("vedette_verdicts_total"),
      campaigns: value("vedette_campaigns"),
      holds: value("vedette_holds_total"),
      held: value("vedette_held_sources"),
      banned: value("vedette_bans"),
      dropped: value("vedette_packets_dropped_total"),
      tracked: value("vedette_tracked_sources"),
      trusted: value("vedette_trusted_entries"),
      answered: value("vedette_challenges_answered_total"),
    }).toEqual({
      probes: status.probes,
      lost: status.lost,
      verdicts: status.verdicts,
      campaigns: status.campaigns,
      holds: status.holds,
      held: status.held,
      banned: status.banned,
      dropped: status.dropped,
      tracked: status.tracked,
      trusted: status.trusted,
      answered: status.challenges?.answered,
    });
    expect(status).toMatchObject({ lost: 0, banned: 1, campaigns: 0 });
    expect(status.probes).toBe(story.packets);
    expect(status.verdicts).toBeGreaterThanOrEqual(1);
    expect(metrics).toContain(`vedette_config_info{revision="${status.config_revision}"} 1`);
    const printed = (await print("status")) as StatusView;
    expect(printed.probes).toBe(status.probes);
  });

  it("the webhook got one alert, with the campaign as the API has it", async () => {
    const { body } = await posted();
    expect(body).toMatchObject({
      kind: "convicted",
      severity: "notice",
      host: hostname(),
      title: `Scan by ${scanner}`,
      count: 1,
      campaign: {
        id: story.id,
        address: scanner,
        tool: "nmap",
        evidence: "alive",
        verdict: "scan",
        outcome: "banned",
        reason: story.reason,
        over: false,
      },
    });
    expect(webhook.taken).toHaveLength(1);
  });

  it("the mail has the subject and headers of a machine's, and goes to both in one", async () => {
    const { from, to, headers } = await mailed();
    expect(from).toContain("<sentry@www.example>");
    expect(to).toEqual(RECIPIENTS.map((each) => `<${each}>`));
    expect(Object.fromEntries(headers)).toMatchObject({
      from: "sentry@www.example",
      to: RECIPIENTS.join(", "),
      subject: `[vedette ${hostname()}] Scan by ${scanner}`,
      "auto-submitted": "auto-generated",
      "content-type": expect.stringMatching(/^text\/plain; charset=utf-8/),
    });
    expect(Math.abs(Date.parse(headers.get("date") ?? "") - Date.parse(story.last))).toBeLessThan(
      120_000,
    );
    expect(mailServer.mails).toHaveLength(1);
  });

  it("the text of the mail is that of the webhook: what it was and what was done", async () => {
    const { text } = await mailed();
    expect(text.trim()).toBe((await posted()).body["text"]);
    expect(text).toContain(`${scanner} scans (SYN, by nmap): ${story.reason}`);
    expect(text).toMatch(/; held, banned until 20/);
  });
});
