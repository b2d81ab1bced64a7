import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { expandTemplate } from "../../../src/broker/executors/command-template.ts";
import {
  inverseCommand,
  partsWithoutInverse,
  shapesOf,
} from "../../../src/broker/executors/inverse-command.ts";
import { prefix } from "../fakes.ts";

/** Each form of PortSentry's sample file, and those that people use today. */
const KNOWN = [
  // The sample file's routes.
  ["/sbin/route add $TARGET$ 192.0.2.254", "/sbin/route del $TARGET$ 192.0.2.254"],
  [
    "/sbin/route add -host $TARGET$ gw 192.0.2.254",
    "/sbin/route del -host $TARGET$ gw 192.0.2.254",
  ],
  ["/sbin/route add -host $TARGET$ reject", "/sbin/route del -host $TARGET$ reject"],
  ["/usr/sbin/route add $TARGET$ 192.0.2.254 1", "/usr/sbin/route del $TARGET$ 192.0.2.254 1"],
  ["/usr/etc/route add $TARGET$ 127.0.0.1 1", "/usr/etc/route del $TARGET$ 127.0.0.1 1"],
  [
    "route add -net $TARGET$ -netmask 255.255.255.255 127.0.0.1 -blackhole",
    "route del -net $TARGET$ -netmask 255.255.255.255 127.0.0.1 -blackhole",
  ],
  [
    "/sbin/route add -host -blackhole $TARGET$ 127.0.0.1",
    "/sbin/route del -host -blackhole $TARGET$ 127.0.0.1",
  ],
  [
    "/usr/sbin/route add net $TARGET$ netmask 255.255.255.0 127.0.0.1",
    "/usr/sbin/route del net $TARGET$ netmask 255.255.255.0 127.0.0.1",
  ],
  // The sample file's filters.
  ["/sbin/ipfwadm -I -i deny -S $TARGET$ -o", "/sbin/ipfwadm -I -d deny -S $TARGET$ -o"],
  ["/sbin/ipfwadm -I -i deny -S $TARGET$", "/sbin/ipfwadm -I -d deny -S $TARGET$"],
  [
    "/sbin/ipchains -I input -s $TARGET$ -j DENY -l",
    "/sbin/ipchains -D input -s $TARGET$ -j DENY -l",
  ],
  ["/sbin/ipchains -I input -s $TARGET$ -j DENY", "/sbin/ipchains -D input -s $TARGET$ -j DENY"],
  ["/sbin/iptables -I INPUT -s $TARGET$ -j DROP", "/sbin/iptables -D INPUT -s $TARGET$ -j DROP"],
  [
    "/sbin/iptables -I INPUT -s $TARGET$ -j DROP && /sbin/iptables -I INPUT -s $TARGET$ -m limit --limit 3/minute --limit-burst 5 -j LOG --log-level debug --log-prefix 'Portsentry: dropping: '",
    "/sbin/iptables -D INPUT -s $TARGET$ -m limit --limit 3/minute --limit-burst 5 -j LOG --log-level debug --log-prefix 'Portsentry: dropping: '; /sbin/iptables -D INPUT -s $TARGET$ -j DROP",
  ],
  // Others of the same programs.
  ["route -A inet6 add $TARGET$/128 reject", "route -A inet6 del $TARGET$/128 reject"],
  ["route -6 add $TARGET$ reject", "route -6 del $TARGET$ reject"],
  ["ip route add blackhole $TARGET$", "ip route del blackhole $TARGET$"],
  ["/sbin/ip -6 r a prohibit $TARGET$/128", "/sbin/ip -6 r del prohibit $TARGET$/128"],
  ["ip route add $TARGET$ via 192.0.2.254", "ip route del $TARGET$ via 192.0.2.254"],
  [
    "ip -family inet ro add blackhole $TARGET$ table 7",
    "ip -family inet ro del blackhole $TARGET$ table 7",
  ],
  ["ip rule add from $TARGET$ blackhole", "ip rule del from $TARGET$ blackhole"],
  ["iptables -A INPUT -s $TARGET$ -j DROP", "iptables -D INPUT -s $TARGET$ -j DROP"],
  ["iptables -I INPUT 3 -s $TARGET$ -j DROP", "iptables -D INPUT -s $TARGET$ -j DROP"],
  [
    "iptables -w 5 -t raw -I PREROUTING -s $TARGET$ -j DROP",
    "iptables -w 5 -t raw -D PREROUTING -s $TARGET$ -j DROP",
  ],
  ["iptables --insert INPUT 1 -s $TARGET$ -j DROP", "iptables -D INPUT -s $TARGET$ -j DROP"],
  ["ip6tables --append INPUT -s $TARGET$ -j DROP", "ip6tables -D INPUT -s $TARGET$ -j DROP"],
  [
    "iptables-legacy -I INPUT ! -s $TARGET$ -j ACCEPT",
    "iptables-legacy -D INPUT ! -s $TARGET$ -j ACCEPT",
  ],
  [
    "iptables -I INPUT -s $TARGET$ -p tcp --dport $PORT$ -j DROP",
    "iptables -D INPUT -s $TARGET$ -p tcp --dport $PORT$ -j DROP",
  ],
  ["nft add element inet f bad { $TARGET$ }", "nft delete element inet f bad { $TARGET$ }"],
  [
    "nft add element inet f bad '{ $TARGET$ timeout 1h }'",
    "nft delete element inet f bad '{ $TARGET$ timeout 1h }'",
  ],
  ["nft add element inet f bad \\{ $TARGET$ \\}", "nft delete element inet f bad \\{ $TARGET$ \\}"],
  ["nft 'add element inet f bad { $TARGET$ }'", "nft 'delete element inet f bad { $TARGET$ }'"],
  ["ipset add bad $TARGET$", "ipset del bad $TARGET$"],
  ["ipset -exist add bad $TARGET$ timeout 3600", "ipset -exist del bad $TARGET$"],
  ["/usr/sbin/ipset -A bad $TARGET$", "/usr/sbin/ipset del bad $TARGET$"],
  ["ipset add bad $TARGET$,tcp:$PORT$ -exist", "ipset del bad $TARGET$,tcp:$PORT$"],
  [
    "ip route add blackhole $TARGET$; ipset add bad $TARGET$",
    "ipset del bad $TARGET$; ip route del blackhole $TARGET$",
  ],
] as const;

