/** The rules of ports that look open, exactly: a SYN, what its sender says, a held source. */
import { describe, expect, it } from "vitest";
import { loadConfigurationTexts } from "../../src/config/load.ts";
import { DEFAULT_EPHEMERAL, planTable } from "../../src/daemon/table-plan.ts";
import { buildStopped, buildTable } from "../../src/kernel/table.ts";
import type { TableOptions } from "../../src/kernel/table-options.ts";
import { PortSet } from "../../src/net/port-range.ts";

const DEFAULTS = planTable(loadConfigurationTexts({}), false, DEFAULT_EPHEMERAL);
const IS_SYN = "tcp flags & (fin|syn|rst|ack) == syn";
const [IN4, IN6] = [
  "tcp sport . ip saddr . tcp dport . ip daddr",
  "tcp sport . ip6 saddr . tcp dport . ip6 daddr",
];
const [OUT4, OUT6] = [
  "tcp dport . ip daddr . tcp sport . ip saddr",
  "tcp dport . ip6 daddr . tcp sport . ip6 saddr",
];
/** Promptly, or a batch at once. */
const [AT_ONCE, LOG] = [1, 64].map(
  (packets) => `group 4242 snaplen 256 queue-threshold ${packets} drop`,
);

/** The rules of each chain, comments left out. */
function chainsOf(options: Partial<TableOptions>): Map<string, string[]> {
  const text = buildTable({ ...DEFAULTS, ...options });
  const bodies = text.matchAll(/^ {2}chain (\w+) \{\n((?: {4}.*\n)*)/gm);
  return new Map(
    [...bodies].map(([, name = "", body = ""]) => [
      name,
      body
        .split("\n")
        .map((line) => line.trim())
        .filter((line) => line !== "" && !line.startsWith("#")),
    ]),
  );
}

describe("a table with ports that look open", () => {
  it.each([
    { phantom: "all" as const, match: "" },
    { phantom: "traps" as const, match: "tcp dport @traps " },
  ])("$phantom: has SYNs told to be answered, and nothing else answered there", (given) => {
    const { phantom, match } = given;
    const chains = chainsOf({ phantom, answer: "reject" });
    expect(chains.get("report")?.[0]).toBe(`${IS_SYN} ${match}goto lure`);
    expect(chains.get("report_hold")?.[0]).toBe(`${IS_SYN} ${match}goto lure_hold`);
    expect(chains.get("answer")?.[0]).toBe(`meta l4proto tcp ${match}drop`);
    const limit = "limit rate 10000/second burst 10000 packets";
    expect(chains.get("lure")).toEqual([
      `meta nfproto ipv4 ${limit} update @phantom4 { ${IN4} timeout 10s }`,
      `meta nfproto ipv6 ${limit} update @phantom6 { ${IN6} timeout 10s }`,
      `limit rate 2000/second burst 2000 packets log prefix "open" ${AT_ONCE}`,
      `limit rate 50000/second burst 20000 packets log prefix "open" ${LOG}`,
      'counter name "unlogged" drop',
    ]);
    expect(chains.get("lure_hold")?.at(-2)).toMatch(/^limit rate 20000\/second .* "trap" /);
  });

  it("asks of segments with ACK whether they are the guard's, before they leave", () => {
    const chains = chainsOf({ phantom: "all" });
    expect(chains.get("sense")?.[0]).toBe("tcp flags & (syn|rst|ack) == ack goto said");
    expect(chains.get("said")).toEqual([
      `${IN4} @phantom4 goto heard`,
      `${IN6} @phantom6 goto heard`,
      "accept",
    ]);
    expect(chainsOf({ phantom: "all", sensesAck: true }).get("said")?.at(-1)).toBe("goto ack_in");
  });

  it("leaves to the stack what has a socket of its own, and every reset", () => {
    const [told, beyond] = [
      `limit rate 1000/second burst 5000 packets log prefix "reply" ${AT_ONCE}`,
      "counter drop",
    ];
    const heard = [
      "tcp flags & rst == rst accept",
      "socket transparent <= 1 accept",
      `update @phantom4 { ${IN4} timeout 150s }`,
      `update @phantom6 { ${IN6} timeout 150s }`,
      told,
      beyond,
    ];
    expect(chainsOf({ phantom: "traps" }).get("heard")).toEqual(heard);
    const [reset = "", ...rest] = heard;
    expect(chainsOf({ phantom: "all" }).get("heard")).toEqual([
      reset,
      "socket wildcard 1 goto heard_bait",
      ...rest,
    ]);
  });

  it("has a held source's SYN to a service answered where every port looks open, and only there", () => {
    const all = chainsOf({ phantom: "all" });
    expect(all.get("door")?.slice(0, 3)).toEqual([
      "ip saddr @held4 goto bait",
      "ip6 saddr @held6 goto bait",
      "ip6 saddr & ffff:ffff:ffff:ffff:: @held6 goto bait6",
    ]);
    expect(all.get("bait")).toEqual([
      'ip saddr @trusted4 counter name "trusted" accept',
      'ip6 saddr @trusted6 counter name "trusted" accept',
      'counter name "refused"',
      "socket wildcard 1 goto bait_flow",
      `limit rate 1000/second burst 5000 packets log prefix "bait" ${AT_ONCE}`,
      "counter drop",
    ]);
    // What DNAT publishes is not this machine's to answer, and sockets are not asked there.
    expect(all.get("published")?.slice(2, 4)).toEqual([
      "ip saddr @held4 goto refuse",
      "ip6 saddr @held6 goto refuse",
    ]);
    for (const options of [{ phantom: "traps" }, { phantom: "all", holdAfter: "off" }] as const) {
      expect([...chainsOf(options).keys()].filter((name) => name.includes("bait"))).toEqual([]);
    }
  });

  it("lets out segments of every kind to those who came, and to others SYN+ACKs alone", () => {
    const chains = chainsOf({ phantom: "all", challengeRate: 0, phantomRate: 100 });
    expect(chains.get("sent")).toEqual([
      "meta mark != 0x2d5a0000 accept",
      "fib saddr type != local drop",
      "meta l4proto != tcp drop",
      "ip frag-off & 0x3fff != 0 drop",
      "exthdr frag exists drop",
      `${OUT4} @phantom4 goto talk`,
      `${OUT6} @phantom6 goto talk`,
      "tcp flags & (fin|syn|rst|ack) == syn|ack goto synack",
      "drop",
    ]);
    expect(chains.get("synack")).toEqual([
      "limit rate over 200/second burst 200 packets drop",
      "notrack",
    ]);
    expect(chainsOf({ phantom: "all", phantomRate: 100 }).get("talk")).toEqual([
      "limit rate over 4200/second burst 4200 packets drop",
      "notrack",
    ]);
  });

  it.each([{ phantom: "off" as const }, { phantom: "traps" as const, trapPorts: new PortSet() }])(
    "is as it was where none does: %o",
    (options) => {
      const text = buildTable({ ...DEFAULTS, ...options });
      expect(text).not.toMatch(/add set inet vedette phantom|@phantom|goto (?:lure|said|bait)/);
    },
  );

  it("answers nothing any more once the guard has stopped", () => {
    const text = buildStopped({ ...DEFAULTS, phantom: "all", challengeRate: 0 });
    expect(text).toContain("flush chain inet vedette sense\n");
    expect(text).toContain("flush chain inet vedette sent\n");
  });
});
