/**
 * What an operator changes while the shipped units run under a systemd that has booted: a reload, a
 * configuration on trial, names from DNS, and drop-ins for commands that the hardening stops.
 */
import { afterAll, beforeAll, expect, it } from "vitest";
import { Agent } from "../support/agent.ts";
import { BootedSystemd } from "../support/booted-systemd.ts";
import { describeLive } from "../support/live.ts";
import { Lab } from "../support/namespaces.ts";
import { buildNetwork, type Network } from "../support/networks.ts";
import { startNameServer } from "../support/services.ts";
import { waitFor } from "../support/wait-for.ts";

const UNUSED_PORTS = [1001, 1002, 1003, 1004];

const FILE = "/etc/vedette/vedette.conf";

/**
 * Stands for sudo, which not every machine has: it refuses, as sudo does, where it may gain nothing,
 * and runs what it is told as another user, in a session of PAM's.
 */
const SUDO = `#!/bin/sh
grep -q '^NoNewPrivs:[[:space:]]*0$' /proc/self/status || exit 1
test "$1" = -u || exit 2
user=$2; shift 2
exec runuser -u "$user" -- "$@"
`;

/**
 * Stands for mail: a program with the bit of a group, as Postfix has it, that writes into a spool
 * which is that group's; and then gives what it wrote to somebody, as a delivery does.
 */
const MAIL = `#!/bin/sh
/usr/local/libexec/drop /var/spool/vedette-test/message &&
  test "$(stat -c %G /var/spool/vedette-test/message)" = vedette &&
  chown vedette /var/spool/vedette-test/message
`;

/** A folder into which root without capabilities may write nothing. */
const JOURNAL = "/var/lib/vedette/journal";

/** Both, and what every machine has to change its user with. */
const HOOKED = `KILL_RUN_CMD="sudo -u vedette touch ${JOURNAL}/sudo && setpriv --reuid=vedette --clear-groups touch ${JOURNAL}/setpriv && echo $TARGET$ | mail -s scan root"
NFT_BAN="1"
`;

