/** Debian's own readers of PortSentry's files: fail2ban's stock filter and logwatch's script. */
import { expect, it } from "vitest";
import { unpackDebianPackage } from "../support/debian-package.ts";
import { describeLive } from "../support/live.ts";
import { Lab } from "../support/namespaces.ts";
import { buildNetwork } from "../support/networks.ts";
import { OwnFiles } from "../support/own-files.ts";
import { PORTSENTRY } from "../support/programs.ts";
import { Syslog } from "../support/syslog.ts";
import { waitFor } from "../support/wait-for.ts";

const CONFIG = "/etc/portsentry/portsentry.conf";
const HISTORY = "/var/lib/portsentry/portsentry.history";

/** As Debian ships it, but for BLOCK_TCP, and without a route that would cut the hosts off. */
const FILE = `ADVANCED_PORTS_TCP="1024"
ADVANCED_EXCLUDE_TCP="113,139"
IGNORE_FILE="/etc/portsentry/portsentry.ignore"
HISTORY_FILE="${HISTORY}"
BLOCKED_FILE="/var/lib/portsentry/portsentry.blocked"
BLOCK_TCP="1"
BLOCK_UDP="0"
KILL_HOSTS_DENY="ALL: $TARGET$ : DENY"
SCAN_TRIGGER="0"
`;

const HOSTS = ["one", "two", "three", "trusted"] as const;

describeLive(
  "Debian's readers of PortSentry's logs",
  ["nmap", "unshare", "perl", "python3"],
  () => {
    it("fail2ban's stock filter finds every banned source, and logwatch names them", async ({
      skip,
    }) => {
      await using lab = await Lab.open();
      const fail2ban = unpackDebianPackage("fail2ban", lab.folder);
      const logwatch = unpackDebianPackage("logwatch", lab.folder);
      if (fail2ban === undefined || logwatch === undefined) {
        skip("Debian's packages cannot be downloaded here");
        return;
      }
      const network = await buildNetwork(lab, HOSTS);
      const { target, hosts } = network;
      const syslog = await Syslog.start(lab, target.namespace);
      const files = OwnFiles.make(lab);
      files.write(CONFIG, FILE);
      files.write("/etc/portsentry/portsentry.ignore", `${hosts.trusted.ipv4}\n`);
      const words = [...syslog.prefix, ...files.prefix, PORTSENTRY, "-atcp", "--foreground"];
      const [program = "", ...args] = words;
      const guard = target.namespace.spawn(program, args, {
        env: {
          VEDETTE_RUN_DIR: `${files.folder}/run`,
          VEDETTE_STATE_DIR: `${files.folder}/state`,
        },
      });
      await waitFor(
        () => `readiness; there is: ${guard.output}${syslog.texts.join("\n")}`,
        30_000,
        () => syslog.texts.some((text) => text.endsWith("active and listening.")),
      );

      const scan = [
        "-n",
        "-Pn",
        "--max-retries",
        "0",
        "--host-timeout",
        "20s",
        "-sS",
        "-p",
        "11,15",
      ];
      for (const name of ["trusted", "one", "two", "three"] as const) {
        await hosts[name].namespace.run("nmap", [...scan, target.ipv4]);
      }
      const banned = [hosts.one.ipv4, hosts.two.ipv4, hosts.three.ipv4];
      await waitFor("a line for the last of them", 30_000, () =>
        files.read(HISTORY).includes(hosts.three.ipv4),
      );
      await guard.stop();

      // Both run as they are, on files of their own.
      const historyPath = `${files.folder}/lib/portsentry/portsentry.history`;
      const regex = await target.namespace.run("env", [
        `PYTHONPATH=${fail2ban}/usr/lib/python3/dist-packages`,
        ...["python3", `${fail2ban}/usr/bin/fail2ban-regex`, "-c", `${fail2ban}/etc/fail2ban`],
        ...["-o", "ip", historyPath, `${fail2ban}/etc/fail2ban/filter.d/portsentry.conf`],
      ]);
      expect(regex.split("\n").filter(Boolean).sort()).toEqual([...banned].sort());

      const report = target.namespace.spawn("perl", [
        ...["-I", `${logwatch}/usr/share/logwatch/lib`],
        `${logwatch}/usr/share/logwatch/scripts/services/portsentry`,
      ]);
      report.write(syslog.texts.map((text) => `${text}\n`).join(""));
      report.end();
      const { stdout } = await report.ended;
      for (const address of banned) {
        expect(stdout).toMatch(new RegExp(`^ +${address}: ports: 11`, "m"));
        expect(stdout).toContain(`Blocked route from/to ${address}`);
      }
      expect(stdout).not.toContain(hosts.trusted.ipv4);
    });
  },
);
