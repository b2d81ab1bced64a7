/**
 * The table's text, exactly: docs/table.nft is what the defaults give, and is read by people. A
 * change of a rule shows there, in the diff, beside the reason that stands above it;
 * scripts/describe-table.ts writes it.
 */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { loadConfigurationTexts } from "../../src/config/load.ts";
import { DEFAULT_EPHEMERAL, planTable } from "../../src/daemon/table-plan.ts";
import { buildStopped, buildTable } from "../../src/kernel/table.ts";
import { PortSet, parsePortSet } from "../../src/net/port-range.ts";

function ports(text: string): PortSet {
  const parsed = parsePortSet(text);
  if (parsed.status === "invalid") throw new Error(parsed.faults.join());
  return parsed.ports;
}

const DEFAULTS = planTable(loadConfigurationTexts({}), false, DEFAULT_EPHEMERAL);

/** The chains of SENSE_OTHER. */
const OTHER = ["other", "other4", "asks4", "other6", "asks6", "report_other", "speaks"];

const REFUSED_AS_CLOSED = 'meta l4proto tcp counter name "refused" reject with tcp reset';

/** The rules of one chain of the text, comments left out. */
function rulesOf(text: string, chain: string): string[] {
  const body = new RegExp(`^  chain ${chain} \\{\\n([^}]*(?:\\{[^}]*\\}[^}]*)*)^  \\}`, "m").exec(
    text,
  );
  return (body?.[1] ?? "")
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"));
}

/** What ports that look open need; test/kernel/table-phantom.test.ts has their rules. */
const PHANTOM_CHAINS = [
  ...["lure", "lure_hold", "said", "heard"],
  ...["bait6", "bait", "bait_flow", "heard_bait", "talk"],
];

