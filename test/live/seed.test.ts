/** The set-up that people have copied for twenty years, as given, on a machine of its own. */
import { expect, it } from "vitest";
import { Agent } from "../support/agent.ts";
import { forge } from "../support/forge.ts";
import { Guard, type GuardOptions } from "../support/guard.ts";
import { describeLive } from "../support/live.ts";
import { Lab } from "../support/namespaces.ts";
import { buildNetwork, type Network } from "../support/networks.ts";
import { OwnFiles } from "../support/own-files.ts";
import { Portsentry } from "../support/portsentry.ts";
import { VEDETTE } from "../support/programs.ts";
import { startServices } from "../support/services.ts";
import { waitFor } from "../support/wait-for.ts";

const CONFIG = "/etc/portsentry/portsentry.conf";
const BLOCKED = "/var/lib/portsentry/portsentry.blocked";

/** The guide's file, without its comments. */
const SEED = `ADVANCED_PORTS_TCP="1024"
ADVANCED_PORTS_UDP="1024"
ADVANCED_EXCLUDE_TCP="113,139"
ADVANCED_EXCLUDE_UDP="520,138,137,67"
IGNORE_FILE="/etc/portsentry/portsentry.ignore"
HISTORY_FILE="/var/lib/portsentry/portsentry.history"
BLOCKED_FILE="${BLOCKED}"
RESOLVE_HOST = "0"
BLOCK_UDP="1"
BLOCK_TCP="1"
KILL_ROUTE="/sbin/route add -host $TARGET$ reject"
KILL_HOSTS_DENY="ALL: $TARGET$ : DENY"
KILL_RUN_CMD="/sbin/iptables -I INPUT -s $TARGET$ -j DROP && /sbin/iptables -I INPUT -s $TARGET$ -m limit --limit 3/minute --limit-burst 5 -j LOG --log-level debug --log-prefix 'Portsentry: dropping: '"
SCAN_TRIGGER="0"
PORT_BANNER="*** UNAUTHORIZED ACCESS PROHIBITED ***"
`;

/** Lines about one address. */
interface Standing {
  readonly hostsDeny: readonly string[];
  readonly routes: readonly string[];
  readonly rules: readonly string[];
  readonly blocked: readonly string[];
}

const SEED_COMMAND = /^KILL_RUN_CMD="(.*)"$/m.exec(SEED)?.[1] as string;

class Machine {
  readonly files: OwnFiles;
  readonly network: Network<"scanner" | "other">;
  readonly scanner: Agent;
  guard!: Guard;

  private constructor(files: OwnFiles, network: Network<"scanner" | "other">) {
    this.files = files;
    this.network = network;
    this.scanner = new Agent(network.hosts.scanner.namespace);
  }

  static async build(lab: Lab, config = SEED): Promise<Machine> {
    const network = await buildNetwork(lab, ["scanner", "other"]);
    await startServices(network.target.namespace, { tcp: [2222] });
    const files = OwnFiles.make(lab);
    files.write(CONFIG, config);
    files.write("/etc/portsentry/portsentry.ignore", "");
    files.write("/etc/portsentry/portsentry.ignore.static", "127.0.0.1/32\n");
    files.write("/etc/default/portsentry", 'TCP_MODE="atcp"\nUDP_MODE="audp"\n');
    return new Machine(files, network);
  }

  async start(lab: Lab, options: GuardOptions = {}): Promise<Guard> {
    this.guard = await Guard.start(lab, this.network.target.namespace, {
      prefix: this.files.prefix,
      args: ["-c", CONFIG, "--set", "LOG_FORMAT=json", "--set", "LOG_DIALECT=vedette"],
      ...options,
    });
    return this.guard;
  }

  /** What shuts `address` out: hosts.deny, routes, and rules, in the words of each. */
  async standing(address: string = this.network.hosts.scanner.ipv4): Promise<Standing> {
    const { namespace } = this.network.target;
    const linesOf = (text: string) => text.split("\n").filter((line) => line.includes(address));
    return {
      hostsDeny: linesOf(this.files.read("/etc/hosts.deny")),
      routes: linesOf(await namespace.run("ip", ["route", "show"])).map((line) => line.trim()),
      rules: linesOf(await namespace.run("iptables", ["-S", "INPUT"])),
      blocked: linesOf(this.files.read(`${BLOCKED}.atcp`) + this.files.read(`${BLOCKED}.audp`)),
    };
  }

