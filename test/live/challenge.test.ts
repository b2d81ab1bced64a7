/**
 * Who is found alive by a challenge: scanners by the real tools, and nobody whose address is unused.
 *
 * "Alive" is not "guilty": an innocent host in whose name somebody forges answers a question that it
 * never expected, and is alive, too. What that costs it is the policy's affair.
 */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { sendCanary } from "../support/canary.ts";
import { forge } from "../support/forge.ts";
import { Guard } from "../support/guard.ts";
import { describeLive } from "../support/live.ts";
import { Lab, type Namespace } from "../support/namespaces.ts";
import { buildNetwork, type Host, type Network } from "../support/networks.ts";
import { waitFor } from "../support/wait-for.ts";

const PORTS = [1001, 1003, 1005, 1007];
/** Nobody has them; the router swallows what is sent there. */
const UNUSED = { 4: "192.0.2.99", 6: "2001:db8:dead::99" } as const;

/** The tools of scans, each over five unused ports. `TARGET` stands for the address. */
const SCANS = [
  { scan: "nmap -n -Pn -sS --max-retries 0 -p 1001-1005 TARGET", family: 4 },
  { scan: "nmap -n -Pn -sT --max-retries 0 -p 1001-1005 TARGET", family: 4 },
  { scan: "nmap -n -Pn -sF --max-retries 0 -p 1001-1005 TARGET", family: 4 },
  { scan: "nmap -n -Pn -sN --max-retries 0 -p 1001-1005 TARGET", family: 4 },
  { scan: "nmap -n -Pn -sX --max-retries 0 -p 1001-1005 TARGET", family: 4 },
  { scan: "masscan -e eth0 --rate 200 --wait 1 -p1001-1005 TARGET", family: 4 },
  { scan: "ncat -w 1 TARGET 1001-1005", family: 4 },
  { scan: "nmap -6 -n -Pn -sS --max-retries 0 -p 1001-1005 TARGET", family: 6 },
  { scan: "nmap -6 -n -Pn -sT --max-retries 0 -p 1001-1005 TARGET", family: 6 },
  { scan: "nmap -6 -n -Pn -sX --max-retries 0 -p 1001-1005 TARGET", family: 6 },
].map((each, index) => ({ ...each, host: `host${index}` }));

/** Runs it to its end. ncat takes one port a call. */
async function scan(namespace: Namespace, line: string, address: string): Promise<void> {
  const [tool = "", ...args] = line.replace("TARGET", address).split(" ");
  if (tool !== "ncat") await namespace.exec(tool, args, 30_000);
  else for (const port of PORTS) await namespace.exec(tool, [...args.slice(0, -1), `${port}`]);
}

describeLive("the challenge of a scanner", ["nmap", "masscan", "ncat"], () => {
  let lab: Lab;
  let network: Network<string>;
  let guard: Guard;

  // One guard for all; each scanner in a network of its own, by which questions are counted.
  beforeAll(async () => {
    lab = await Lab.open();
    const names = SCANS.map(({ host }) => host);
    network = await buildNetwork(lab, names, { isApart: true });
    guard = await Guard.start(lab, network.target.namespace);
  });
  afterAll(async () => {
    await lab?.[Symbol.asyncDispose]();
  });

  it.each(SCANS)("$scan: finds it alive", async ({ scan: line, family, host }) => {
    const { target, hosts } = network;
    const { namespace, ipv4, ipv6 } = hosts[host] as Host;
    const source = family === 4 ? ipv4 : ipv6.replace(/::.*/, "::/64");

    await scan(namespace, line, family === 4 ? target.ipv4 : target.ipv6);

    await guard.event("ban", (ban) => ban["evidence"] === "alive" && ban["address"] === source);
    expect((await guard.status()).challenges).toMatchObject({ unsent: 0, wrong: 0 });
  });
});