describe("buildTable", () => {
  it("gives docs/table.nft for the defaults, to the letter", () => {
    expect(buildTable(DEFAULTS)).toBe(readFileSync("docs/table.nft", "utf8"));
  });

  it("has no verdict map, which is empty for packets on their way when it is replaced", () => {
    const everything = { ...DEFAULTS, sensesAck: true, sensesOther: true, phantom: "all" } as const;
    for (const options of [DEFAULTS, everything]) expect(buildTable(options)).not.toMatch(/map/);
  });

  it("looks at a running connection's segments with one rule and nothing before it", () => {
    for (const [challengeRate, bits] of [
      [0, "syn|ack"],
      // A reset with ACK may be an answer, and goes on.
      [1000, "syn|rst|ack"],
    ]) {
      const [first] = rulesOf(
        buildTable({ ...DEFAULTS, challengeRate: challengeRate as number }),
        "sense",
      );
      expect(first).toBe(`tcp flags & (${bits}) == ack accept`);
    }
  });

  it("never asks connection tracking, which would switch it on for the whole machine", () => {
    expect(buildTable(DEFAULTS)).not.toMatch(/\bct /);
  });

  it("adds to the held set and never updates it, so that no packet renews a hold", () => {
    const text = buildTable(DEFAULTS);
    expect(text).toMatch(/add @held4 /);
    expect(text).not.toMatch(/update @held/);
  });

  it("gives no hold that no budget counts", () => {
    for (const [chain, key] of [
      ["hold4", "ip saddr"],
      ["hold6", "ip6 saddr & ffff:ffff:ffff:ffff::"],
      ["hold6_single", "ip6 saddr"],
    ] as const) {
      const rules = rulesOf(buildTable(DEFAULTS), chain);
      const budget = rules.findIndex((rule) => rule.startsWith("update @budget"));
      const version = chain.charAt(4);
      expect(rules[budget + 1]).toBe(`${key} != @budget${version} counter name "full" goto report`);
      expect(rules[budget + 2]).toMatch(/^add @held/);
    }
  });

  it("keeps a known port longer than the suspicion, and renews both together", () => {
    for (const chain of ["first4", "first4_mail", "first4_smb"]) {
      const [again = ""] = rulesOf(buildTable(DEFAULTS), chain);
      expect(again).toMatch(/^(.*) @seen4 update @seen4 \{ \1 timeout 61s \} update @suspect4 /);
      expect(again).toMatch(/timeout 60s \} goto report$/);
    }
  });

  it.each([
    {
      bits: 64,
      gone: [
        "listed",
        "ack_in",
        "watch",
        "knock",
        "report_drop",
        "served",
        ...OTHER,
        ...PHANTOM_CHAINS,
      ],
    },
    {
      bits: 128,
      gone: [
        ...["listed", "ack_in"],
        ...["judge6_single", "first6_single", "first6_single_mail", "first6_single_smb"],
        ...["hold6_single", "caught6_single", "watch", "knock", "report_drop", "served"],
        ...OTHER,
        ...PHANTOM_CHAINS,
      ],
    },
  ])("deletes the chains that $bits bits and no watching do not need", ({ bits, gone }) => {
    const text = buildTable({ ...DEFAULTS, ipv6PrefixBits: bits });
    const commands = (command: string) =>
      [...text.matchAll(new RegExp(`^${command} chain inet vedette (\\w+)$`, "gm"))].map(
        (m) => m[1],
      );
    expect(commands("delete")).toEqual(gone);
    // Deleting fails where they do not stand, or still name one another.
    expect(commands("add").slice(-gone.length)).toEqual(gone);
    expect(commands("flush").slice(-gone.length)).toEqual(gone);
  });

  it("deletes no chain when every one is needed", () => {
    const onlyWatched = { tcp: true, udp: false };
    const told = { tcp: ports("80"), udp: new PortSet() };
    const listed = [{ name: "listed4_32_1", family: 4, bits: 32, size: 1 }] as const;
    const all = { sensesAck: true, sensesOther: true, logsDrops: true, listed };
    const more = { ...all, told, phantom: "all" as const };
    const text = buildTable({ ...DEFAULTS, onlyWatched, ...more });
    expect(text).not.toMatch(/^delete /m);
  });

  it("names every chain that a rule goes to", () => {
    for (const options of [
      DEFAULTS,
      { ...DEFAULTS, holdAfter: "off" as const },
      { ...DEFAULTS, holdAfter: 1 as const },
      { ...DEFAULTS, ipv6PrefixBits: 128 },
      { ...DEFAULTS, onlyWatched: { tcp: true, udp: false } },
      { ...DEFAULTS, sensesAck: true },
      { ...DEFAULTS, sensesOther: true },
      { ...DEFAULTS, sensesLoopback: true },
      { ...DEFAULTS, told: { tcp: ports("80"), udp: ports("53") } },
      { ...DEFAULTS, logsDrops: true },
      { ...DEFAULTS, challengeRate: 0 },
      { ...DEFAULTS, phantom: "traps" as const },
      { ...DEFAULTS, phantom: "all" as const, challengeRate: 0 },
      { ...DEFAULTS, phantom: "all" as const, ipv6PrefixBits: 128, logsDrops: true },
      { ...DEFAULTS, phantom: "all" as const, holdAfter: "off" as const, sensesAck: true },
      { ...DEFAULTS, phantom: "all" as const, holdAfter: 1 as const },
    ]) {
      const text = buildTable(options);
      const named = [...text.matchAll(/\b(?:goto|jump) (\w+)/g)].map((match) => match[1]);
      const made = new Set([...text.matchAll(/^add chain inet vedette (\w+)/gm)].map((m) => m[1]));
      expect(named.filter((name) => !made.has(name))).toEqual([]);
    }
  });

  it.each([
    { bits: 48, mask: "ffff:ffff:ffff::" },
    { bits: 56, mask: "ffff:ffff:ffff:ff00::" },
    { bits: 64, mask: "ffff:ffff:ffff:ffff::" },
    { bits: 127, mask: "ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe" },
  ])("keys IPv6 sources on their first $bits bits", ({ bits, mask }) => {
    const text = buildTable({ ...DEFAULTS, ipv6PrefixBits: bits });
    expect(rulesOf(text, "hold6")[1]).toBe(`ip6 saddr & ${mask} @held6 goto report`);
  });

  it("keys IPv6 sources on the whole address with 128 bits, and needs no exceptions then", () => {
    const text = buildTable({ ...DEFAULTS, ipv6PrefixBits: 128 });
    expect(rulesOf(text, "gate6")).toEqual([
      "ip6 saddr @banned6 goto shut",
      "ip6 saddr @bannet6 goto shut",
    ]);
    expect(text).not.toContain("chain judge6_single");
  });

  it("holds nobody and refuses nobody when holding is off", () => {
    const text = buildTable({ ...DEFAULTS, holdAfter: "off" });
    expect(text).not.toMatch(/add @held/);
    expect(rulesOf(text, "published")).toEqual([]);
    expect(rulesOf(text, "door").join()).not.toContain("refuse");
  });

  it("holds at the first port when it is asked to", () => {
    expect(rulesOf(buildTable({ ...DEFAULTS, holdAfter: 1 }), "judge4")).toEqual(["goto hold4"]);
  });

  it("only tells of the transport that is only watched", () => {
    const text = buildTable({ ...DEFAULTS, onlyWatched: { tcp: false, udp: true } });
    expect(rulesOf(text, "probe4")).toContain("meta l4proto udp goto watch");
    expect(rulesOf(text, "probe4")).not.toContain("meta l4proto tcp goto watch");
    expect(rulesOf(text, "watch").every((rule) => rule.endsWith("accept"))).toBe(true);
  });

  it("asks for the socket first where segments with ACK are sensed", () => {
    const text = buildTable({ ...DEFAULTS, sensesAck: true });
    expect(rulesOf(text, "sense")[0]).toBe("tcp flags & (syn|rst|ack) == ack goto ack_in");
    expect(rulesOf(text, "ack_in")).toEqual([
      "socket transparent <= 1 accept",
      "tcp flags & rst == rst accept",
      "tcp flags & (psh|urg) == psh accept",
      "tcp dport 32768-60999 accept",
      "jump probe",
    ]);
  });

  it("tells of segments with ACK after grace and trust, and before anybody is suspected", () => {
    const text = buildTable({ ...DEFAULTS, sensesAck: true });
    expect(rulesOf(text, "probe4")).toEqual([
      "meta l4proto . ip daddr . th dport @served4 accept",
      'ip saddr @trusted4 counter name "trusted" accept',
      "tcp flags & (syn|ack) == ack goto watch",
      "goto judge4",
    ]);
    expect(rulesOf(text, "probe6").slice(-4)).toEqual([
      'ip6 saddr @trusted6 counter name "trusted" accept',
      "tcp flags & (syn|ack) == ack goto watch",
      "ip6 saddr @single6 goto judge6_single",
      "goto judge6",
    ]);
  });

  it("looks at the loopback when it is asked to, and tells without asking for trust", () => {
    const text = buildTable({ ...DEFAULTS, sensesLoopback: true });
    expect(rulesOf(text, "syn_in").slice(0, 2)).toEqual([
      // Before the door, which would make the port look served from outside.
      "iif lo socket transparent <= 1 accept",
      "socket transparent <= 1 goto door",
    ]);
    expect(rulesOf(text, "probe")).not.toContain("iif lo accept");
    for (const version of [4, 6]) {
      const rules = rulesOf(text, `probe${version}`);
      const own = rules.indexOf("iif lo goto watch");
      expect(rules[own - 1]).toContain(`@served${version} accept`);
      expect(rules[own + 1]).toContain(`@trusted${version} `);
    }
    expect(rulesOf(buildTable(DEFAULTS), "probe")).toContain("iif lo accept");
  });

  it.each([
    { tcp: "80", udp: "", unlisted: ["tcp dport != { 80 } return", "meta l4proto udp return"] },
    { tcp: "", udp: "53", unlisted: ["meta l4proto tcp return", "udp dport != { 53 } return"] },
  ])("tells of listed ports that a service has, and does nothing else: $tcp $udp", (given) => {
    const told = { tcp: ports(given.tcp), udp: ports(given.udp) };
    const text = buildTable({ ...DEFAULTS, told, interfaces: ["eth0"] });
    const jump = "socket transparent <= 1 jump served";

    expect(rulesOf(text, "syn_in").indexOf(jump)).toBe(given.tcp === "" ? -1 : 0);
    expect(rulesOf(text, "tcp_in").indexOf(jump)).toBe(given.tcp === "" ? -1 : 4);
    expect(rulesOf(text, "sense").indexOf(`meta l4proto udp ${jump}`)).toBe(
      given.udp === "" ? -1 : 2,
    );
    const rules = rulesOf(text, "served");
    expect(rules.every((rule) => rule.endsWith(" return"))).toBe(true);
    expect(rules.slice(0, 3)).toEqual([
      "iif lo return",
      'iifname != { "eth0" } return',
      "frag frag-off > 0 return",
    ]);
    expect(rules).toEqual(expect.arrayContaining(given.unlisted));
    expect(rules.at(-2)).toMatch(/^limit rate 50000\/second .* log prefix "probe" .* return$/);
  });

  it("tells of services on the loopback, too, when that is watched", () => {
    const told = { tcp: ports("80"), udp: new PortSet() };
    const rules = rulesOf(buildTable({ ...DEFAULTS, told, sensesLoopback: true }), "served");
    expect(rules).not.toContain("iif lo return");
    expect(rules).toContain('iif != lo ip saddr @trusted4 counter name "trusted" return');
  });

  it("asks for no ban when it enforces none", () => {
    expect(rulesOf(buildTable({ ...DEFAULTS, enforcesBans: false }), "gate")).toEqual([]);
  });

  it.each([
    { answer: "drop" as const, rules: ["drop"] },
    { answer: "pass" as const, rules: ["accept"] },
    { answer: "reject" as const, rules: ["meta l4proto tcp reject with tcp reset", "reject"] },
  ])("answers probes with $answer", ({ answer, rules }) => {
    expect(rulesOf(buildTable({ ...DEFAULTS, answer }), "answer")).toEqual(rules);
  });

  it.each([
    { answer: "drop" as const, tcp: false, last: 'counter name "refused" drop' },
    { answer: "drop" as const, tcp: true, last: REFUSED_AS_CLOSED },
    { answer: "pass" as const, tcp: false, last: REFUSED_AS_CLOSED },
    { answer: "reject" as const, tcp: false, last: REFUSED_AS_CLOSED },
  ])("refuses a held source as closed ports do: $answer, TCP only watched: $tcp", (given) => {
    const onlyWatched = { tcp: given.tcp, udp: false };
    const text = buildTable({ ...DEFAULTS, answer: given.answer, onlyWatched });
    expect(rulesOf(text, "refuse").at(-1)).toBe(given.last);
  });

  it("asks what blocklists name after the bans, by each length, and drops what is not trusted", () => {
    const listed = [
      { name: "listed4_24_1", family: 4, bits: 24, size: 10 },
      { name: "listed4_32_1", family: 4, bits: 32, size: 20 },
      { name: "listed6_29_1", family: 6, bits: 29, size: 30 },
      { name: "listed6_128_1", family: 6, bits: 128, size: 40 },
    ] as const;
    const text = buildTable({ ...DEFAULTS, listed });
    expect(text).toContain("add set inet vedette listed4_24_1 { type ipv4_addr; size 10; }");
    expect(text).toContain("add set inet vedette listed6_29_1 { type ipv6_addr; size 30; }");
    expect(rulesOf(text, "gate").slice(-3)).toEqual([
      "ip saddr @bannet4 goto shut",
      "ip saddr & 255.255.255.0 @listed4_24_1 goto listed",
      "ip saddr @listed4_32_1 goto listed",
    ]);
    expect(rulesOf(text, "gate6").slice(-3)).toEqual([
      "ip6 saddr @bannet6 goto shut",
      "ip6 saddr & ffff:fff8:: @listed6_29_1 goto listed",
      "ip6 saddr @listed6_128_1 goto listed",
    ]);
    expect(rulesOf(text, "listed")).toEqual([
      'ip saddr @trusted4 counter name "trusted" accept',
      'ip6 saddr @trusted6 counter name "trusted" accept',
      'counter name "listed" drop',
    ]);
  });

  it("has no set, counter or question of blocklists where nothing is listed, nor while it only watches", () => {
    const about = buildTable(DEFAULTS).split("\n");
    expect(about.filter((line) => /\blisted/.test(line))).toEqual([
      ...["add", "flush", "delete"].map((act) => `${act} chain inet vedette listed`),
    ]);
    const listed = [{ name: "listed4_32_1", family: 4, bits: 32, size: 20 }] as const;
    const watching = buildTable({ ...DEFAULTS, listed, enforcesBans: false });
    expect(rulesOf(watching, "gate")).toEqual([]);
  });

  it("tells of what a ban and a hold drop when it is asked to, in rules before the drop", () => {
    const text = buildTable({ ...DEFAULTS, logsDrops: true });
    for (const chain of ["shut", "refuse"]) {
      const rules = rulesOf(text, chain);
      expect(rules.slice(-2)).toEqual([
        "jump knock",
        expect.stringMatching(/^counter name "\w+" drop$/),
      ]);
      const trusted = rules.indexOf('ip6 saddr @trusted6 counter name "trusted" accept');
      expect(trusted).toBeGreaterThan(-1);
      expect(trusted).toBeLessThan(rules.indexOf("jump knock"));
    }
    const closed = buildTable({ ...DEFAULTS, answer: "reject", logsDrops: true });
    expect(rulesOf(closed, "refuse").slice(-2)).toEqual(["jump knock", REFUSED_AS_CLOSED]);
    const counted = (key: string) =>
      `{ ${key} timeout 60s limit rate 3/minute burst 3 packets } goto report_drop`;
    expect(rulesOf(text, "knock")).toEqual([
      `update @knock4 ${counted("ip saddr")}`,
      `ip6 saddr @single6 update @knock6 ${counted("ip6 saddr")}`,
      `ip6 saddr != @single6 update @knock6 ${counted("ip6 saddr & ffff:ffff:ffff:ffff::")}`,
    ]);
    expect(rulesOf(text, "report_drop")).toEqual([
      'limit rate 10/second burst 30 packets log prefix "drop" group 4242 snaplen 256 queue-threshold 64',
    ]);
    expect(
      rulesOf(buildTable({ ...DEFAULTS, ipv6PrefixBits: 128, logsDrops: true }), "knock"),
    ).toEqual([`update @knock4 ${counted("ip saddr")}`, `update @knock6 ${counted("ip6 saddr")}`]);
  });

  it("tells of no drop, and keeps no set for it, unless it is asked to", () => {
    expect(buildTable(DEFAULTS)).not.toMatch(/jump knock|@knock|set inet vedette knock|"drop"/);
  });

  it("lets nothing out with the mark but untracked questions in its own name, and counts them", () => {
    const text = buildTable({ ...DEFAULTS, challengeRate: 300 });
    expect(rulesOf(text, "sent")).toEqual([
      "meta mark != 0x2d5a0000 accept",
      "fib saddr type != local drop",
      "meta l4proto != tcp drop",
      "ip frag-off & 0x3fff != 0 drop",
      "exthdr frag exists drop",
      "tcp flags & (fin|syn|rst|ack) == syn|ack goto synack",
      "drop",
    ]);
    expect(rulesOf(text, "synack")).toEqual([
      "limit rate over 600/second burst 600 packets drop",
      "update @asked4 { tcp dport . ip daddr . tcp sport . ip saddr timeout 10s }",
      "update @asked6 { tcp dport . ip6 daddr . tcp sport . ip6 saddr timeout 10s }",
      "notrack",
    ]);
  });

  it("tells of one reset a question, banned or not, before anything drops it", () => {
    const text = buildTable(DEFAULTS);
    const flow4 = "tcp sport . ip saddr . tcp dport . ip daddr";
    const flow6 = "tcp sport . ip6 saddr . tcp dport . ip6 daddr";
    const log = 'log prefix "reply" group 4242 snaplen 256 queue-threshold 64';
    expect(rulesOf(text, "reply")).toEqual([
      `${flow4} @asked4 delete @asked4 { ${flow4} } ${log} drop`,
      `${flow6} @asked6 delete @asked6 { ${flow6} } ${log} drop`,
    ]);
    expect(rulesOf(text, "shut").at(-2)).toBe("tcp flags & rst == rst jump reply");
    expect(rulesOf(text, "tcp_in").slice(0, 4)).toEqual([
      "tcp flags & (fin|syn|rst|ack) == syn goto syn_in",
      "tcp flags & (fin|syn|rst|ack) == syn|ack accept",
      "tcp flags & rst == rst jump reply",
      "tcp flags & rst == rst accept",
    ]);
  });

  it("lets nothing out with the mark, and has no set and no rule for it, where nobody is asked", () => {
    const text = buildTable({ ...DEFAULTS, challengeRate: 0 });
    expect(text).not.toMatch(/asked[46]|jump reply/);
    // A guard that has just been told to leave still has sockets that send.
    expect(rulesOf(text, "sent")).toEqual(["meta mark 0x2d5a0000 drop"]);
    for (const name of ["synack", "reply"]) {
      expect(text).toContain(`delete chain inet vedette ${name}\n`);
    }
  });

  it("watches what is listed and lets the rest pass", () => {
    const watched = { tcp: ports("22-23,80"), udp: new PortSet() };
    const rules = rulesOf(buildTable({ ...DEFAULTS, watched }), "probe");
    expect(rules).toContain("tcp dport != { 22-23, 80 } accept");
    expect(rules).toContain("meta l4proto udp accept");
  });

  it("watches the named interfaces alone", () => {
    const rules = rulesOf(buildTable({ ...DEFAULTS, interfaces: ["eth0", "wg0"] }), "probe");
    expect(rules).toContain('iifname != { "eth0", "wg0" } accept');
  });
});