const UNKNOWN = [
  // The sample file: every rule of number 1 would go; a pipe.
  "/sbin/ipfw add 1 deny all from $TARGET$:255.255.255.255 to any",
  "/bin/echo 'block in log on eth0 from $TARGET$/32 to any' | /sbin/ipf -f -",
  "/some/path/here/script $TARGET$ $PORT$ $MODE$",
  "/bin/true",
  "/bin/true $TARGET$",
  "",
  // Does the same for everybody.
  "iptables -I INPUT -j DROP",
  "ip route add default via 192.0.2.1",
  // Loses what was there before, or adds nothing.
  "ip route replace blackhole $TARGET$",
  "ip route change blackhole $TARGET$",
  "ip route del blackhole $TARGET$",
  "ip route show $TARGET$",
  "ip addr add $TARGET$ dev eth0",
  "ip link set $TARGET$ down",
  "ip",
  "ip route",
  "ip -batch $TARGET$",
  "route del -host $TARGET$ reject",
  "route -n $TARGET$",
  "route add -host $TARGET$ add",
  "route $TARGET$ add",
  "iptables -D INPUT -s $TARGET$ -j DROP",
  "iptables -R INPUT 1 -s $TARGET$ -j DROP",
  "iptables -F $TARGET$",
  "iptables -N $TARGET$",
  "iptables -I",
  "iptables -I INPUT -s $TARGET$ -A OUTPUT",
  "iptables -I INPUT -s $TARGET$ -c 1 1 -j DROP",
  "iptables -s $TARGET$ -j DROP",
  "iptables-restore $TARGET$",
  "nft add rule inet f input ip saddr $TARGET$ drop",
  "nft add element inet f bad { $TARGET$, 192.0.2.9 }",
  "nft 'add element inet f bad { $TARGET$ }; flush ruleset'",
  "nft -f $TARGET$",
  "nft",
  "ipset del bad $TARGET$",
  "ipset create $TARGET$ hash:ip",
  "ipset add $TARGET$",
  "ipfwadm -F -p $TARGET$",
  // What is not simple.
  "iptables -I INPUT -s $TARGET$ -j DROP || true",
  "iptables -I INPUT -s $TARGET$ -j DROP &",
  "iptables -I INPUT -s $TARGET$ -i $IFACE -j DROP",
  "iptables -I INPUT -s $(echo $TARGET$) -j DROP",
  "iptables -I INPUT -s `echo $TARGET$` -j DROP",
  "iptables -I INPUT -s $TARGET$ -j DROP | cat",
  "(iptables -I INPUT -s $TARGET$ -j DROP)",
  "{ iptables -I INPUT -s $TARGET$ -j DROP; }",
  "! iptables -I INPUT -s $TARGET$ -j DROP",
  "if true; then iptables -I INPUT -s $TARGET$ -j DROP; fi",
  "PATH=/x iptables -I INPUT -s $TARGET$ -j DROP",
  "sudo iptables -I INPUT -s $TARGET$ -j DROP",
  "iptables -I INPUT -s $TARGET$ -j LOG --log-prefix 'open",
];