  /** Waits: the blocked file is written once a second. */
  async standingIn(what: string, isThere: boolean, address?: string): Promise<Standing> {
    return (await waitFor(what, 30_000, async () => {
      const standing = await this.standing(address);
      const counts = Object.values(standing).map((lines) => lines.length);
      return counts.every((count) => count > 0 === isThere) ? standing : undefined;
    })) as Standing;
  }
}

const NOTHING: Standing = { hostsDeny: [], routes: [], rules: [], blocked: [] };

describeLive("the seed's set-up", ["iptables", "nmap", "route", "unshare"], () => {
  it("answers one SYN to 445 with its three in their order, and unban leaves none of them", async () => {
    await using lab = await Lab.open();
    const machine = await Machine.build(lab);
    const guard = await machine.start(lab);
    const { ipv4 } = machine.network.hosts.scanner;

    await machine.scanner.connect(machine.network.target.ipv4, 445);

    const standing = await machine.standingIn("what the seed does", true);
    expect(standing).toEqual({
      hostsDeny: [`ALL: ${ipv4} : DENY`],
      routes: [`unreachable ${ipv4} scope host`],
      rules: [
        `-A INPUT -s ${ipv4}/32 -m limit --limit 3/min -j LOG --log-prefix "Portsentry: dropping: " --log-level 7`,
        `-A INPUT -s ${ipv4}/32 -j DROP`,
      ],
      blocked: [expect.stringMatching(new RegExp(`Host: ${ipv4}/${ipv4} Port: 445 TCP Blocked$`))],
    });
    const done = guard.events("respond").map(({ response, status }) => `${response} ${status}`);
    expect(done).toEqual(["hosts-deny applied", "route applied", "command applied"]);
    expect(await guard.banned(ipv4)).toMatchObject({
      until: null,
      means: ["hosts-deny", "route", "command"],
    });
    expect(await machine.scanner.connect(machine.network.target.ipv4, 2222)).toBe("silent");
    // What a rule with LOG counts, the kernel logs.
    const counted = await machine.network.target.namespace.run("iptables", ["-nvxL", "INPUT"]);
    expect(counted).toMatch(/^ +[1-9]\d* .* LOG .* prefix "Portsentry: dropping: "/m);

    await guard.ask("unban", ipv4);

    expect(await machine.standingIn("nothing of it", false)).toEqual(NOTHING);
    expect(await guard.bans()).toEqual([]);
    expect(await machine.scanner.connect(machine.network.target.ipv4, 2222)).toBe("open");
  });

  it("does the same under portsentry -atcp and portsentry -audp, for both transports", async () => {
    await using lab = await Lab.open();
    const machine = await Machine.build(lab);
    const { target, hosts } = machine.network;
    const portsentry = await Portsentry.prepareWith(lab, target.namespace, machine.files.prefix);
    for (const word of ["-atcp", "-audp"]) {
      expect(await portsentry.run(word)).toMatchObject({ status: 0, stderr: "" });
    }
    const { ipv4 } = hosts.scanner;
    const { ipv4: other } = hosts.other;

    await machine.scanner.connect(target.ipv4, 445);
    await hosts.other.namespace.run("nmap", ["-n", "-Pn", "-sU", "-p", "161", target.ipv4]);

    const standing = await machine.standingIn("what the seed does for TCP", true);
    expect([standing.hostsDeny.length, standing.routes.length, standing.rules.length]).toEqual([
      1, 1, 2,
    ]);
    expect((await machine.standingIn("and for UDP", true, other)).blocked).toEqual([
      expect.stringMatching(/Port: 161 UDP Blocked$/),
    ]);
    for (const address of [ipv4, other]) {
      expect(await portsentry.vedette("unban", address)).toMatchObject({ status: 0 });
      expect(await machine.standingIn("nothing of it", false, address)).toEqual(NOTHING);
    }
    await portsentry.end("-audp");
    await portsentry.end("-atcp");
  });

  it("keeps its bans over a restart, does nothing twice, and undoes them without a guard", async () => {
    await using lab = await Lab.open();
    const machine = await Machine.build(lab);
    const guard = await machine.start(lab);
    const { ipv4 } = machine.network.hosts.scanner;
    await machine.scanner.connect(machine.network.target.ipv4, 445);
    const before = await machine.standingIn("what the seed does", true);

    await guard.stop();
    const again = await machine.start(lab, { after: guard });
    expect(await again.banned(ipv4)).toMatchObject({ means: ["hosts-deny", "route", "command"] });
    await waitFor("the blocked file to be renewed", 30_000, async () => {
      return (await machine.standing()).blocked.length === 1;
    });
    expect(await machine.standing()).toEqual(before);

    await again.stop();
    const { namespace } = machine.network.target;
    const folders = ["--run", `${again.folder}/run`, "--state", `${again.folder}/state`];
    const [program = "", ...words] = [...machine.files.prefix, VEDETTE, ...folders];
    const bans = await namespace.run(program, [...words, "bans", "--json"]);
    expect(JSON.parse(bans)).toMatchObject([{ address: ipv4, in_force: true }]);
    await namespace.run(program, [...words, "unban", ipv4]);
    expect(await machine.standing()).toEqual(NOTHING);
  });

  it("takes over other responses by a reload, and still undoes what the old ones did", async () => {
    await using lab = await Lab.open();
    const machine = await Machine.build(lab);
    const guard = await machine.start(lab);
    const { target, hosts } = machine.network;
    const { ipv4: other } = hosts.other;
    await machine.scanner.connect(target.ipv4, 445);
    await machine.standingIn("what the seed does", true);

    const changed = SEED.replace(/^KILL_(ROUTE|RUN_CMD)=.*$/gm, "").replace(
      /^BLOCKED_FILE=.*$/m,
      "",
    );
    machine.files.write(CONFIG, `${changed}NFT_BAN="0"\n`);
    await guard.ask("reload");
    await hosts.other.namespace.run("nmap", ["-n", "-Pn", "-sS", "-p", "445", target.ipv4]);

    expect(await guard.banned(other)).toMatchObject({ means: ["hosts-deny"] });
    expect(await machine.standing(other)).toEqual({
      ...NOTHING,
      hostsDeny: [`ALL: ${other} : DENY`],
    });
    await guard.ask("unban", hosts.scanner.ipv4);
    const { blocked: _, ...left } = await machine.standing();
    expect(left).toEqual({ hostsDeny: [], routes: [], rules: [] });
  });

  it("finds what an earlier PortSentry has left, lists it, and unban removes it", async () => {
    await using lab = await Lab.open();
    const machine = await Machine.build(lab);
    const { namespace } = machine.network.target;
    const { ipv4 } = machine.network.hosts.scanner;
    const { ipv4: other } = machine.network.hosts.other;
    // Twice, as PortSentry does after each of its restarts.
    machine.files.write("/etc/hosts.deny", `ALL: ${ipv4} : DENY\nALL: ${ipv4} : DENY\n# mine\n`);
    machine.files.write(
      `${BLOCKED}.atcp`,
      `1795354999 - 11/22/2026 13:43:19 Host: ${ipv4}/${ipv4} Port: 11 TCP Blocked\n`,
    );
    await namespace.run("route", ["add", "-host", ipv4, "reject"]);
    // A rule of the administrator's own, of which the seed's command would have made two.
    await namespace.run("iptables", ["-A", "INPUT", "-s", "203.0.113.77", "-j", "DROP"]);
    await namespace.run("route", ["add", "-host", other, "reject"]);
    for (let run = 0; run < 2; run += 1) {
      const command = SEED_COMMAND.replaceAll("$TARGET$", ipv4);
      await namespace.run("sh", ["-c", command]);
    }

    const guard = await machine.start(lab);

    const listed = await guard.bans();
    expect(listed.map(({ address, origin, means }) => ({ address, origin, means }))).toEqual([
      { address: ipv4, origin: "unknown", means: ["hosts-deny", "route", "command"] },
      { address: other, origin: "unknown", means: ["route"] },
    ]);
    expect(listed[0]?.since).toBe(new Date(1_795_354_999_000).toISOString());

    await guard.ask("unban", ipv4);
    // Somebody else may have made it: only its name ends it.
    await guard.ask("unban", "--all");
    expect((await guard.bans()).map(({ address }) => address)).toEqual([other]);
    await guard.ask("unban", other);

    expect(await guard.bans()).toEqual([]);
    expect(await machine.standingIn("nothing of the other", false, other)).toEqual(NOTHING);
    expect(await machine.standingIn("nothing of it", false)).toEqual(NOTHING);
    expect(machine.files.read("/etc/hosts.deny")).toBe("# mine\n");
  });

  it("says so when a hook fails, hangs or does not exist, records no block by it, and goes on", async () => {
    await using lab = await Lab.open();
    const config = SEED.replace(/^KILL_ROUTE=.*$/m, 'KILL_ROUTE="/no/such/route add $TARGET$"')
      .replace(/^KILL_RUN_CMD=.*$/m, 'KILL_RUN_CMD="sleep 60; echo $TARGET$"\nHOOK_TIMEOUT="1s"')
      .replace(/^KILL_HOSTS_DENY=.*$/m, "");
    const machine = await Machine.build(lab, config);
    const guard = await machine.start(lab);
    const { ipv4 } = machine.network.hosts.scanner;

    await machine.scanner.connect(machine.network.target.ipv4, 445);

    await guard.event("failed", ({ address }) => address === ipv4);
    // Each response has a line of its own after that one; this is the last.
    await guard.event("respond", ({ text }) => text.includes("command"));
    const failures = guard.events("respond").map(({ text }) => text);
    expect(failures).toEqual([
      expect.stringContaining("route failed (exit status 127 (not found)"),
      expect.stringContaining("command failed (did not end within 1000 ms and was killed)"),
    ]);
    expect(await guard.bans()).toEqual([]);
    expect(machine.files.read(`${BLOCKED}.atcp`)).toBe("");
    await guard.problem("hook-failed");
    expect(await machine.scanner.connect(machine.network.target.ipv4, 2222)).toBe("open");
  });

  it("stops at once although names of the ignore file are still being looked up", async () => {
    await using lab = await Lab.open();
    const machine = await Machine.build(lab);
    // The router swallows what is sent to an address that nobody has.
    machine.files.write("/etc/resolv.conf", "nameserver 203.0.113.250\n");
    machine.files.write("/etc/portsentry/portsentry.ignore", "friend.example.net\n");
    const guard = await machine.start(lab);
    expect((await guard.stop()).status).toBe(0);
  });

  it("is not delayed in its detection by hooks that take long", async () => {
    await using lab = await Lab.open();
    const config = SEED.replace(/^KILL_(ROUTE|HOSTS_DENY)=.*$/gm, "").replace(
      /^KILL_RUN_CMD=.*$/m,
      'KILL_RUN_CMD="sleep 3; echo $TARGET$"',
    );
    const machine = await Machine.build(lab, config);
    const { namespace } = machine.network.hosts.scanner;
    const extra = [101, 102, 103].map((last) =>
      machine.network.hosts.scanner.ipv4.replace(/\d+$/, `${last}`),
    );
    await namespace.configure(extra.map((address) => `addr add ${address}/24 dev eth0`));
    const guard = await machine.start(lab);
    const sources = [machine.network.hosts.scanner.ipv4, ...extra];

    for (const source of sources) {
      await machine.scanner.connect(machine.network.target.ipv4, 445, { from: source });
    }
    for (const source of sources) {
      await guard.event("verdict", ({ source: told }) => told === source);
    }
    // All four were told before the first hook had ended.
    expect(guard.events("respond")).toEqual([]);
    for (const source of sources) await guard.banned(source, 20_000);
  });
});