describe("buildTable with what has no port", () => {
  const text = buildTable({ ...DEFAULTS, sensesOther: true });

  it("asks nothing of it by default", () => {
    expect(rulesOf(buildTable(DEFAULTS), "sense").at(-1)).toBe("meta l4proto udp goto udp_in");
    expect(buildTable(DEFAULTS)).not.toMatch(
      /icmp|@spoken|@heard|set inet vedette (?:spoken|heard)/,
    );
  });

  it("looks at it after TCP and UDP have gone, and never at what is sent to several", () => {
    expect(rulesOf(text, "sense").at(-1)).toBe("goto other");
    expect(rulesOf(text, "other")).toEqual([
      "iif lo accept",
      "fib daddr type != local accept",
      "meta nfproto ipv6 goto other6",
      "goto other4",
    ]);
  });

  it("takes requests for probes, and no other ICMP", () => {
    expect(rulesOf(text, "other4")).toEqual([
      "meta l4proto { 2, 46, 88-89, 103, 112, 124 } accept",
      "icmp type { echo-request, timestamp-request, address-mask-request } goto asks4",
      "meta l4proto icmp accept",
      "meta l4proto . ip daddr @spoken4 accept",
      "goto asks4",
    ]);
    expect(rulesOf(text, "other6")).toEqual([
      "frag frag-off > 0 accept",
      "meta l4proto { 2, 46, 88-89, 103, 112, 124 } accept",
      "icmpv6 type echo-request goto asks6",
      "meta l4proto { ipv6-icmp, 59 } accept",
      "meta l4proto . ip6 daddr @spoken6 accept",
      "goto asks6",
    ]);
  });

  it("holds, drops and answers nothing for it", () => {
    for (const chain of OTHER) {
      expect(rulesOf(text, chain).join("\n")).not.toMatch(/goto (?:hold|judge|answer)|drop|reject/);
    }
  });

  it("tells a pair of addresses once a minute, and any when it cannot remember them", () => {
    expect(rulesOf(text, "asks4")).toEqual([
      'ip saddr @trusted4 counter name "trusted" accept',
      "meta l4proto . ip saddr . ip daddr @heard4 accept",
      "add @heard4 { meta l4proto . ip saddr . ip daddr timeout 60s }",
      "goto report_other",
    ]);
  });

  it("gives it a tenth of the log limit, beside that of the ports", () => {
    const [report] = rulesOf(text, "report_other");
    expect(report).toMatch(/^limit rate 5000\/second burst 2000 packets log prefix "probe" /);
    expect(rulesOf(text, "report")).toEqual(rulesOf(buildTable(DEFAULTS), "report"));
  });

  it("remembers for the grace what this machine itself sends, but to itself", () => {
    expect(rulesOf(text, "speaks").slice(-4)).toEqual([
      "meta l4proto { tcp, udp, icmp, ipv6-icmp } accept",
      "oif lo accept",
      "update @spoken4 { meta l4proto . ip saddr timeout 600s }",
      "update @spoken6 { meta l4proto . ip6 saddr timeout 600s }",
    ]);
  });

  it("tells what this machine sends to itself only where that is wanted", () => {
    const own = buildTable({ ...DEFAULTS, sensesOther: true, sensesLoopback: true });
    expect(rulesOf(own, "other")).not.toContain("iif lo accept");
    expect(rulesOf(own, "asks6")[0]).toBe("iif lo goto report_other");
  });

  it("looks where something is watched, and leaves nothing out that it need not", () => {
    const options = { sensesOther: true, interfaces: ["eth0"], excludedProtocols: new PortSet() };
    const narrow = buildTable({ ...DEFAULTS, ...options });
    expect(rulesOf(narrow, "other")).toContain('iifname != { "eth0" } accept');
    expect(rulesOf(narrow, "other4")[0]).toMatch(/^icmp type/);
  });
});

