import { describe, expect, it } from "vitest";
import {
  dropsEverything,
  dropsSomething,
  foreignChains,
  parseRuleset,
  publishedPorts,
  rulesFrom,
} from "../../../src/daemon/doctor/ruleset.ts";

/** nft -n -s -t list ruleset, of nft 1.0.6. */
const LISTING = `table inet filter {
	set blocked {
		type ipv4_addr
		flags timeout
	}

	chain output {
		type filter hook output priority 0; policy drop;
		ct state 0x2,0x4 accept
		tcp dport vmap { 25 : jump mail, 80 : accept }
		jump more
	}

	chain more {
		counter drop comment "a { brace"
		goto output
	}

	chain mail {
		accept
	}

	chain aside {
		reject
	}
}
table ip nat {
	flowtable fast {
		hook ingress priority 0
	}

	chain DOCKER {
		type nat hook prerouting priority -100; policy accept;
		iifname != "docker0" tcp dport 8080 counter dnat to 172.17.0.2:80
		tcp dport { 81, 90-92 } dnat to 172.17.0.2
		tcp dport 22 accept
	}
}
table netdev early {
	chain in {
		type filter hook ingress device "eth0" priority -500; policy accept;
		drop
	}
}
table inet vedette {
	chain gate {
		type filter hook prerouting priority -300; policy accept;
	}
}
`;

describe("parseRuleset", () => {
  const ruleset = parseRuleset(LISTING);

  it("finds every chain with its hook, priority and policy, and sets are none", () => {
    expect(ruleset.chains.map(({ table, name, base }) => [table, name, base])).toEqual([
      ["inet filter", "output", { hook: "output", priority: 0, drops: true }],
      ["inet filter", "more", undefined],
      ["inet filter", "mail", undefined],
      ["inet filter", "aside", undefined],
      ["ip nat", "DOCKER", { hook: "prerouting", priority: -100, drops: false }],
      ["netdev early", "in", { hook: "ingress", priority: -500, drops: false }],
      ["inet vedette", "gate", { hook: "prerouting", priority: -300, drops: false }],
    ]);
  });

  it("finds tables with flowtables", () => {
    expect(ruleset.offloading).toEqual(["ip nat"]);
  });

  it("finds nothing in an empty listing", () => {
    expect(parseRuleset("")).toEqual({ chains: [], offloading: [] });
  });

  it("follows jumps, also from maps and in circles, and nothing that nobody jumps to", () => {
    const [output] = ruleset.chains;
    if (output === undefined) throw new Error("there is no chain");
    expect(rulesFrom(output, ruleset).sort()).toEqual([
      "accept",
      'counter drop comment "a { brace"',
      "ct state 0x2,0x4 accept",
      "goto output",
      "jump more",
      "tcp dport vmap { 25 : jump mail, 80 : accept }",
    ]);
  });

  it("leaves our own chains out of those of others", () => {
    const names = foreignChains(ruleset, ["prerouting", "ingress"]).map(({ name }) => name);
    expect(names).toEqual(["DOCKER", "in"]);
  });

  it("finds the ports that are sent elsewhere", () => {
    expect(publishedPorts(ruleset)).toEqual([81, 90, 91, 92, 8080]);
  });
});

describe("dropsSomething and dropsEverything", () => {
  it.each([
    { rule: "drop", something: true, everything: true },
    { rule: "counter drop", something: true, everything: true },
    { rule: 'log prefix "in: " level 4 counter drop', something: true, everything: true },
    { rule: 'log prefix "drop "', something: false, everything: false },
    { rule: "limit rate 5/second drop", something: true, everything: false },
    { rule: "reject with icmpx 1", something: true, everything: true },
    { rule: "ip saddr @blocked drop", something: true, everything: false },
    { rule: "meta l4proto 6 reject with tcp reset", something: true, everything: false },
    { rule: 'accept comment "or drop"', something: false, everything: false },
    { rule: "ip saddr @drop accept", something: false, everything: false },
  ])("of $rule", ({ rule, something, everything }) => {
    expect(dropsSomething(rule)).toBe(something);
    expect(dropsEverything(rule)).toBe(everything);
  });
});
