/**
 * One story a scan: what a guard tells of the scans of real tools, and how often.
 *
 * Where all ports of a scan must be in its story the guard only watches: what a ban stops at the
 * gate is no probe.
 */
import { expect, it } from "vitest";
import { Agent } from "../support/agent.ts";
import { Guard, type GuardEvent } from "../support/guard.ts";
import { describeLive } from "../support/live.ts";
import type { LiveProcess } from "../support/live-process.ts";
import { Lab, type Namespace } from "../support/namespaces.ts";
import { buildNetwork } from "../support/networks.ts";
import { waitFor } from "../support/wait-for.ts";

/** Short, so that a story is over while somebody waits for it. */
const QUIET = { CAMPAIGN_QUIET: "4s" };

/** Holds and bans nobody, and tells all the same. */
const WATCHING = { config: QUIET, args: ["--watch-only"] };

/** Every port once, in an order of nmap's own. */
const SYN_SCAN = "-n -Pn -sS --max-retries 0 --min-rate 500";

function nmap(namespace: Namespace, words: string): LiveProcess {
  return namespace.spawn("nmap", words.split(" "));
}

/** The stories that people would be told of scans: events at level notice. */
function storiesOf(guard: Guard): string[] {
  const told = guard.events().filter(({ event }) => /^(?:campaign|group)-/.test(event));
  return told
    .filter(({ level }) => level === "notice")
    .map(({ event, source, prefix }) => `${event} ${source ?? prefix}`);
}

const closed = (guard: Guard, source: string): Promise<GuardEvent> =>
  guard.event("campaign-closed", (event) => event["source"] === source, 30_000);

