/**
 * Which ports the listener modes have: PortSentry's defects with taken, many and high ports.
 */
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { Agent } from "../support/agent.ts";
import { AS_NOBODY } from "../support/as-nobody.ts";
import { Guard, type GuardEvent } from "../support/guard.ts";
import { describeLive } from "../support/live.ts";
import { Lab } from "../support/namespaces.ts";
import { buildNetwork } from "../support/networks.ts";
import { startServices } from "../support/services.ts";

const TAKEN = 2222;
const LISTENED = {
  ...{ TCP_MODE: "tcp", TCP_PORTS: `1111,${TAKEN},3333` },
  ...{ UDP_MODE: "udp", UDP_PORTS: `1111,${TAKEN},3333` },
};
/** Nobody is banned, so that one host may try every port. */
const ONLY_TOLD = { DETECTOR: "trigger", SCAN_TRIGGER: "60000" };

const lossOf = (guard: Guard) => guard.events("health").find(isAboutListeners);
const isAboutListeners = ({ code }: GuardEvent) => code === "no-listeners";

/** A container's root often lacks CAP_SYS_RESOURCE, bit 24. */
function mayRaiseLimits(): boolean {
  const effective = /^CapEff:\s+([0-9a-f]+)$/m.exec(readFileSync("/proc/self/status", "utf8"));
  return ((BigInt(`0x${effective?.[1] ?? "0"}`) >> 24n) & 1n) === 1n;
}

/** "tcp 1111", one a probe that was told. */
const portsTold = (guard: Guard) =>
  guard.events("probe").map(({ transport, port }) => `${transport} ${port}`);

describeLive("ports of the listener modes", ["prlimit", "setpriv"], () => {
  it("are told as what they are though one of them could not be had", async () => {
    await using lab = await Lab.open();
    const { hosts, target } = await buildNetwork(lab, ["client"]);
    await startServices(target.namespace, { tcp: [TAKEN], udp: [TAKEN] });
    const config = { ...LISTENED, ...ONLY_TOLD };
    const guard = await Guard.start(lab, target.namespace, { config });
    const client = new Agent(hosts.client.namespace);

    for (const address of [target.ipv4, target.ipv6]) {
      expect(await client.askByUdp(address, TAKEN, 10)).toBe(10);
      for (const port of [3333, TAKEN, 1111]) {
        expect(await client.connect(address, port)).toBe("open");
      }
      for (const port of [3333, 1111]) await client.askByUdp(address, port, 1, 50);
    }

    await guard.event("probe", () => portsTold(guard).length === 8);
    const told = ["tcp 3333", "tcp 1111", "udp 3333", "udp 1111"];
    expect(portsTold(guard).sort()).toEqual([...told, ...told].sort());
    expect(lossOf(guard)).toMatchObject({
      level: "notice",
      text: expect.stringContaining("tcp 2222 (in use); udp 2222 (in use)."),
    });
  });

  it.each([
    { what: "one transport alone", config: { UDP_MODE: "" } },
    { what: "both", config: {} },
  ])("are all taken, $what: the start fails and says so", async ({ config }) => {
    await using lab = await Lab.open();
    const { target } = await buildNetwork(lab, []);
    const ports = [1111, TAKEN, 3333];
    await startServices(target.namespace, { tcp: ports, udp: ports });
    const guard = await Guard.launch(lab, target.namespace, {
      config: { ...LISTENED, ...config },
    });

    const { status, stdout, stderr } = await guard.process.ended;

    expect(status).toBe(69);
    expect(stderr).toContain("nothing can be watched");
    expect(stderr).toContain("tcp 1111,2222,3333 (in use)");
    expect(stdout + stderr).not.toContain("ready");
    expect(await guard.hasTable()).toBe(false);
  });

  it("are all taken of one transport: the other is watched, and that is a warning", async () => {
    await using lab = await Lab.open();
    const { hosts, target } = await buildNetwork(lab, ["client"]);
    await startServices(target.namespace, { tcp: [1111, TAKEN, 3333] });
    const guard = await Guard.start(lab, target.namespace, { config: LISTENED });

    await new Agent(hosts.client.namespace).askByUdp(target.ipv4, 3333, 1, 50);

    await guard.event("probe", (event) => event["transport"] === "udp");
    expect(lossOf(guard)).toMatchObject({
      level: "warning",
      text: expect.stringContaining("Nothing is watched of tcp."),
    });
  });

  it("are had again at once after a stop, connections in TIME_WAIT or not", async () => {
    await using lab = await Lab.open();
    const { hosts, target } = await buildNetwork(lab, ["client"]);
    const config = { ...LISTENED, ...ONLY_TOLD };
    const first = await Guard.start(lab, target.namespace, { config });
    const client = new Agent(hosts.client.namespace);
    // The listener ends first, so that the connection lingers on its side.
    await client.close(await client.open(target.ipv4, 1111));
    await first.event("probe");
    await first.stop();

    const second = await Guard.start(lab, target.namespace, { after: first, config });

    expect(await client.connect(target.ipv4, 1111)).toBe("open");
    await second.event("probe");
    expect(lossOf(second)).toBeUndefined();
  });

  it.for([
    { what: "soft", limit: "1024:6000", isSkipped: false },
    { what: "hard, by a root that may", limit: "1024:1024", isSkipped: !mayRaiseLimits() },
  ])("may be thousands, up to 65535: the $what limit is raised", async (given, { skip }) => {
    skip(given.isSkipped, "root has no CAP_SYS_RESOURCE here");
    await using lab = await Lab.open();
    const { hosts, target } = await buildNetwork(lab, ["client"]);
    const guard = await Guard.start(lab, target.namespace, {
      prefix: ["prlimit", `--nofile=${given.limit}`],
      config: {
        ...{ TCP_MODE: "connect", TCP_PORTS: "2001-4000,65530-65535" },
        ...{ UDP_MODE: "connect", UDP_PORTS: "2001-2500,65535" },
        ...ONLY_TOLD,
      },
    });
    const client = new Agent(hosts.client.namespace);
    const ports = [2001, 3024, 4000, 65_530, 65_535];

    for (const port of ports) expect(await client.connect(target.ipv4, port)).toBe("open");
    for (const port of [4001, 65_529]) {
      expect(await client.connect(target.ipv6, port)).toBe("refused");
    }
    await client.askByUdp(target.ipv6, 65_535, 1, 50);

    await guard.event("probe", () => portsTold(guard).length > ports.length);
    expect(portsTold(guard).sort()).toEqual(
      [...ports.map((port) => `tcp ${port}`), "udp 65535"].sort(),
    );
    expect(lossOf(guard)).toBeUndefined();
  });

  it("are fewer where the limit cannot be raised, and the rest is named", async () => {
    await using lab = await Lab.open();
    const { hosts, target } = await buildNetwork(lab, ["client"]);
    const guard = await Guard.start(lab, target.namespace, {
      prefix: ["prlimit", "--nofile=1000:1000", ...AS_NOBODY],
      config: { TCP_MODE: "tcp", TCP_PORTS: "2001-4000", UDP_MODE: "", ...ONLY_TOLD },
    });
    const client = new Agent(hosts.client.namespace);

    expect(lossOf(guard)).toMatchObject({
      level: "warning",
      text: "These ports are not listened to: tcp 2601-4000 (too many open files). Raise the limit of open files: ulimit -n, or LimitNOFILE= of the unit.",
    });
    expect(await client.connect(target.ipv4, 2600)).toBe("open");
    expect(await client.connect(target.ipv4, 2601)).toBe("refused");
    await guard.event("probe", ({ port }) => port === 2600);
  });
});
