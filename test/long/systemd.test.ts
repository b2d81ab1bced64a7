/** The shipped units under a systemd that has booted: what they may do, and what ends them. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { Agent } from "../support/agent.ts";
import { BootedSystemd } from "../support/booted-systemd.ts";
import { describeLive } from "../support/live.ts";
import { Lab } from "../support/namespaces.ts";
import { buildNetwork, type Network } from "../support/networks.ts";
import { waitFor } from "../support/wait-for.ts";

const UNUSED_PORTS = [1001, 1002, 1003, 1004];

/** What PortSentry's files have in these keys, in one. */
const HOOKS = `KILL_HOSTS_DENY="ALL: $TARGET$"
KILL_ROUTE="/sbin/ip route add unreachable $TARGET$"
KILL_RUN_CMD="iptables -A INPUT -s $TARGET$ -j DROP && iptables-legacy -A INPUT -s $TARGET$ -j DROP"
NFT_BAN="1"
`;

/** CAP_NET_BIND_SERVICE (10), CAP_NET_ADMIN (12) and CAP_NET_RAW (13) of linux/capability.h. */
const BROKERS_CAPABILITIES = (1 << 10) | (1 << 12) | (1 << 13);

const UNITS = ["vedette.service", "vedette-guard.service", "vedette-guard.socket"];

describeLive("the units under systemd", ["unshare", "nsenter", "systemctl"], () => {
  let lab: Lab;
  let network: Network<"scanner">;
  let machine: BootedSystemd;

  beforeAll(async () => {
    lab = await Lab.open();
    network = await buildNetwork(lab, ["scanner"]);
    machine = await BootedSystemd.boot(lab, network.target.namespace);
    await machine.run(`cat > /etc/vedette/vedette.conf << 'END'\n${HOOKS}END\n`);
    await machine.run("systemctl start vedette", 120_000);
  }, 240_000);
  afterAll(async () => {
    await machine?.[Symbol.asyncDispose]();
    await lab?.[Symbol.asyncDispose]();
  });

  const capabilitiesOf = async (unit: string): Promise<number> => {
    const pid = await machine.property(unit, "MainPID");
    const mask = await machine.run(`sed -n 's/^CapBnd:\\s*//p' /proc/${pid}/status`);
    return Number.parseInt(mask, 16);
  };

  it("guard when systemctl start comes back, each half with what it needs", async () => {
    expect(await machine.property("vedette", "StatusText")).toBe("Guarding.");
    await machine.run("nft list table inet vedette");
    expect(await capabilitiesOf("vedette")).toBe(BROKERS_CAPABILITIES);
    expect(await capabilitiesOf("vedette-guard")).toBe(0);
    expect(await machine.property("vedette-guard", "User")).toBe("vedette");
  });

  it("ban a scanner, and do all that PortSentry's keys ask for", async () => {
    const { ipv4 } = network.hosts.scanner;
    const scanner = new Agent(network.hosts.scanner.namespace);
    await scanner.connectAll(network.target.ipv4, UNUSED_PORTS, { timeoutMs: 300 });
    await waitFor(
      "all responses",
      60_000,
      async () =>
        (await machine.exec(`vedette bans | grep ${ipv4} | grep hosts-deny`)).status === 0,
    );
    await waitFor(
      `iptables, after\n${await machine.journal()}`,
      30_000,
      async () => (await machine.exec(`iptables-legacy -S | grep ${ipv4}`)).status === 0,
    );
    await machine.run(`iptables -S | grep ${ipv4}`);
    await machine.run(`ip route | grep 'unreachable ${ipv4}'`);
    await machine.run(`grep -x 'ALL: ${ipv4}' /etc/hosts.deny`);
    await machine.run(`nft list set inet vedette banned4 | grep ${ipv4}`);
  });

  it("refuse a bad file at a reload, and go on with the old one", async () => {
    await machine.run("cp /etc/vedette/vedette.conf /tmp/good");
    await machine.run("echo 'SCAN_TRIGGER=\"-1\"' >> /etc/vedette/vedette.conf");
    expect((await machine.exec("systemctl reload vedette")).status).not.toBe(0);
    expect(await machine.property("vedette", "ActiveState")).toBe("active");
    await machine.run("cp /tmp/good /etc/vedette/vedette.conf && systemctl reload vedette");
  });

  it("answer on loopback whoever has the token, which root and the group may read", async () => {
    await machine.run("echo 'API_LISTEN=\"127.0.0.1:9847\"' >> /etc/vedette/vedette.conf");
    await machine.run("systemctl reload vedette");
    const token = "/var/lib/vedette/api.token";
    expect((await machine.run(`stat -c '%U:%G %a' ${token}`)).trim()).toBe("root:vedette 640");
    const lines =
      "GET /v1/status HTTP/1.0\\r\\nHost: localhost\\r\\nAuthorization: Bearer %s\\r\\n\\r\\n";
    const ask = `exec 3<>/dev/tcp/127.0.0.1/9847; printf '${lines}' $(cat ${token}) >&3; head -1 <&3`;
    await waitFor("its answer", 60_000, async () => {
      const { stdout } = await machine.exec(`bash -c "${ask}"`);
      return /^HTTP\/1\.[01] 200 /.test(stdout);
    });
  });

  it("start a guard again that is stuck, and leave the broker alone", async () => {
    const broker = await machine.property("vedette", "MainPID");
    const guard = await machine.property("vedette-guard", "MainPID");
    await machine.run(`kill -STOP ${guard}`);
    await waitFor("another guard", 120_000, async () => {
      const pid = await machine.property("vedette-guard", "MainPID");
      return pid !== guard && pid !== "0" && (await machine.property("vedette", "StatusText"));
    });
    await waitFor(
      "its readiness",
      60_000,
      async () => (await machine.property("vedette-guard", "ActiveState")) === "active",
    );
    expect(await machine.property("vedette", "MainPID")).toBe(broker);
  });

  it("start the broker again that is stuck, with a guard and the bans", async () => {
    const broker = await machine.property("vedette", "MainPID");
    await machine.run(`kill -STOP ${broker}`);
    await waitFor("another broker", 180_000, async () => {
      const pid = await machine.property("vedette", "MainPID");
      const state = await machine.property("vedette", "ActiveState");
      return pid !== broker && state === "active";
    });
    await machine.run(`vedette bans | grep ${network.hosts.scanner.ipv4}`);
  });

  it("end together, and leave the bans", async () => {
    await machine.run("systemctl stop vedette", 120_000);
    const states = UNITS.map((unit) => machine.property(unit, "ActiveState"));
    expect(await Promise.all(states)).toEqual(UNITS.map(() => "inactive"));
    await machine.run(`nft list set inet vedette banned4 | grep ${network.hosts.scanner.ipv4}`);
  });
});