describeLive("the challenge of a forged source", [], () => {
  it.each([4, 6] as const)("IPv%i: nobody answers for an unused address", async (family) => {
    await using lab = await Lab.open();
    const { hosts, target } = await buildNetwork(lab, ["forger", "canary"]);
    const guard = await Guard.start(lab, target.namespace);

    const to = family === 4 ? target.ipv4 : target.ipv6;
    await forge(hosts.forger.namespace, { from: UNUSED[family], to, ports: PORTS });

    await guard.event("ban", ({ evidence }) => evidence === "claimed");
    // An answer would have come long before the canary's probe.
    await sendCanary(guard, hosts.canary, target);
    expect(guard.events("ban").map(({ evidence }) => evidence)).toEqual(["claimed"]);
    // The canary is asked, too, and answers.
    const challenges = await waitFor("its question", 30_000, async () => {
      const asked = (await guard.status()).challenges;
      return asked !== null && asked.sent > PORTS.length ? asked : undefined;
    });
    expect(challenges).toMatchObject({ capped: 0, unsent: 0, wrong: 0 });
  });

  it.each([4, 6] as const)(
    "IPv%i: a live innocent answers for what it never sent",
    async (family) => {
      await using lab = await Lab.open();
      const { hosts, target } = await buildNetwork(lab, ["forger", "innocent"]);
      const guard = await Guard.start(lab, target.namespace);

      const of = (host: { ipv4: string; ipv6: string }) => (family === 4 ? host.ipv4 : host.ipv6);
      const [from, to] = [of(hosts.innocent), of(target)];
      await forge(hosts.forger.namespace, { from, to, ports: PORTS });

      await guard.event("ban", ({ evidence }) => evidence === "alive");
    },
  );

  it("a flood of them has us send so many packets a second, and no more", async () => {
    await using lab = await Lab.open();
    const { hosts, target, router } = await buildNetwork(lab, ["forger"]);
    await countQuestions(router);
    const guard = await Guard.start(lab, target.namespace, { config: { CHALLENGE_RATE: "100" } });

    const startedAtMs = performance.now();
    const forged = await forge(hosts.forger.namespace, {
      ...{ from: "10.0.0.1", sources: 40_000, to: target.ipv4, ports: [1001], perSecond: 20_000 },
    });
    await waitFor("the flood to be judged", 60_000, async () => {
      const { probes, lost, unlogged } = await guard.status();
      return probes + lost + unlogged >= forged;
    });

    const { challenges, probes } = await guard.status();
    const sent = await questions(router);
    const seconds = (performance.now() - startedAtMs) / 1000;
    expect(sent).toBe(challenges?.sent);
    expect(sent).toBeGreaterThan(100);
    expect(sent).toBeLessThanOrEqual(100 * (1 + seconds));
    expect(challenges).toMatchObject({ unsent: 0, answered: 0 });
    expect(challenges?.capped).toBeGreaterThan(probes / 2);
  });

  it("one network that is named again and again gets ten packets and one a second", async () => {
    await using lab = await Lab.open();
    const { hosts, target, router } = await buildNetwork(lab, ["forger"]);
    await countQuestions(router);
    const guard = await Guard.start(lab, target.namespace);

    const startedAtMs = performance.now();
    const forged = await forge(hosts.forger.namespace, {
      ...{ from: "192.0.2.0", sources: 256, repeats: 8, to: target.ipv4, ports: [1001] },
    });
    await waitFor("all to be judged", 30_000, async () => {
      const { probes, lost, unlogged } = await guard.status();
      return probes + lost + unlogged >= forged;
    });

    const sent = await questions(router);
    const seconds = (performance.now() - startedAtMs) / 1000;
    expect(sent).toBeGreaterThanOrEqual(10);
    expect(sent).toBeLessThanOrEqual(10 + seconds);
  });
});

describeLive("a reload", [], () => {
  it("begins to ask, asks less, and asks nobody, as CHALLENGE_RATE says", async () => {
    await using lab = await Lab.open();
    const { hosts, target } = await buildNetwork(lab, ["canary"]);
    const guard = await Guard.start(lab, target.namespace, { config: { CHALLENGE_RATE: "0" } });
    const reload = async (rate: string): Promise<unknown> => {
      const path = join(guard.folder, "vedette.conf");
      const before = await readFile(path, "utf8");
      await writeFile(path, before.replace(/^CHALLENGE_RATE=.*$/m, `CHALLENGE_RATE="${rate}"`));
      const view = await guard.reload();
      const counted = await waitFor("the guard that goes on", 30_000, async () => {
        const { config_revision: revision, challenges } = await guard.status();
        return revision === view.config_revision && { challenges };
      });
      return { guard: view.guard, isAsking: counted.challenges !== null };
    };
    expect((await guard.status()).challenges).toBeNull();

    expect(await reload("500")).toEqual({ guard: "replaced", isAsking: true });
    await sendCanary(guard, hosts.canary, target);
    await waitFor("the answer", 30_000, async () => (await guard.status()).challenges?.answered);
    expect(await reload("5")).toEqual({ guard: "kept", isAsking: true });
    const chain = (name: string) => ["list", "chain", "inet", "vedette", name];
    expect(await target.namespace.run("nft", chain("synack"))).toMatch(
      /limit rate over 10\/second/,
    );
    expect(await reload("0")).toEqual({ guard: "replaced", isAsking: false });
    expect(await guard.hasTable()).toBe(true);
    expect(await target.namespace.run("nft", chain("sent"))).toMatch(
      /accept;\s+meta mark 0x2d5a0000 drop\s+\}/,
    );
  });
});

describeLive("what comes back", [], () => {
  it("is told once a question, banned or not, and never where nobody was asked", async () => {
    await using lab = await Lab.open();
    const { hosts, target } = await buildNetwork(lab, ["forger", "canary"]);
    const guard = await Guard.start(lab, target.namespace);
    const reset = { from: UNUSED[4], to: target.ipv4, flags: "rst" } as const;
    const wrong = async () => {
      await sendCanary(guard, hosts.canary, target);
      return (await guard.status()).challenges?.wrong;
    };
    // The forger's first port is 1025.
    const asked = `1025 . ${UNUSED[4]} . 1001 . ${target.ipv4}`;
    const ask = () =>
      target.namespace.run("nft", ["add", "element", "inet", "vedette", "asked4", `{ ${asked} }`]);

    await forge(hosts.forger.namespace, { ...reset, ports: [1001], repeats: 500 });
    expect(await wrong()).toBe(0);

    await ask();
    for (let round = 0; round < 5; round += 1) {
      await forge(hosts.forger.namespace, { ...reset, ports: [1001] });
    }
    expect(await wrong()).toBe(1);

    await guard.ask("ban", UNUSED[4], "--for", "1h");
    await ask();
    await forge(hosts.forger.namespace, { ...reset, ports: [1001] });
    expect(await wrong()).toBe(2);
  });
});

/** Counts the SYN+ACKs of the target where they pass. */
async function countQuestions(router: Namespace): Promise<void> {
  await router.load(`table inet oracle {
    counter questions { }
    chain passing {
      type filter hook prerouting priority -400; policy accept;
      iifname "inner" tcp flags & (syn|ack) == (syn|ack) counter name questions
    }
  }
  `);
}

async function questions(router: Namespace): Promise<number> {
  const text = await router.run("nft", ["list", "counter", "inet", "oracle", "questions"]);
  return Number(/packets (\d+)/.exec(text)?.[1]);
}
