import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { findServiceLimits, formatDropIn } from "../../src/config/service-limits.ts";
import { ServiceUnit } from "../../src/config/service-unit.ts";
import { usesOf } from "../../src/config/shell-uses.ts";

const SHIPPED = readFileSync("packaging/systemd/vedette.service", "utf8");

function limitsOf(line: string, ...texts: readonly string[]) {
  return findServiceLimits(new ServiceUnit(texts), usesOf(line));
}

const withService = (lines: string): string => `[Service]\n${lines}\n`;

describe("findServiceLimits", () => {
  // What PortSentry's files and guides have in these keys.
  it.each([
    "/sbin/route add -host $TARGET$ reject",
    "/sbin/iptables -I INPUT -s $TARGET$ -j DROP",
    "/usr/sbin/iptables-legacy -I INPUT -s $TARGET$ -j DROP && /sbin/iptables -I INPUT -j LOG",
    "/sbin/ip route add blackhole $TARGET$",
    "nft add element inet filter bad { $TARGET$ }",
    "ipset add bad $TARGET$",
    "logger -t portsentry 'scan of $TARGET$' > /dev/null 2>&1",
    "echo $TARGET$ >> /var/log/portsentry.hosts",
    "echo $TARGET$ >> /var/lib/portsentry/hosts",
    "curl -s https://192.0.2.1/report?a=$TARGET$",
    "fail2ban-client set portsentry banip $TARGET$",
    "echo x >> /etc/hosts.deny",
    "systemctl start alarm.service",
  ])("finds nothing that the shipped unit takes from: %s", (line) => {
    expect(limitsOf(line, SHIPPED)).toEqual([]);
  });

  it.each([
    {
      line: "/home/admin/notify.sh $TARGET$",
      limits: [
        {
          directive: "ProtectHome=yes",
          text: "keeps /home/admin/notify.sh from being seen",
          lifts: ["ProtectHome=read-only"],
        },
      ],
    },
    {
      line: "echo $TARGET$ >> /root/hosts",
      limits: [
        {
          directive: "ProtectHome=yes",
          text: "keeps /root/hosts from being written",
          lifts: ["ProtectHome=no", "ReadWritePaths=/root"],
        },
      ],
    },
    {
      line: "echo $TARGET$ >> /srv/scans/hosts",
      limits: [
        {
          directive: "ProtectSystem=strict",
          text: "keeps /srv/scans/hosts from being written",
          lifts: ["ReadWritePaths=/srv/scans"],
        },
      ],
    },
    {
      line: "touch /tmp/scanned",
      limits: [
        {
          directive: "PrivateTmp=yes",
          text: "makes /tmp/scanned another than the one that others see",
          lifts: ["PrivateTmp=no", "ReadWritePaths=/tmp /var/tmp"],
        },
      ],
    },
    {
      line: "echo -e '\\a' > /dev/tty1",
      limits: [
        {
          directive: "PrivateDevices=yes",
          text: "keeps /dev/tty1 from being seen",
          lifts: ["PrivateDevices=no"],
        },
      ],
    },
    {
      line: "sudo -u bob /usr/bin/true",
      limits: [
        {
          directive: "NoNewPrivileges=yes",
          text: "stops sudo: gives it none of the rights that its file grants",
          lifts: ["NoNewPrivileges=no"],
        },
        {
          directive: "CapabilityBoundingSet",
          text: "stops sudo: it has no CAP_SETUID CAP_SETGID CAP_AUDIT_WRITE",
          lifts: ["CapabilityBoundingSet=CAP_SETUID CAP_SETGID CAP_AUDIT_WRITE"],
        },
        {
          directive: "SystemCallFilter",
          text: "stops sudo: @setuid @resources is not let through",
          lifts: ["SystemCallFilter=@setuid @resources"],
        },
      ],
    },
    {
      line: "setpriv --reuid=bob /usr/bin/true",
      limits: [
        {
          directive: "CapabilityBoundingSet",
          text: "stops setpriv: it has no CAP_SETUID CAP_SETGID",
          lifts: ["CapabilityBoundingSet=CAP_SETUID CAP_SETGID"],
        },
        {
          directive: "SystemCallFilter",
          text: "stops setpriv: @setuid capset is not let through",
          lifts: ["SystemCallFilter=@setuid capset"],
        },
      ],
    },
    {
      line: "modprobe xt_recent",
      limits: [
        {
          directive: "CapabilityBoundingSet",
          text: "stops modprobe: it has no CAP_SYS_MODULE",
          lifts: ["CapabilityBoundingSet=CAP_SYS_MODULE"],
        },
        {
          directive: "SystemCallFilter",
          text: "stops modprobe: @module is not let through",
          lifts: ["SystemCallFilter=@module"],
        },
        {
          directive: "ProtectKernelModules=yes",
          text: "stops modprobe",
          lifts: ["ProtectKernelModules=no"],
        },
      ],
    },
    {
      line: "arping -c 1 $TARGET$",
      limits: [
        {
          directive: "RestrictAddressFamilies",
          text: "stops arping: it may open no AF_PACKET socket",
          lifts: ["RestrictAddressFamilies=AF_PACKET"],
        },
      ],
    },
  ])("finds what the shipped unit takes from: $line", ({ line, limits }) => {
    expect(limitsOf(line, SHIPPED)).toEqual(limits);
  });

  it.each([
    "/home/admin/notify.sh $TARGET$",
    "echo $TARGET$ >> /root/hosts",
    "echo $TARGET$ >> /srv/scans/hosts",
    "touch /tmp/scanned /var/tmp/scanned",
    "echo x > /dev/tty1",
    "echo $TARGET$ | mail -s scan root",
    "sudo -u bob notify",
    "setpriv --reuid=bob notify; runuser -u bob -- notify",
    "ip netns exec a nft list ruleset",
    "sysctl -w net.ipv4.tcp_syncookies=1",
    "tcpdump -c 100 host $TARGET$ -w /home/captures/x",
    "wall scan; renice 5 $$; date -s 0; dmesg; ssh a b; ufw deny from $TARGET$",
  ])("finds no limit any more with the drop-in that it asks for: %s", (line) => {
    const limits = limitsOf(line, SHIPPED);
    expect(limits).not.toEqual([]);
    expect(limitsOf(line, SHIPPED, formatDropIn(limits))).toEqual([]);
  });

  it("finds nothing in a unit that takes nothing away", () => {
    const line = "sudo mail < /home/a > /usr/b; touch /tmp/c; arping x; echo > /dev/tty1";
    expect(limitsOf(line, withService("ExecStart=/usr/bin/vedette guard"))).toEqual([]);
  });

  // The longest folder that a setting names decides.
  it.each([
    { settings: "ProtectSystem=yes", path: "/usr/x", isLimited: true },
    { settings: "ProtectSystem=yes", path: "/etc/x", isLimited: false },
    { settings: "ProtectSystem=full", path: "/etc/x", isLimited: true },
    { settings: "ProtectSystem=full", path: "/etcetera/x", isLimited: false },
    { settings: "ProtectSystem=strict", path: "/proc/sys/x", isLimited: false },
    { settings: "ProtectSystem=strict\nReadWritePaths=-/srv", path: "/srv/a/b", isLimited: false },
    { settings: "ProtectSystem=strict\nReadWritePaths=/srv", path: "/srva/b", isLimited: true },
    {
      settings: "ProtectSystem=strict\nReadWritePaths=/srv\nReadOnlyPaths=/srv/a",
      path: "/srv/a/b",
      isLimited: true,
    },
    { settings: "ProtectSystem=strict\nLogsDirectory=x", path: "/var/log/x/y", isLimited: false },
    {
      settings: "ProtectSystem=strict\nRuntimeDirectory=x",
      path: "/var/run/x/y",
      isLimited: false,
    },
    { settings: "ProtectHome=read-only", path: "/home/x/y", isLimited: true },
    { settings: "ProtectHome=tmpfs", path: "/run/user/1/y", isLimited: true },
  ])("$settings, writing $path: $isLimited", ({ settings, path, isLimited }) => {
    const limits = limitsOf(`touch ${path}`, withService(settings));
    expect(limits.length > 0).toBe(isLimited);
  });
});

describe("formatDropIn", () => {
  it("has each line once, and of two settings of one kind the wider", () => {
    const limits = limitsOf("/home/a; touch /home/b; touch /home/c", SHIPPED);
    expect(formatDropIn(limits)).toBe("[Service]\nProtectHome=no\nReadWritePaths=/home\n");
  });
});