describeLive("SCAN_TRIGGER as PortSentry counts it", [], () => {
  it("tells all of 5,000 sources at their third hit, in turns, where 1.2 tells none", async () => {
    await using lab = await Lab.open();
    const config = SEED.replace('SCAN_TRIGGER="0"', 'SCAN_TRIGGER="3"').replace(
      /^BLOCK_(UDP|TCP)=.*$/gm,
      'BLOCK_$1="0"',
    );
    const machine = await Machine.build(lab, config);
    const guard = await machine.start(lab);
    const { target, hosts } = machine.network;
    const forgery = { from: "10.20.0.1", sources: 5000, to: target.ipv4, ports: [445] };

    // The way there is known, so that no router drops what waits for an answer to ARP.
    expect(await machine.scanner.connect(target.ipv4, 2222)).toBe("open");
    await forge(hosts.scanner.namespace, { ...forgery, repeats: 2, perSecond: 5000 });
    await waitFor("10,000 probes", 30_000, async () => (await guard.status()).probes >= 10_000);
    expect(await guard.status()).toMatchObject({ verdicts: 0, lost: 0, unlogged: 0 });

    await forge(hosts.scanner.namespace, { ...forgery, perSecond: 5000 });
    await waitFor("15,000 probes", 30_000, async () => (await guard.status()).probes >= 15_000);
    expect(await guard.status()).toMatchObject({ verdicts: 5000, lost: 0, unlogged: 0 });
  });
});