/** Lines of which a part is known: the line, its undo, and what is not undone. */
const PARTLY = [
  [
    "iptables -I INPUT -s $TARGET$ -j DROP && mail -s $TARGET$ root",
    "iptables -D INPUT -s $TARGET$ -j DROP",
    ["mail -s $TARGET$ root"],
  ],
  [
    "iptables -I INPUT -s $TARGET$ -j DROP; echo $TARGET$ | mail root; ipset add bad $TARGET$",
    "ipset del bad $TARGET$; iptables -D INPUT -s $TARGET$ -j DROP",
    ["echo $TARGET$ | mail root"],
  ],
  [
    "sleep 4; /sbin/iptables -I INPUT -s $TARGET$ -j DROP; echo '$TARGET$; x' >> /run/list",
    "/sbin/iptables -D INPUT -s $TARGET$ -j DROP",
    ["sleep 4", "echo '$TARGET$; x' >> /run/list"],
  ],
  // The same for everybody, and for whoever has come by that port.
  [
    "iptables -I INPUT -s $TARGET$ -j DROP && iptables -I INPUT -p tcp --dport $PORT$ -j DROP",
    "iptables -D INPUT -s $TARGET$ -j DROP",
    ["iptables -I INPUT -p tcp --dport $PORT$ -j DROP"],
  ],
  // Where the output goes does not matter.
  [
    "iptables -I INPUT -s $TARGET$ -j DROP > /dev/null 2>&1",
    "iptables -D INPUT -s $TARGET$ -j DROP",
    [],
  ],
  [
    "iptables -I INPUT -s $TARGET$ -j LOG --log-prefix 'a; b' 2>/dev/null;",
    "iptables -D INPUT -s $TARGET$ -j LOG --log-prefix 'a; b'",
    [],
  ],
] as const;

describe("partsWithoutInverse", () => {
  it.each(PARTLY)("takes of %s the known part back, and names the rest", (line, undo, rest) => {
    expect(inverseCommand(line)).toBe(undo);
    expect(partsWithoutInverse(line)).toEqual(rest);
  });

  it("names the whole of a line that cannot be split", () => {
    expect(partsWithoutInverse("mail 'root")).toEqual(["mail 'root"]);
  });
});

describe("inverseCommand", () => {
  it.each(KNOWN)("%s -> %s", (command, inverse) => {
    expect(inverseCommand(command)).toBe(inverse);
  });

  it.each(UNKNOWN)("knows no inverse of %s", (command) => {
    expect(inverseCommand(command)).toBeUndefined();
  });

  it("is the same before and after expansion", () => {
    const target = prefix("192.0.2.7");
    const expand = (template: string): string => {
      const values = { target, port: 22, mode: "tcp" } as const;
      const expansion = expandTemplate("KILL_RUN_CMD", template, values);
      return expansion.status === "expanded" ? expansion.text : expansion.reason;
    };
    fc.assert(
      fc.property(fc.constantFrom(...KNOWN), ([command, inverse]) => {
        const undos = shapesOf(expand(command), "192.0.2.7")?.map(({ undo }) => undo);
        expect(undos?.reverse().join("; ")).toBe(expand(inverse));
      }),
    );
  });
});

describe("shapesOf", () => {
  it.each([
    {
      line: "/sbin/iptables -t raw -I PREROUTING 2 -s 192.0.2.7 -j DROP",
      check: {
        kind: "command",
        text: "/sbin/iptables -t raw -C PREROUTING -s 192.0.2.7 -j DROP",
        listing: "/sbin/iptables -t raw -S PREROUTING",
      },
    },
    {
      line: "nft add element inet f bad { 192.0.2.7 }",
      check: { kind: "command", text: "nft get element inet f bad { 192.0.2.7 }" },
    },
    {
      line: "ipset add bad 192.0.2.7 timeout 60",
      check: { kind: "command", text: "ipset test bad 192.0.2.7" },
    },
    {
      line: "route add -host 192.0.2.7 reject",
      check: { kind: "route", destination: "192.0.2.7", target: { kind: "reject" } },
    },
    {
      line: "route add -host 192.0.2.7 gw 198.51.100.1",
      check: {
        kind: "route",
        destination: "192.0.2.7",
        target: { kind: "gateway", gateway: "198.51.100.1" },
      },
    },
    {
      line: "ip route add unreachable 2001:db8::7",
      check: { kind: "route", destination: "2001:db8::7", target: { kind: "reject" } },
    },
    {
      line: "ip route add blackhole 192.0.2.7",
      check: { kind: "route", destination: "192.0.2.7", target: { kind: "blackhole" } },
    },
    {
      line: "ip route add 192.0.2.7 dev lo",
      check: { kind: "route", destination: "192.0.2.7", target: { kind: "device", device: "lo" } },
    },
  ])("$line can be looked up", ({ line, check }) => {
    expect(
      shapesOf(line, line.includes(":db8") ? "2001:db8::7" : "192.0.2.7")?.map(
        (shape) => shape.check,
      ),
    ).toMatchObject([check]);
  });

  it.each([
    "ip route add blackhole 192.0.2.7 table 7",
    "ip -n other route add blackhole 192.0.2.7",
    "ip rule add from 192.0.2.7 blackhole",
    "route add 192.0.2.7 gw 198.51.100.1",
    "ipchains -I input -s 192.0.2.7 -j DENY",
  ])("%s cannot be looked up", (line) => {
    expect(shapesOf(line, "192.0.2.7")).toMatchObject([{ check: undefined }]);
  });
});