describeLive("an operator of the units", ["unshare", "nsenter", "systemctl"], () => {
  let lab: Lab;
  let network: Network<"scanner" | "second" | "third">;
  let machine: BootedSystemd;

  beforeAll(async () => {
    lab = await Lab.open();
    network = await buildNetwork(lab, ["scanner", "second", "third"]);
    machine = await BootedSystemd.boot(lab, network.target.namespace);
    await machine.run(`echo 'HOLD_TIME="10s"' > ${FILE}`);
    await machine.run("systemctl start vedette", 120_000);
  }, 240_000);
  afterAll(async () => {
    await machine?.[Symbol.asyncDispose]();
    await lab?.[Symbol.asyncDispose]();
  });

  const shown = async (key: string): Promise<string> =>
    machine.run(`vedette status --json | grep -o '"${key}":[^,}]*'`);
  const isActive = async () => (await machine.property("vedette", "ActiveState")) === "active";
  /** When systemd has last seen it go from active to reloading, or back. */
  const changedAt = () => machine.property("vedette", "StateChangeTimestampMonotonic");
  const scan = async (host: "scanner" | "second" | "third"): Promise<void> => {
    const agent = new Agent(network.hosts[host].namespace);
    await agent.connectAll(network.target.ipv4, UNUSED_PORTS, { timeoutMs: 300 });
    const { ipv4 } = network.hosts[host];
    await waitFor(
      `a ban of ${ipv4}`,
      60_000,
      async () => (await machine.exec(`vedette bans | grep ${ipv4}`)).status === 0,
    );
  };

  it("reloads by systemctl: the other file is in force, by the same two processes", async () => {
    const pids = async () => [
      await machine.property("vedette", "MainPID"),
      await machine.property("vedette-guard", "MainPID"),
    ];
    const before = await pids();
    const revision = await shown("config_revision");
    await machine.run(`echo 'HOLD_TIME="11s"' > ${FILE} && systemctl reload vedette`);
    expect(await shown("config_revision")).not.toBe(revision);
    expect(await machine.property("vedette", "ActiveState")).toBe("active");
    expect(await pids()).toEqual(before);
    await machine.run("nft list chain inet vedette hold4 | grep 'timeout 11s'");
  });

  it("tries a file and confirms it: it is the service's own from then on", async () => {
    await machine.run(`echo 'HOLD_TIME="12s"' > /root/new.conf`);
    await machine.run("vedette apply /root/new.conf --confirm 60s");
    await machine.run("nft list chain inet vedette hold4 | grep 'timeout 12s'");
    await machine.run("vedette confirm");
    expect(await machine.run(`cat ${FILE}`)).toBe('HOLD_TIME="12s"\n');
    await waitFor("the end of the reload", 30_000, isActive);
    await machine.run("systemctl restart vedette", 120_000);
    await machine.run("nft list chain inet vedette hold4 | grep 'timeout 12s'");
  });

  it("tries a file and does not confirm it: the former one comes back, and systemd hears of it", async () => {
    await machine.run(`echo 'HOLD_TIME="13s"' > /root/new.conf`);
    const stamps = [await changedAt()];
    await machine.run("vedette apply /root/new.conf --confirm 20s");
    await waitFor("a reload that is over", 30_000, isActive);
    stamps.push(await changedAt());
    await machine.run("nft list chain inet vedette hold4 | grep 'timeout 13s'");
    await waitFor(
      "the former rules",
      60_000,
      async () =>
        (await machine.exec("nft list chain inet vedette hold4 | grep 'timeout 12s'")).status === 0,
    );
    await waitFor("another reload", 30_000, async () => (await changedAt()) !== stamps[1]);
    await waitFor("its end", 30_000, isActive);
    expect(new Set([...stamps, await changedAt()]).size).toBe(3);
    expect(await machine.run(`cat ${FILE}`)).toBe('HOLD_TIME="12s"\n');
    expect(await machine.journal()).toContain("not confirmed in time: the former configuration");
  });

  it("has names looked up by the guard, whose unit lets it ask", async () => {
    const { target, hosts } = network;
    await startNameServer(target.namespace, 0);
    await machine.run("echo nameserver 127.0.0.1 > /tmp/r && cat /tmp/r > /etc/resolv.conf");
    await machine.run(`printf 'RESOLVE_HOST="1"\\nLOG_DIALECT="1.2"\\n' > ${FILE}`);
    await machine.run("systemctl restart vedette", 120_000);
    await scan("scanner");
    const name = `scanner.example.org/${hosts.scanner.ipv4}`;
    await waitFor(`${name} in the journal`, 30_000, async () =>
      (await machine.journal()).includes(`from host: ${name} to TCP port:`),
    );
  });

  it("has commands run by the drop-in that config check prints, and not without it", async () => {
    await machine.run(`cat > /usr/bin/sudo << 'END'\n${SUDO}END\nchmod 755 /usr/bin/sudo`);
    await machine.run(`cat > /usr/bin/mail << 'END'\n${MAIL}END\nchmod 755 /usr/bin/mail`);
    await machine.run(
      "install -D -m 2755 -g vedette /usr/bin/touch /usr/local/libexec/drop && " +
        "install -d -m 0730 -o vedette -g vedette /var/spool/vedette-test",
    );
    await machine.run(`cat > ${FILE} << 'END'\n${HOOKED}END\n`);
    await machine.run("systemctl restart vedette", 120_000);
    await scan("second");
    const { ipv4 } = network.hosts.second;
    await waitFor("the command's failure", 60_000, async () =>
      (await machine.journal()).includes(`command for ${ipv4} failed`),
    );
    expect((await machine.exec(`ls ${JOURNAL}/sudo`)).status).not.toBe(0);

    const advice = JSON.parse(await machine.run("vedette config check --json")) as {
      drop_in: string;
    };
    const folder = "/etc/systemd/system/vedette.service.d";
    await machine.run(
      `mkdir ${folder} && cat > ${folder}/hooks.conf << 'END'\n${advice.drop_in}END\n`,
    );
    expect(JSON.parse(await machine.run("vedette config check --json"))).not.toHaveProperty(
      "drop_in",
    );
    await machine.run("systemctl daemon-reload && systemctl restart vedette", 120_000);
    await scan("third");
    await waitFor("what mail has written", 60_000, async () => {
      const { stdout } = await machine.exec("stat -c %U:%G /var/spool/vedette-test/message");
      return stdout === "vedette:vedette\n";
    });
    for (const by of ["sudo", "setpriv"]) {
      expect(await machine.run(`stat -c %U ${JOURNAL}/${by}`)).toBe("vedette\n");
    }
  });
});