describe("buildStopped", () => {
  it("leaves the gate and the ban sets, and ends sensing, holds and suspicion", () => {
    const text = buildStopped(DEFAULTS);
    expect(text).toContain("flush chain inet vedette sense");
    expect(text).toContain("flush chain inet vedette published");
    expect(text).not.toMatch(/gate|banned|bannet|trusted|knock/);
  });

  it("tells of no drop any more where it did", () => {
    const text = buildStopped({ ...DEFAULTS, logsDrops: true });
    expect(text).toContain("flush chain inet vedette knock\n");
  });

  it("asks no packet that leaves any more what protocol it is", () => {
    const flush = "flush chain inet vedette speaks\n";
    expect(buildStopped({ ...DEFAULTS, sensesOther: true })).toContain(flush);
    expect(buildStopped(DEFAULTS)).not.toContain(flush);
  });

  it("tells of no answer any more where somebody was asked", () => {
    const text = buildStopped({ ...DEFAULTS, challengeRate: 1 });
    expect(text).toContain("flush chain inet vedette sent\nflush chain inet vedette reply\n");
    expect(buildStopped({ ...DEFAULTS, challengeRate: 0 })).not.toContain("reply");
  });

  it.each([0, 1])("lets nothing out with the mark any more, with CHALLENGE_RATE %d", (rate) => {
    const lines = buildStopped({ ...DEFAULTS, challengeRate: rate }).split("\n");
    const flushed = lines.indexOf("flush chain inet vedette sent");
    const added = lines.indexOf("add rule inet vedette sent meta mark 0x2d5a0000 drop");
    expect(flushed).toBeGreaterThanOrEqual(0);
    expect(added).toBeGreaterThan(flushed);
  });
});