describeLive("campaigns", ["nmap"], () => {
  it("has one story of one scan, with its ports, kinds, tool and outcome", async () => {
    await using lab = await Lab.open();
    const { hosts, target } = await buildNetwork(lab, ["scanner"]);
    // Longer than a busy machine takes from the first scan to the second.
    const config = { CAMPAIGN_QUIET: "8s" };
    const guard = await Guard.start(lab, target.namespace, { ...WATCHING, config });
    const { namespace, ipv4 } = hosts.scanner;

    await nmap(namespace, `${SYN_SCAN} -p 1001-1100,2000 ${target.ipv4}`).ended;
    await nmap(namespace, `-n -Pn -sF --max-retries 0 -p 3000 ${target.ipv4}`).ended;

    const story = await closed(guard, ipv4);
    expect(story).toMatchObject({
      level: "notice",
      packets: 102,
      ports: "tcp 1001-1100, 2000, 3000",
      port_count: 102,
      kinds: "tcp-syn,tcp-fin",
      tool: "nmap",
      evidence: "claimed",
      destinations: 1,
      sweep: false,
      verdict: "scan",
      outcome: "spared",
      spared: "watch-only",
      held: false,
    });
    expect(story.text).toMatch(
      /^story {4}\S+ scanned 102 ports within \d+ s \(SYN, FIN, by nmap; claimed\): tcp 1001-/,
    );
    expect(storiesOf(guard)).toEqual([`campaign-convicted ${ipv4}`, `campaign-closed ${ipv4}`]);
    const [verdict] = guard.events("verdict");
    expect(verdict?.["campaign"]).toBe(story["campaign"]);
  });

  it("says that a scanner was held and banned, and until when", async () => {
    await using lab = await Lab.open();
    const { hosts, target } = await buildNetwork(lab, ["scanner"]);
    const guard = await Guard.start(lab, target.namespace, { config: QUIET });
    const { namespace, ipv4 } = hosts.scanner;

    await nmap(namespace, `${SYN_SCAN} -p 1001-1050 ${target.ipv4}`).ended;

    const story = await closed(guard, ipv4);
    // Afterwards: until then the ban may be lengthened.
    const ban = await guard.banned(ipv4);
    expect(story).toMatchObject({ held: true, outcome: "banned", campaign: ban.campaign });
    expect(story["until"]).toBe(ban.until);
    expect(story.text).toContain("; held, banned until 20");
    expect(storiesOf(guard)).toEqual([`campaign-convicted ${ipv4}`, `campaign-closed ${ipv4}`]);
  });

  it("tells people nothing of single probes, and the story of a scan when it is stopped", async () => {
    await using lab = await Lab.open();
    const { hosts, target } = await buildNetwork(lab, ["scanner", "client"]);
    const guard = await Guard.start(lab, target.namespace, { config: { LOG_FORMAT: "text" } });
    const client = new Agent(hosts.client.namespace);
    for (const port of [8080, 8080, 8443]) {
      await client.connect(target.ipv4, port, { timeoutMs: 100 });
    }
    await nmap(hosts.scanner.namespace, `${SYN_SCAN} -p 1001-1050 ${target.ipv4}`).ended;
    await waitFor("a ban on evidence", 30_000, () =>
      guard.process.lines.some((line) =>
        line.includes("ban      203.0.113.10 lengthened to 10 min (alive: "),
      ),
    );

    await guard.stop();
    const told = guard.process.lines.filter((line) => line.includes(hosts.scanner.ipv4));
    const labels = told.map((line) => line.slice(9, 18).trim());
    expect(told[0]).toMatch(/^\d\d:\d\d:\d\d scan {5}203\.0\.113\.10 scans \(SYN, by nmap\): \d/);
    expect(told.at(-1)).toMatch(/^\S+ story {4}203\.0\.113\.10 scanned \d+ ports within \d+ s /);
    // In between: what was done, and on what evidence.
    expect(labels.slice(1, -1)).toEqual(["ban", "ban"]);
    expect(guard.process.lines.join("\n")).not.toContain(hosts.client.ipv4);
  });

  it("takes a scan with decoys for one sender with four addresses", async () => {
    await using lab = await Lab.open();
    const { hosts, target } = await buildNetwork(lab, ["scanner"]);
    const guard = await Guard.start(lab, target.namespace, WATCHING);
    const { namespace, ipv4 } = hosts.scanner;
    const decoys = ["192.0.2.50", "192.0.2.51", "192.0.2.52"];

    await nmap(namespace, `${SYN_SCAN} -D ${decoys.join(",")},ME -p 1001-1010 ${target.ipv4}`)
      .ended;

    const stories = await Promise.all([...decoys, ipv4].map((source) => closed(guard, source)));
    expect(stories.map((story) => story["emitter_sources"])).toEqual([4, 4, 4, 4]);
    expect(stories.map(({ text }) => text)).toEqual(
      Array.from({ length: 4 }, () =>
        expect.stringContaining("; one sender uses 4 addresses, of which none has answered: "),
      ),
    );
    // People are told of one of the four.
    expect(storiesOf(guard)).toHaveLength(2);
  });

  it("bans of a scan with decoys only the address that is there, and tells people of that", async () => {
    await using lab = await Lab.open();
    const { hosts, target } = await buildNetwork(lab, ["scanner"]);
    const guard = await Guard.start(lab, target.namespace, { config: QUIET });
    const { namespace, ipv4 } = hosts.scanner;
    const decoys = ["192.0.2.50", "192.0.2.51", "192.0.2.52"];

    await nmap(namespace, `${SYN_SCAN} -D ${decoys.join(",")},ME -p 1001-1060 ${target.ipv4}`)
      .ended;

    await waitFor("a ban of the scanner alone", 30_000, async () => {
      const banned = (await guard.bans()).map(({ address }) => address);
      return banned.length === 1 && banned[0] === ipv4;
    });
    const story = await closed(guard, ipv4);
    expect(story).toMatchObject({ level: "notice", evidence: "alive", emitter_real: ipv4 });
    expect(story.text).toMatch(
      /^story {4}203\.0\.113\.10 scanned \d+ ports within .*; held, banned/,
    );
    expect(story.text).toContain(
      `; one sender uses 4 addresses: ${ipv4} answers (it may be the real one), ` +
        `${decoys.join(", ")} never answered (likely decoys); `,
    );
    const ends = await Promise.all(decoys.map((source) => closed(guard, source)));
    expect(ends.map(({ level, outcome }) => `${level} ${outcome}`)).not.toContain("info banned");
    expect(ends.map(({ level }) => level)).toEqual(["info", "info", "info"]);
  });

  it("takes three hosts of one /24 that scan together for one group, and bans each", async () => {
    await using lab = await Lab.open();
    const { hosts, target } = await buildNetwork(lab, ["one", "two", "three"]);
    const guard = await Guard.start(lab, target.namespace, { config: QUIET });

    const each = [hosts.one, hosts.two, hosts.three];
    const scans = each.map(({ namespace }, index) => {
      const first = 1000 * (index + 1);
      return nmap(namespace, `${SYN_SCAN} -p ${first}-${first + 9} ${target.ipv4}`).ended;
    });
    await Promise.all(scans);

    const story = await guard.event("group-closed", undefined, 30_000);
    expect(story).toMatchObject({
      level: "notice",
      prefix: "203.0.113.0/24",
      sources: 3,
      convicted: 3,
      banned: 3,
      tool: "nmap",
    });
    expect(story.text).toMatch(
      /^story {4}3 sources of 203\.0\.113\.0\/24: 3 scanned \(.*; 3 banned$/,
    );
    expect((await guard.bans()).map(({ address }) => address).sort()).toEqual(
      each.map(({ ipv4 }) => ipv4).sort(),
    );
    // Two of them at most were told of before they were three.
    expect(guard.events("group-convicted")).toHaveLength(1);
    expect(guard.events("campaign-closed").map(({ level }) => level)).toEqual([
      ...["info", "info", "info"],
    ]);
  });

  it("takes one port on three of our addresses for a sweep", async () => {
    await using lab = await Lab.open();
    const { hosts, target } = await buildNetwork(lab, ["scanner"]);
    await target.namespace.configure([
      "addr add 198.51.100.11/24 dev outer",
      "addr add 198.51.100.12/24 dev outer",
    ]);
    const guard = await Guard.start(lab, target.namespace, { config: QUIET });
    const { namespace, ipv4 } = hosts.scanner;

    await nmap(namespace, `${SYN_SCAN} -p 8888 198.51.100.10-12`).ended;

    const story = await closed(guard, ipv4);
    expect(story).toMatchObject({ destinations: 3, sweep: true, port_count: 1 });
    expect(story.text).toContain("probed 1 port on 3 addresses (a sweep) within ");
    // One port convicts nobody.
    expect(storiesOf(guard)).toEqual([]);
  });
});
